"""REST: work in the background: how far it is, what went wrong, its file, and stopping it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from xinglin.core import audit
from xinglin.core.jobs import request_cancel
from xinglin.core.models import Job
from xinglin.core.paging import slice_by_key
from xinglin.ui import queries

router = Router(tags=["jobs"])


class JobOut(Schema):
    """``status`` is ready, leased (running), done, dead or cancelled; ``total`` null where nobody knows it.

    ``result_name`` names the file that ``file`` gives, "" without one.
    """

    public_id: UUID
    name: str
    title: str
    status: str
    done: int
    total: int | None
    note: str
    result_name: str
    result_url: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class JobList(Schema):
    items: list[JobOut]
    next_cursor: str


class LineOut(Schema):
    """``level`` is info, warning or error."""

    at: datetime
    level: str
    text: str


class LineList(Schema):
    items: list[LineOut]
    next_cursor: str


def _job(request: HttpRequest, public_id: UUID) -> Job:
    return queries.get_job(actor=request.actor, public_id=public_id)  # type: ignore[attr-defined]


@router.get("/", response=JobList)
def list_jobs(request: HttpRequest, status: str = "", cursor: str = "") -> dict[str, Any]:
    """One's own jobs, or with the right to see them the hospital's; the newest first."""
    rows = queries.list_jobs(actor=request.actor, status=status)  # type: ignore[attr-defined]
    items, following, _previous = slice_by_key(rows, order=("-id",), size=50, cursor=cursor)
    return {"items": items, "next_cursor": following}


@router.get("/{uuid:public_id}/", response=JobOut)
def get_job(request: HttpRequest, public_id: UUID) -> Job:
    """How far one job is."""
    return _job(request, public_id)


@router.get("/{uuid:public_id}/lines/", response=LineList)
def list_lines(request: HttpRequest, public_id: UUID, level: str = "", cursor: str = "") -> dict[str, Any]:
    """What it wrote down, the oldest first; ``level`` error for what went wrong row by row."""
    rows = _job(request, public_id).lines.all()
    rows = rows.filter(level=level) if level else rows
    items, following, _previous = slice_by_key(rows, order=("id",), size=200, cursor=cursor)
    return {"items": items, "next_cursor": following}


@router.get("/{uuid:public_id}/file/")
def get_file(request: HttpRequest, public_id: UUID) -> FileResponse:
    """Its result file; each download is on record."""
    job = _job(request, public_id)
    path = queries.result_path(job)
    actor = request.actor  # type: ignore[attr-defined]
    audit.record(actor, "core.job.downloaded", job, at=timezone.now(), file=job.result_name)
    return FileResponse(path.open("rb"), as_attachment=True, filename=job.result_name or path.name)


@router.post("/{uuid:public_id}/cancellation/", response=JobOut)
def post_cancellation(request: HttpRequest, public_id: UUID) -> Job:
    """Ask it to stop; what it has done stays."""
    job = _job(request, public_id)
    request_cancel(job=job, now=timezone.now())
    audit.record(request.actor, "core.job.cancelled", job, at=timezone.now())  # type: ignore[attr-defined]
    job.refresh_from_db()
    return job
