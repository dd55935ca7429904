"""The REST API of journeys, on the same actions as the pages."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.utils import timezone
from ninja import Field, Router, Schema

from xinglin.core.access import StaffRequest
from xinglin.core.actor import require
from xinglin.core.paging import slice_by_key
from xinglin.journeys import actions, queries
from xinglin.journeys.actions.library import add_ready_made
from xinglin.journeys.permissions import Permission
from xinglin.journeys.queries import points
from xinglin.journeys.rules import library
from xinglin.patients import queries as patients

router = Router(tags=["journeys"])


class JourneyIn(Schema):
    name: str = Field(max_length=80)
    note: str = Field("", max_length=300)
    graph: dict[str, Any] | None = None


class NameIn(Schema):
    name: str = Field(max_length=80)
    note: str | None = Field(None, max_length=300)


class GraphIn(Schema):
    graph: dict[str, Any]


class ReasonIn(Schema):
    reason: str = Field("", max_length=200)


class EndIn(ReasonIn):
    take_out: bool = False


class MoveIn(Schema):
    source: int
    target: int | None = None


class TestIn(Schema):
    patients: list[UUID] = Field(max_length=20)
    is_fast: bool = True


class TaskIn(Schema):
    note: str = Field("", max_length=300)
    dropped: bool = False


class PointsIn(Schema):
    """``spent`` takes ``points`` (above zero), ``corrected`` adds them or, below zero, takes them away."""

    what: Literal["spent", "corrected"]
    points: int = Field(ge=-1_000_000, le=1_000_000)
    reason: str = Field(max_length=60)
    key: str = Field("", max_length=120, description="the same key twice is one entry")


class PointsOut(Schema):
    total: int


class Listing(Schema):
    items: list[dict[str, Any]]
    next: str


class MessageOut(Schema):
    """What became of a send step's message; ``failed`` are the channels that were tried before."""

    channel: str
    state: str
    due_at: datetime
    failed: list[str]


class StepOut(Schema):
    version: int
    key: str
    kind: str
    occurrence: int
    entered_at: datetime
    left_at: datetime | None
    due_at: datetime | None
    port: str
    reason: str
    message: MessageOut | None = None
    points_total: int | None = None


class WalkOut(Schema):
    key: str
    kind: str
    at: datetime
    port: str
    words: str


@router.get("/", response=Listing)
def list_journeys(request: StaffRequest, status: str = "", q: str = "", cursor: str = "") -> dict[str, Any]:
    """Journeys, newest first; ``cursor`` is the ``next`` of the page before."""
    rows = queries.list_journeys(actor=request.actor, status=status, text=q)
    found, following, _ = slice_by_key(rows, order=("-id",), size=50, cursor=cursor)
    return {"items": [queries.journey_as_dict(row) for row in found], "next": following}


@router.post("/", response={201: dict[str, Any]})
def create_journey(request: StaffRequest, body: JourneyIn) -> tuple[int, dict[str, Any]]:
    """A new journey with a draft; 422 ``journey-graph`` names the nodes at fault."""
    journey = actions.create_journey(
        actor=request.actor, name=body.name, note=body.note, graph=body.graph, now=timezone.now()
    )
    return 201, queries.journey_as_dict(journey)


@router.get("/library", response=list[dict[str, Any]])
def list_samples(request: StaffRequest) -> list[dict[str, Any]]:
    """The journeys that come with the house."""
    require(request.actor, Permission.EDIT_JOURNEY)
    return [asdict(one) for one in library.offered()]


@router.post("/library/{slug:key}", response={201: dict[str, Any]})
def post_sample(request: StaffRequest, key: str) -> tuple[int, dict[str, Any]]:
    """Take one over: its audiences, its texts (they await approval) and its drawing become the hospital's."""
    journey = add_ready_made(actor=request.actor, key=key, now=timezone.now())
    return 201, queries.journey_as_dict(journey)


@router.get("/tasks", response=Listing)
def list_tasks(
    request: StaffRequest,
    status: str = "open",
    journey: UUID | None = None,
    mine: bool = False,
    cursor: str = "",
) -> dict[str, Any]:
    """Tasks that journeys gave to colleagues, the most urgent first; ``mine`` that fall to whoever asks."""
    rows = queries.list_tasks(actor=request.actor, status=status, journey=journey, is_mine=mine)
    found, following, _ = slice_by_key(rows, order=("due_at", "id"), size=50, cursor=cursor)
    return {"items": queries.tasks_as_dicts(found), "next": following}


