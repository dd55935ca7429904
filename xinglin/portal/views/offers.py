"""A doctor's free slots as a page shows them: days, then the parts of the chosen day."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from xinglin.booking import queries as booking
from xinglin.portal.site import Site


@dataclass(slots=True)
class Part:
    """Morning, afternoon or evening of one day."""

    label: str
    slots: list[Any] = field(default_factory=list)

    @property
    def free_count(self) -> int:
        """Places left."""
        return sum(slot.free_count for slot in self.slots)

    @property
    def is_closed(self) -> bool:
        """Whether the doctor is away for all of it."""
        return not any(slot.is_open for slot in self.slots)

    @property
    def closed_reason(self) -> str:
        """Why, where somebody wrote it."""
        return next((slot.closed_reason for slot in self.slots if slot.closed_reason), "")


@dataclass(slots=True)
class Offer:
    """Seven days of one doctor, the chosen day and the chosen slot."""

    days: list[booking.DayOffer]
    chosen: booking.DayOffer | None
    parts: list[Part]
    slot: Any
    previous_from: date | None
    next_from: date | None

    @property
    def place(self) -> str:
        """Where the patients of the chosen day go."""
        return next((slot.place for slot in (self.chosen.slots if self.chosen else []) if slot.place), "")

    @property
    def minutes(self) -> int:
        """Length of a slot of the chosen day; 0 when there is none."""
        first = self.chosen.slots[0] if self.chosen and self.chosen.slots else None
        return int((first.ends_at - first.starts_at).total_seconds() // 60) if first else 0


def build_offer(site: Site, doctor: Any, *, day: str, slot: str, first: date, days: int) -> Offer:
    """What to show for an address; unknown days and slots fall back to the first free ones."""
    today = site.now.astimezone(site.zone).date()
    offered = booking.list_day_offers(
        organization_id=site.organization.pk,
        practitioner_id=doctor.pk,
        first=first,
        days=days,
        zone=site.zone,
        now=site.now,
    )
    chosen = next((one for one in offered if one.day.isoformat() == day), None)
    chosen = chosen or next((one for one in offered if one.free_count), None)
    in_day = chosen.slots if chosen else []
    picked = next((one for one in in_day if str(one.public_id) == slot and one.free_count), None)
    last_day = today + timedelta(days=booking.DAYS_AHEAD)
    following = first + timedelta(days=days)
    return Offer(
        days=offered,
        chosen=chosen,
        parts=_parts(site, in_day),
        slot=picked,
        previous_from=max(first - timedelta(days=days), today) if first > today else None,
        next_from=following if following <= last_day else None,
    )


def _parts(site: Site, slots: list[Any]) -> list[Part]:
    parts = [Part(_("上午")), Part(_("下午")), Part(_("晚上"))]
    for slot in slots:
        hour = slot.starts_at.astimezone(site.zone).hour
        parts[0 if hour < 12 else 1 if hour < 18 else 2].slots.append(slot)
    return [part for part in parts if part.slots]
