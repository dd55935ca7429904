"""Reads of the price list: all of it for staff, what is in force for the public."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, Q, QuerySet
from django.utils import timezone

from xinglin.core import db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.prices.models import PriceItem, PriceNotice
from xinglin.prices.permissions import Permission

ORDER = ("position", "code", "id")
#: Names that a field proposes while somebody types.
PROPOSED = 400


def list_prices(
    *, actor: Actor, text: str = "", department: str = "", state: str = "", today: date
) -> QuerySet[PriceItem]:
    """Entries of every state; ``state`` is held, ended, coming, shown or ""."""
    require(actor, Permission.VIEW_PRICE)
    rows = PriceItem.objects.visible_to(actor).select_related("department")
    over = Q(valid_until__isnull=False, valid_until__lt=today)
    states = {
        "ended": over,
        "held": ~over & Q(is_held=True),
        "coming": ~over & Q(is_held=False, valid_from__gt=today),
        "shown": ~over & Q(is_held=False, valid_from__lte=today),
    }
    return _narrowed(rows, text=text, department=department).filter(states.get(state, Q()))


def get_price(*, actor: Actor, public_id: UUID, lock: bool = False) -> PriceItem:
    """One entry; NotFound."""
    require(actor, Permission.VIEW_PRICE)
    rows = PriceItem.objects.visible_to(actor).filter(public_id=public_id)
    found = (db.lock_rows(rows) if lock else rows.select_related("department")).first()
    if found is None:
        raise NotFound
    return found


def count_held(*, actor: Actor, today: date) -> int:
    """Entries that wait for a second person's look."""
    return list_prices(actor=actor, state="held", today=today).count()


def list_posted(
    organization_id: int, *, today: date, text: str = "", department: str = ""
) -> QuerySet[PriceItem]:
    """What the public is shown on a day. Public."""
    rows = _posted(organization_id, today).select_related("department")
    return _narrowed(rows, text=text, department=department)


def posted_departments(organization_id: int, *, today: date) -> list[tuple[str, str]]:
    """Codes and names of the departments in the posted list, by code. Public."""
    rows = _posted(organization_id, today).filter(department__isnull=False)
    found = rows.order_by("department__code").values_list("department__code", "department__name").distinct()
    return [(str(code), str(name)) for code, name in found]


def posted_on(organization_id: int, *, today: date) -> date | None:
    """The day on which the posted list last changed: an entry was written, began or ended. Public."""
    rows = PriceItem.objects.filter(organization_id=organization_id, is_held=False, valid_from__lte=today)
    found: dict[str, Any] = rows.aggregate(
        changed=Max("updated_at"),
        began=Max("valid_from"),
        ended=Max("valid_until", filter=Q(valid_until__lt=today)),
    )
    changed: datetime | None = found["changed"]
    days = [timezone.localdate(changed) if changed else None, found["began"], found["ended"]]
    return max((day for day in days if day is not None), default=None)


def find_posted_by_name(organization_id: int, name: str, *, today: date) -> PriceItem | None:
    """The posted entry of exactly that name; None. Public."""
    return _posted(organization_id, today).filter(name=name).order_by(*ORDER).first() if name else None


def posted_names(organization_id: int, *, today: date) -> list[str]:
    """Names of the posted list in its order, each once, as many as a field can propose. Public."""
    names = _posted(organization_id, today).order_by(*ORDER).values_list("name", flat=True)
    return list(dict.fromkeys(names[:PROPOSED]))


def find_notice(organization_id: int) -> PriceNotice | None:
    """What the list says besides. Public."""
    return PriceNotice.objects.filter(organization_id=organization_id).first()


def get_notice(*, actor: Actor) -> PriceNotice:
    """What the list says besides; an unsaved, empty one where nothing was written."""
    require(actor, Permission.VIEW_PRICE)
    own = actor.organization_id or 0
    return find_notice(own) or PriceNotice(organization_id=own)


def _posted(organization_id: int, today: date) -> QuerySet[PriceItem]:
    lasting = Q(valid_until__isnull=True) | Q(valid_until__gte=today)
    return PriceItem.objects.filter(
        lasting, organization_id=organization_id, is_held=False, valid_from__lte=today
    )


def _narrowed(rows: QuerySet[PriceItem], *, text: str, department: str) -> QuerySet[PriceItem]:
    if text := text.strip()[:60]:
        rows = rows.filter(Q(name__icontains=text) | Q(code__istartswith=text) | Q(notes__icontains=text))
    return rows.filter(department__code=department) if department else rows
