"""REST: the price list."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Router, Schema

from xinglin.core.access import StaffRequest
from xinglin.core.errors import Invalid
from xinglin.core.paging import slice_by_key
from xinglin.directory import queries as directory
from xinglin.prices import actions, queries
from xinglin.prices.actions import PriceFacts
from xinglin.prices.models import PriceItem, PriceNotice
from xinglin.prices.tables import csv_answer

router = Router(tags=["prices"])


class PriceIn(Schema):
    """``department`` is a department's code, "" for the whole hospital; money in fen, days inclusive."""

    code: str
    name: str
    unit: str
    price_fen: int
    department: str = ""
    notes: str = ""
    insurance: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    position: int = 0


class PriceOut(PriceIn):
    public_id: UUID
    valid_from: date
    state: str
    is_held: bool
    release_note: str
    updated_at: datetime

    @staticmethod
    def resolve_department(row: PriceItem) -> str:
        return row.department.code if row.department else ""

    @staticmethod
    def resolve_state(row: PriceItem) -> str:
        return row.state_on(timezone.localdate())


class PriceList(Schema):
    items: list[PriceOut]
    next_cursor: str


class EndIn(Schema):
    last_day: date


class ReleaseIn(Schema):
    note: str = ""


class NoticeIn(Schema):
    complaint_phone: str = ""
    note: str = ""


@router.get("/items/", response=PriceList)
def list_prices(
    request: StaffRequest, q: str = "", department: str = "", state: str = "", cursor: str = ""
) -> dict[str, Any]:
    """Entries in the list's order; ``state`` is shown, coming, held or ended."""
    found = queries.list_prices(
        actor=request.actor, text=q, department=department, state=state, today=timezone.localdate()
    )
    rows, following, _before = slice_by_key(found, order=queries.ORDER, size=100, cursor=cursor)
    return {"items": rows, "next_cursor": following}


@router.get("/items.csv", response={200: None})
def get_file(request: StaffRequest, q: str = "", department: str = "", state: str = "") -> HttpResponse:
    """The same as a file, in the columns that the import reads."""
    rows = queries.list_prices(
        actor=request.actor, text=q, department=department, state=state, today=timezone.localdate()
    )
    actions.record_export(actor=request.actor, count=rows.count(), now=timezone.now())
    return csv_answer(rows.order_by(*queries.ORDER))


@router.post("/items/", response={201: PriceOut})
def post_price(request: StaffRequest, body: PriceIn) -> tuple[int, PriceItem]:
    """Add an entry; 422 for what may not be said in public, 409 `already-listed`."""
    return 201, actions.add_price(actor=request.actor, facts=_facts(request, body), now=timezone.now())


@router.get("/items/{uuid:public_id}/", response=PriceOut)
def get_price(request: StaffRequest, public_id: UUID) -> PriceItem:
    """One entry."""
    return queries.get_price(actor=request.actor, public_id=public_id)


@router.put("/items/{uuid:public_id}/", response=PriceOut)
def put_price(request: StaffRequest, public_id: UUID, body: PriceIn) -> PriceItem:
    """Replace what an entry says; other words are judged anew."""
    return actions.change_price(
        actor=request.actor, public_id=public_id, facts=_facts(request, body), now=timezone.now()
    )


@router.post("/items/{uuid:public_id}/end/", response=PriceOut)
def post_end(request: StaffRequest, public_id: UUID, body: EndIn) -> PriceItem:
    """Let an entry end with a day."""
    return actions.end_price(
        actor=request.actor, public_id=public_id, last_day=body.last_day, now=timezone.now()
    )


@router.post("/items/{uuid:public_id}/release/", response=PriceOut)
def post_release(request: StaffRequest, public_id: UUID, body: ReleaseIn) -> PriceItem:
    """Show a held entry after a second person's look."""
    return actions.release_price(actor=request.actor, public_id=public_id, note=body.note, now=timezone.now())


@router.get("/notice/", response=NoticeIn)
def get_notice(request: StaffRequest) -> PriceNotice:
    """What stands above the list."""
    return queries.get_notice(actor=request.actor)


@router.put("/notice/", response=NoticeIn)
def put_notice(request: StaffRequest, body: NoticeIn) -> PriceNotice:
    """Change what stands above the list."""
    return actions.save_notice(actor=request.actor, now=timezone.now(), **body.dict())


def _facts(request: StaffRequest, body: PriceIn) -> PriceFacts:
    values = body.dict()
    code = values.pop("department")
    found = next((d for d in directory.list_departments(request.actor) if d.code == code), None)
    if code and found is None:
        raise Invalid(fields={"department": [_("没有这个科室")]})
    return PriceFacts(department=found, **values)
