"""Who is in an audience by its last refresh, who came and went, what the next one would change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from xinglin.audiences.models import Audience, AudienceSize, ListMember, Membership
from xinglin.audiences.queries import answers, asking
from xinglin.audiences.queries.audiences import current_version


@dataclass(frozen=True, slots=True)
class Difference:
    """Patient ids that come and go between two moments, ascending, and how many there are afterwards."""

    entering: list[int]
    leaving: list[int]
    size: int

    @property
    def staying(self) -> int:
        return self.size - len(self.entering)


def current_members(audience: Audience | int) -> QuerySet[Membership]:
    """Members by the last refresh: `patient_id` and `entered_at`, the latest comers first."""
    pk = audience if isinstance(audience, int) else audience.pk
    rows = Membership.objects.filter(audience_id=pk, left_at__isnull=True)
    return rows.order_by("-entered_at", "-patient_id")


def former_members(audience: Audience | int) -> QuerySet[Membership]:
    """Who was in it and is no longer, the latest leavers first."""
    pk = audience if isinstance(audience, int) else audience.pk
    rows = Membership.objects.filter(audience_id=pk, left_at__isnull=False)
    return rows.order_by("-left_at", "-patient_id")


def difference(audience_id: int, members: pa.Table) -> Difference:
    """What separates the stored members from those a question found (one column, `patient_id`)."""
    stored = Membership.objects.filter(audience_id=audience_id, left_at__isnull=True)
    before = pa.array(list(stored.values_list("patient_id", flat=True)), pa.int64())
    after = members.column("patient_id").combine_chunks().cast(pa.int64())
    return Difference(
        entering=_without(after, before), leaving=sorted(_without(before, after)), size=len(after)
    )


def still_listed(audience: Audience, members: pa.Table) -> pa.Table:
    """Those found who are on the list now: the lake may not know yet who was taken off. Questions: all."""
    if audience.kind != Audience.Kind.LIST:
        return members
    listed = ListMember.objects.filter(audience=audience).values_list("patient_id", flat=True)
    ids = pa.array(list(listed), pa.int64())
    return members.filter(pc.is_in(members.column("patient_id").cast(pa.int64()), value_set=ids))


def _without(these: pa.Array, those: pa.Array) -> list[int]:
    missing = pc.invert(pc.is_in(these, value_set=those))
    ids: list[int] = these.filter(missing).to_pylist()
    return ids


def preview(audience: Audience, *, now: datetime) -> Difference:
    """Who would enter and who would leave if the audience were refreshed now; nothing is written.

    Raises BadQuestion, or what keeps the lake from answering (`queries.lake.UNANSWERED`).
    """
    moment = asking.as_of_for(audience.organization_id, None, now=now)
    question = asking.question_of(current_version(audience), as_of=moment)
    return difference(audience.pk, still_listed(audience, answers.member_ids(question)))


def list_sizes(audience: Audience, *, limit: int = 90) -> list[AudienceSize]:
    """What the latest refreshes found and changed, newest first."""
    return list(audience.sizes.select_related("version").order_by("-at", "-id")[:limit])


def recent_sizes(audiences: Sequence[Audience], *, limit: int = 17) -> dict[int, list[float]]:
    """Sizes by the latest refreshes of each, oldest first, in one query."""
    rank = Window(RowNumber(), partition_by=[F("audience_id")], order_by=F("at").desc())
    rows = AudienceSize.objects.filter(audience__in=audiences).annotate(rank=rank)
    sizes: dict[int, list[float]] = {}
    for audience_id, size in rows.filter(rank__lte=limit).order_by("at").values_list("audience_id", "size"):
        sizes.setdefault(audience_id, []).append(float(size))
    return sizes


def audiences_of(organization_id: int, patient_id: int) -> list[tuple[Audience, Membership]]:
    """The living audiences that hold the person by their last refresh, by name."""
    rows = Membership.objects.filter(
        patient_id=patient_id,
        left_at__isnull=True,
        audience__organization_id=organization_id,
        audience__archived_at__isnull=True,
    )
    return [(row.audience, row) for row in rows.select_related("audience").order_by("audience__name")]
