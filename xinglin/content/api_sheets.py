"""REST: where content goes: publishing sheets, the platforms' numbers, one change of many items."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Field, Router, Schema

from xinglin.content import actions, queries
from xinglin.directory.queries import get_own_organization

router = Router(tags=["content"])


def _actor(request: HttpRequest) -> Any:
    return request.actor  # type: ignore[attr-defined]


class SheetIn(Schema):
    channel: str


class UrlIn(Schema):
    final_url: str


class SheetOut(Schema):
    """``text`` is what the channel is given, to the letter, ``text_hash`` names the approved version."""

    public_id: UUID
    item: UUID = Field(alias="item.public_id")
    version: UUID = Field(alias="version.public_id")
    title: str = Field(alias="version.title")
    text: str = Field(alias="shown_text")
    text_hash: str
    channel: str
    code: str
    url: str
    final_url: str
    placed_at: datetime | None
    remove_asked_at: datetime | None
    removed_at: datetime | None

    @staticmethod
    def resolve_url(row: Any) -> str:
        return queries.short_url(row.code)


class MetricsIn(Schema):
    csv: str
    source: str = ""


class MetricsOut(Schema):
    """With ``job`` the file is read in the background; ``/api/v1/jobs/`` tells how far it is."""

    taken: int
    problems: list[str]
    job: UUID | None = None


@router.post("/versions/{uuid:public_id}/sheets/", response={201: SheetOut})
def post_sheet(request: HttpRequest, public_id: UUID, body: SheetIn) -> tuple[int, Any]:
    """Open the publishing sheet of an approved version for an outside channel."""
    row = actions.open_sheet(
        actor=_actor(request), public_id=public_id, channel=body.channel, now=timezone.now()
    )
    return 201, _with_texts(request, [row])[0]


def _with_texts(request: HttpRequest, rows: list[Any]) -> list[Any]:
    hospital = get_own_organization(_actor(request))
    for row in rows:
        row.shown_text = queries.text_to_post(row, hospital)
    return rows


@router.get("/sheets/{uuid:public_id}/", response=SheetOut)
def get_sheet(request: HttpRequest, public_id: UUID) -> Any:
    """One publishing sheet with the exact text."""
    return _with_texts(request, [queries.get_placement(actor=_actor(request), public_id=public_id)])[0]


@router.get("/sheets/", response=list[SheetOut])
def list_sheets(request: HttpRequest, state: str = "") -> list[Any]:
    """Publishing sheets, the newest 100."""
    return _with_texts(request, list(queries.list_placements(actor=_actor(request), state=state)[:100]))


@router.put("/sheets/{uuid:public_id}/url/", response=SheetOut)
def put_url(request: HttpRequest, public_id: UUID, body: UrlIn) -> Any:
    """Keep the final address of a post."""
    row = actions.record_placement(
        actor=_actor(request), public_id=public_id, final_url=body.final_url, now=timezone.now()
    )
    return _with_texts(request, [row])[0]


@router.post("/sheets/{uuid:public_id}/removal/", response=SheetOut)
def post_sheet_removal(request: HttpRequest, public_id: UUID) -> Any:
    """It is down outside too."""
    row = actions.record_removal(actor=_actor(request), public_id=public_id, now=timezone.now())
    return _with_texts(request, [row])[0]


@router.post("/metrics/", response={200: MetricsOut, 202: MetricsOut})
def post_metrics(request: HttpRequest, body: MetricsIn) -> tuple[int, dict[str, Any]]:
    """Numbers of placements as CSV text; wrong lines are named and left out. 202 with a job for a long one,
    whose record and file say what was wrong."""
    found = actions.import_metrics(
        actor=_actor(request), text=body.csv, source=body.source, now=timezone.now()
    )
    job = found.job.public_id if found.job else None
    return (202 if job else 200), {"taken": found.taken, "problems": found.problems, "job": job}


class ManyIn(Schema):
    """``assignee`` is a colleague's public id, ``due_on`` a day; what is left empty stays as it is."""

    items: list[UUID]
    assignee: str = ""
    tag: str = ""
    due_on: str = ""


class ManyOut(Schema):
    """With ``job`` it goes on in the background; ``/api/v1/jobs/`` tells how far it is."""

    done: int
    problems: list[str]
    job: UUID | None


@router.post("/changes/", response={200: ManyOut, 202: ManyOut})
def post_changes(request: HttpRequest, body: ManyIn) -> tuple[int, dict[str, Any]]:
    """Assign, tag or date many items; those that cannot take it are named. 202 with a job for very many."""
    found = actions.change_many(
        actor=_actor(request), public_ids=body.items, assignee=body.assignee, tag=body.tag,
        due_on=body.due_on, now=timezone.now(),
    )  # fmt: skip
    job = found.job.public_id if found.job else None
    return (202 if job else 200), {"done": found.done, "problems": found.problems, "job": job}