@router.post("/tasks/{uuid:public_id}/completion", response=dict[str, Any])
def post_completion(request: StaffRequest, public_id: UUID, body: TaskIn) -> dict[str, Any]:
    """Done, or dropped; 409 ``task-closed`` the second time."""
    task = actions.finish_task(
        actor=request.actor, public_id=public_id, note=body.note, dropped=body.dropped, now=timezone.now()
    )
    return queries.tasks_as_dicts([task])[0]


@router.get("/points/{uuid:patient}", response=dict[str, Any])
def get_points(request: StaffRequest, patient: UUID, cursor: str = "") -> dict[str, Any]:
    """What a person has (``total``), and every entry, the latest first; below zero where it took away."""
    person = patients.get_patient(request.actor, patient)
    rows = points.list_entries(actor=request.actor, patient_id=person.pk)
    found, following, _ = slice_by_key(rows, order=("-seq",), size=50, cursor=cursor)
    return {
        "total": points.balance_of(organization_id=person.organization_id, patient_id=person.pk),
        "items": [
            {"id": str(row.id), "at": row.at, "kind": row.kind, "points": row.points,
             "reason": row.props.get("reason", "")}
            for row in found
        ],
        "next": following,
    }  # fmt: skip


@router.post("/points/{uuid:patient}", response={201: PointsOut})
def post_points(request: StaffRequest, patient: UUID, body: PointsIn) -> tuple[int, dict[str, int]]:
    """Spend or correct; 422 for more than there are."""
    write = actions.spend_points if body.what == "spent" else actions.correct_points
    total = write(
        actor=request.actor, patient_id=patient, points=body.points, reason=body.reason, key=body.key,
        now=timezone.now(),
    )  # fmt: skip
    return 201, {"total": total}


@router.get("/{uuid:public_id}", response=dict[str, Any])
def get_journey(request: StaffRequest, public_id: UUID, version: int | None = None) -> dict[str, Any]:
    """A journey with one version (default: the draft, else the live one), its counts and messages."""
    journey = queries.get_journey(actor=request.actor, public_id=public_id)
    shown = queries.get_version(journey, version) if version else queries.shown_version(journey)
    return {**queries.journey_as_dict(journey), "version": queries.version_as_dict(shown)}


@router.patch("/{uuid:public_id}", response=dict[str, Any])
def patch_journey(request: StaffRequest, public_id: UUID, body: NameIn) -> dict[str, Any]:
    """Name and note."""
    journey = actions.rename_journey(
        actor=request.actor, public_id=public_id, name=body.name, note=body.note, now=timezone.now()
    )
    return queries.journey_as_dict(journey)


@router.put("/{uuid:public_id}/draft", response=dict[str, Any])
def put_draft(request: StaffRequest, public_id: UUID, body: GraphIn) -> dict[str, Any]:
    """Keep a drawing; a live journey's first change begins its next version."""
    version = actions.save_draft(
        actor=request.actor, public_id=public_id, graph=body.graph, now=timezone.now()
    )
    return queries.version_as_dict(version)


@router.delete("/{uuid:public_id}/draft", response={204: None})
def delete_draft(request: StaffRequest, public_id: UUID) -> tuple[int, None]:
    """Throw the drawing away."""
    actions.discard_draft(actor=request.actor, public_id=public_id, now=timezone.now())
    return 204, None


@router.get("/{uuid:public_id}/check", response=dict[str, Any])
def get_check(request: StaffRequest, public_id: UUID) -> dict[str, Any]:
    """What keeps the draft from going live, and how many people would enter now."""
    journey = queries.get_journey(actor=request.actor, public_id=public_id)
    version, now = queries.shown_version(journey), timezone.now()
    return {
        "problems": queries.problems_as_list(version, now=now),
        "would_enter": queries.would_enter(version, now=now),
    }


@router.get("/{uuid:public_id}/walk", response=list[WalkOut])
def get_walk(request: StaffRequest, public_id: UUID, patient: UUID, expect: str = "timeout") -> Any:
    """The way one person would go if they entered now; nothing is written."""
    journey = queries.get_journey(actor=request.actor, public_id=public_id)
    return queries.walk(
        actor=request.actor,
        version=queries.shown_version(journey),
        patient_id=patients.get_patient(request.actor, patient).pk,
        now=timezone.now(),
        expect=expect,
    )


