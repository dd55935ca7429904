from datetime import UTC, datetime, timedelta
from typing import Any

from xinglin.ledger.actions import NewTouch, record
from xinglin.ledger.models import Touch
from xinglin.ledger.tests.kinds import VisitEnded

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


def new_touch(number: int = 1, **values: Any) -> NewTouch:
    """A touch of the test kind, not recorded yet."""
    defaults: dict[str, Any] = {
        "props": VisitEnded(visit=f"v{number}", department="endocrinology"),
        "organization_id": 1,
        "at": NOON - timedelta(days=number),
        "patient_id": number,
        "channel": "walk_in",
    }
    return NewTouch(**{**defaults, **values})


def make_touch(number: int = 1, **values: Any) -> Touch:
    record(new_touch(number, **values), now=NOON)
    touch: Touch = Touch.objects.latest("seq")
    return touch
