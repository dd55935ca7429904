"""Two audiences beside each other: who is only in one, in both, only in the other."""

from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any

from xinglin.audiences.models import Audience
from xinglin.audiences.queries import answers, asking, lake
from xinglin.audiences.queries.audiences import current_version
from xinglin.audiences.queries.compile import Question


@dataclass(frozen=True, slots=True)
class Overlap:
    """Numbers of people; ``share`` is both out of either, in [0, 1], None when nobody is in either."""

    only_first: int
    both: int
    only_second: int
    seconds: float
    fresh_as_of: datetime | None

    @property
    def share(self) -> float | None:
        either = self.only_first + self.both + self.only_second
        return self.both / either if either else None


def find_overlap(first: Audience, second: Audience, *, now: datetime) -> Overlap:
    """As of now. Raises BadQuestion, or what keeps the lake from answering."""
    start = perf_counter()
    one, other = (_question(audience, now=now) for audience in (first, second))
    both = answers.overlap(one, other)
    sizes = answers.count(one).people, answers.count(other).people
    return Overlap(sizes[0] - both, both, sizes[1] - both, perf_counter() - start, lake.fresh_as_of())


def _question(audience: Audience, *, now: datetime) -> Question:
    moment = asking.as_of_for(audience.organization_id, None, now=now)
    return asking.question_of(current_version(audience), as_of=moment)


def part_tree(part: str, first: str, second: str) -> dict[str, Any]:
    """The question behind one of the three parts ("first", "both", "second"), by the audiences' names."""
    named = [{"in_audience": first}, {"in_audience": second}]
    if part == "both":
        return {"all": named}
    kept, dropped = named if part == "first" else reversed(named)
    return {"all": [kept, {"not": dropped}]}