@router.get("/{uuid:public_id}/path", response=list[StepOut])
def get_path(request: StaffRequest, public_id: UUID, patient: UUID) -> Any:
    """The way one person has gone, with times and reasons."""
    journey = queries.get_journey(actor=request.actor, public_id=public_id)
    patient_id = patients.get_patient(request.actor, patient).pk
    return queries.path_of(actor=request.actor, journey=journey, patient_id=patient_id)


@router.post("/{uuid:public_id}/test", response=dict[str, Any])
def post_test(request: StaffRequest, public_id: UUID, body: TestIn) -> dict[str, Any]:
    """Send up to 20 people through the draft; their messages go to the sink alone."""
    version = actions.start_test(
        actor=request.actor, public_id=public_id, patients_public_ids=body.patients,
        is_fast=body.is_fast, now=timezone.now(),
    )  # fmt: skip
    return queries.version_as_dict(version)


@router.post("/{uuid:public_id}/launch", response=dict[str, Any])
def post_launch(request: StaffRequest, public_id: UUID) -> dict[str, Any]:
    """Put the draft to work; 409 ``journey-not-ready`` with the problems."""
    actions.go_live(actor=request.actor, public_id=public_id, now=timezone.now())
    return queries.journey_as_dict(queries.get_journey(actor=request.actor, public_id=public_id))


@router.post("/{uuid:public_id}/pause", response=dict[str, Any])
def post_pause(request: StaffRequest, public_id: UUID, body: ReasonIn) -> dict[str, Any]:
    """Everybody stays where they are."""
    journey = actions.pause_journey(
        actor=request.actor, public_id=public_id, reason=body.reason, now=timezone.now()
    )
    return queries.journey_as_dict(journey)


@router.post("/{uuid:public_id}/resumption", response=dict[str, Any])
def post_resumption(request: StaffRequest, public_id: UUID) -> dict[str, Any]:
    """Go on."""
    journey = actions.resume_journey(actor=request.actor, public_id=public_id, now=timezone.now())
    return queries.journey_as_dict(journey)


@router.post("/{uuid:public_id}/end", response=dict[str, Any])
def post_end(request: StaffRequest, public_id: UUID, body: EndIn) -> dict[str, Any]:
    """Nobody enters any more; people inside finish unless ``take_out``."""
    journey = actions.end_journey(
        actor=request.actor, public_id=public_id, reason=body.reason, take_out=body.take_out,
        now=timezone.now(),
    )  # fmt: skip
    return queries.journey_as_dict(journey)


@router.get("/{uuid:public_id}/calls", response=Listing)
def list_calls(request: StaffRequest, public_id: UUID, state: str = "", cursor: str = "") -> dict[str, Any]:
    """Calls of other systems, newest first."""
    journey = queries.get_journey(actor=request.actor, public_id=public_id)
    rows = queries.list_calls(actor=request.actor, journey=journey, state=state)
    found, following, _ = slice_by_key(rows, order=("-id",), size=50, cursor=cursor)
    return {"items": [queries.call_as_dict(row) for row in found], "next": following}


@router.post("/{uuid:public_id}/calls/retry", response=dict[str, int])
def post_retry(request: StaffRequest, public_id: UUID) -> dict[str, int]:
    """All failed calls once more; 409 when none has failed."""
    count = actions.retry_calls(actor=request.actor, public_id=public_id, now=timezone.now())
    return {"queued": count}


@router.post("/{uuid:public_id}/secret", response=dict[str, str])
def post_secret(request: StaffRequest, public_id: UUID) -> dict[str, str]:
    """A new secret for the signatures; this answer alone shows it."""
    secret = actions.renew_secret(actor=request.actor, public_id=public_id, now=timezone.now())
    return {"secret": secret}


@router.post("/{uuid:public_id}/move", response=dict[str, int])
def post_move(request: StaffRequest, public_id: UUID, body: MoveIn) -> dict[str, int]:
    """People inside one version go on in another."""
    return actions.move_people(
        actor=request.actor, public_id=public_id, number=body.source, to=body.target, now=timezone.now()
    )
