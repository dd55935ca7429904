"""Where on the calendar a new text was begun: its address says day, channel and column."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from xinglin.content import queries
from xinglin.content.models import ContentColumn
from xinglin.content.rules.kinds import Channel
from xinglin.core.access import StaffRequest
from xinglin.core.errors import NotFound


@dataclass(frozen=True, slots=True)
class Place:
    """What a text gets along from the place where it was begun."""

    day: date | None = None
    channel: str = ""
    column: ContentColumn | None = None

    @property
    def channel_name(self) -> str:
        """For the page."""
        return str(Channel(self.channel).label) if self.channel else ""

    @property
    def facts(self) -> dict[str, Any]:
        """What ``create_item`` takes of it."""
        found: dict[str, Any] = {}
        if self.day:
            found["planned_on"] = self.day
        if self.channel:
            found["channels"] = [self.channel]
        if self.column:
            found["column_id"] = self.column.pk
        return found


def place_of(request: StaffRequest) -> Place:
    """``day``, ``channel`` and ``column`` of the address; what is none of the hospital's is left out."""
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = None
    try:
        column = queries.get_column(actor=request.actor, public_id=UUID(request.GET.get("column", "")))
    except (ValueError, NotFound):
        column = None
    asked = request.GET.get("channel", "")
    channel = column.channel if column else asked if asked in Channel.values else ""
    return Place(day, channel, column)
