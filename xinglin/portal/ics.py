"""A calendar file for one visit (RFC 5545): folded lines, escaped text, two reminders."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _


def event(appointment: Any, *, hospital: Any, url: str, now: datetime) -> str:
    """The file's text; a cancelled visit cancels its entry."""
    ends_at = appointment.slot.ends_at if appointment.slot else appointment.starts_at + timedelta(minutes=30)
    is_cancelled = appointment.status == "cancelled"
    summary = _("就诊：%(hospital)s %(department)s") % {
        "hospital": hospital.display_name,
        "department": appointment.department.name if appointment.department else "",
    }
    place = appointment.slot.place if appointment.slot else ""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Xinglin//Booking//ZH",
        "CALSCALE:GREGORIAN",
        f"METHOD:{'CANCEL' if is_cancelled else 'PUBLISH'}",
        "BEGIN:VEVENT",
        f"UID:{appointment.public_id}@xinglin",
        f"SEQUENCE:{int(appointment.updated_at.timestamp())}",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(appointment.starts_at)}",
        f"DTEND:{_utc(ends_at)}",
        f"SUMMARY:{_text(summary)}",
        f"LOCATION:{_text(' '.join(part for part in (hospital.address, place) if part))}",
        f"DESCRIPTION:{_text(str(appointment.practitioner or ''))}",
        f"URL:{url}",
        f"STATUS:{'CANCELLED' if is_cancelled else 'CONFIRMED'}",
        *([] if is_cancelled else _alarm("P1D") + _alarm("PT2H")),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{_fold(line)}\r\n" for line in lines)


def _alarm(before: str) -> list[str]:
    return [
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_text(_('就诊提醒'))}",
        f"TRIGGER:-{before}",
        "END:VALARM",
    ]


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace(";", r"\;").replace(",", r"\,")
    return escaped.replace("\r\n", r"\n").replace("\n", r"\n").replace("\r", "")


def _fold(line: str) -> str:
    """At most 75 octets a line, never cutting a character."""
    pieces, piece, size = [], "", 0
    for character in line:
        width = len(character.encode())
        if size + width > 74:
            pieces.append(piece)
            piece, size = "", 1
        piece += character
        size += width
    return "\r\n ".join([*pieces, piece])
