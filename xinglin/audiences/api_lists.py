"""REST: people from a file become a list."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile

from xinglin.audiences import actions, queries
from xinglin.audiences.models import ListImport
from xinglin.core.access import StaffRequest

router = Router(tags=["audiences"])


def _list_out(item: ListImport) -> dict[str, Any]:
    return {
        "id": str(item.public_id), "name": item.name, "status": item.status, "columns": item.header,
        "column": item.column, "identifies": item.identifies, "rows": item.rows, "people": item.people,
        "unknown": item.unknown, "added": item.added, "error": item.error,
        "audience": str(item.audience.public_id) if item.audience else None,
    }  # fmt: skip


class CheckIn(Schema):
    """Which column names people (from 0), and by what: phone, record or id."""

    column: int
    identifies: str


@router.post("/lists", response={201: dict[str, Any]})
def post_list(request: StaffRequest, name: Form[str], file: File[UploadedFile]) -> tuple[int, dict[str, Any]]:
    """Upload a file of people; the answer proposes the column. Nothing is listed yet."""
    item = actions.begin_list(
        actor=request.actor, name=name, file_name=file.name or "", pieces=file.chunks(1 << 20),
        now=timezone.now(),
    )  # fmt: skip
    return 201, _list_out(item)


@router.get("/lists/{uuid:public_id}")
def get_list(request: StaffRequest, public_id: UUID) -> dict[str, Any]:
    """How far an import is, and what it found."""
    return _list_out(queries.get_list_import(request.actor, public_id))


@router.post("/lists/{uuid:public_id}/check", response={202: dict[str, Any]})
def post_check(request: StaffRequest, public_id: UUID, body: CheckIn) -> tuple[int, dict[str, Any]]:
    """Look the column up in the background."""
    item = actions.begin_check(
        actor=request.actor, public_id=public_id, column=body.column, identifies=body.identifies,
        now=timezone.now(),
    )  # fmt: skip
    return 202, _list_out(item)


@router.post("/lists/{uuid:public_id}/confirmation")
def post_confirmation(request: StaffRequest, public_id: UUID) -> dict[str, Any]:
    """Put the people found on the list; twice is once."""
    return _list_out(actions.confirm_list(actor=request.actor, public_id=public_id, now=timezone.now()))
