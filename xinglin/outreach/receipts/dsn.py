"""Bounces of mail: delivery status notifications (RFC 3464) as what they tell of our messages.

Anybody can write to the address that bounces go to, so a report counts only with the name under which the
message left: ``m<id>.<tag>``, whose tag nobody can make. It stands in the envelope sender (VERP), which the
report is addressed to, and in the Message-ID of what came back.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from email.errors import MessageError
from email.message import Message
from email.parser import BytesParser
from email.policy import compat32

from xinglin.core.masking import without_addresses
from xinglin.outreach.receipts.told import Delivery, Malformed, Told

#: Reports stand at the beginning; what came back may be long, and nobody needs it.
MOST = 262_144
MOST_PARTS, MOST_LINES = 40, 20_000
_KEY = re.compile(r"\bm\d{1,18}\.[0-9a-f]{16}\b")
#: Headers with the address that the report came to.
_CAME_TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To")
#: RFC 3463: the mailbox is not there, has moved, was switched off, or its domain takes no mail (RFC 7505).
_GONE = re.compile(r"5\.(?:1\.(?:0|1|2|3|6|10)|2\.1)")


def read_report(data: bytes, *, now: datetime) -> Told:
    """What a mail says about ours: nothing when it is no report or names no message of ours.

    Raises Malformed for what no mail server writes.
    """
    data = data[:MOST]
    if data.count(b"\n") > MOST_LINES:
        raise Malformed("too many lines")
    try:
        mail = BytesParser(policy=compat32).parsebytes(data)
        parts = list(_parts(mail))
        keys = _keys(mail, parts)
        fields = [block for part in parts for block in _blocks(part)]
    except (MessageError, RecursionError, LookupError, ValueError, TypeError) as error:
        raise Malformed("not a mail") from error
    is_report = mail.get_content_type() == "multipart/report" and len(keys) == 1
    found = [one for block in fields if (one := _delivery(block, keys, now))] if is_report else []
    return Told(deliveries=tuple(found[:1]))


def _parts(mail: Message) -> Iterator[Message]:
    """The mail and what is in it, as far as a report goes."""
    for number, part in enumerate(mail.walk()):
        if number >= MOST_PARTS:
            raise Malformed("too many parts")
        yield part


def _keys(mail: Message, parts: list[Message]) -> set[str]:
    """The names that the report came to or speaks of; exactly one in an honest report."""
    came_to = " ".join(str(value) for name in _CAME_TO for value in mail.get_all(name, [])[:5])
    returned = [came_to, *(str(part.get("Message-ID", "")) for part in parts[1:])]
    for part in parts:
        if part.get_content_type() == "text/rfc822-headers":
            text = part.get_payload()
            returned += re.findall(
                r"(?im)^message-id:([^\r\n]{1,200})", text if isinstance(text, str) else ""
            )
    return set(_KEY.findall(" ".join(returned)))


def _blocks(part: Message) -> list[Message]:
    if part.get_content_type() != "message/delivery-status":
        return []
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _delivery(block: Message, keys: set[str], now: datetime) -> Delivery | None:
    """One recipient's fields; None for those of the whole report, for delays and for mail passed on."""
    action = str(block.get("Action", "")).strip().lower()
    if action not in ("failed", "delivered"):
        return None
    (key,) = keys
    status = re.match(r"\s*([245]\.\d{1,3}\.\d{1,3})", str(block.get("Status", "")))
    code = status[1] if status else ""
    if action == "delivered":
        return Delivery(at=now, is_delivered=True, key=key)
    words = " ".join(str(block.get("Diagnostic-Code", "")).partition(";")[2].split())
    return Delivery(
        at=now,
        is_delivered=False,
        key=key,
        error=f"{code} {without_addresses(words)}".strip()[:200],
        is_bad_address=bool(_GONE.fullmatch(code)),
    )
