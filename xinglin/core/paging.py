"""Pages by key: the cost of page 1,000 is that of page 1."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

T = TypeVar("T")
COUNT_CAP = 10_000


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows of one page with the addresses of its neighbours; ``total`` is capped at 10,001."""

    rows: list[T]
    next_url: str
    prev_url: str
    next_cursor: str
    prev_cursor: str
    total: int
    size: int

    def __iter__(self) -> Iterator[T]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __bool__(self) -> bool:
        return bool(self.rows)

    @property
    def is_capped(self) -> bool:
        return self.total > COUNT_CAP

    @property
    def total_label(self) -> str:
        """``1,284``, or "more than 10,000" when counting on would be slow."""
        if not self.is_capped:
            return f"{self.total:,}"
        return _("超过 1 万") if (get_language() or "").startswith("zh") else "10,000+"


def encode(values: list[Any], backwards: bool = False) -> str:
    plain = [v.isoformat() if isinstance(v, date) else str(v) if isinstance(v, UUID) else v for v in values]
    return urlsafe_b64encode(json.dumps([backwards, *plain]).encode()).decode().rstrip("=")


def decode(cursor: str, fields: "Sequence[models.Field[Any, Any]]") -> tuple[bool, list[Any]] | None:
    """None for a cursor that was not made here: the list then starts at its beginning."""
    try:
        backwards, *values = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if len(values) != len(fields):
            return None
        return bool(backwards), [f.to_python(v) for f, v in zip(fields, values, strict=True)]
    except (ValueError, TypeError, Base64Error, ValidationError):
        return None


def _after(names: Sequence[str], descending: Sequence[bool], values: Sequence[Any]) -> Q:
    """Rows behind a key: ``a <= x and (a < x or (a = x and id < y))``, so that an index can start at x."""
    name, value, falls = names[0], values[0], descending[0]
    beyond = Q(**{f"{name}__{'lt' if falls else 'gt'}": value})
    if len(names) == 1:
        return beyond
    bound = Q(**{f"{name}__{'lte' if falls else 'gte'}": value})
    return bound & (beyond | _after(names[1:], descending[1:], values[1:]))


def slice_by_key(
    queryset: models.QuerySet[Any], *, order: Sequence[str], size: int, cursor: str
) -> tuple[list[Any], str, str]:
    """One page of rows, then the cursors of the next and the previous page ("" where there is none).

    ``order`` ends in a unique column; columns may not be null.
    """
    names = [part.lstrip("-") for part in order]
    falls = [part.startswith("-") for part in order]
    fields = [queryset.model._meta.get_field(name) for name in names]
    place = decode(cursor, fields) if cursor else None
    backwards = place is not None and place[0]
    down = [not f for f in falls] if backwards else falls
    rows_in_order = queryset.order_by(*[("-" if d else "") + n for n, d in zip(names, down, strict=True)])
    if place is not None:
        rows_in_order = rows_in_order.filter(_after(names, down, place[1]))
    rows = list(rows_in_order[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    if not rows:
        return [], "", ""

    def key(row: Any) -> list[Any]:
        return [getattr(row, f.attname) for f in fields]

    has_next = backwards or more
    has_previous = more if backwards else place is not None
    following = encode(key(rows[-1])) if has_next else ""
    previous = encode(key(rows[0]), backwards=True) if has_previous else ""
    return rows, following, previous


def paginate(
    request: HttpRequest,
    queryset: models.QuerySet[Any],
    *,
    order: Sequence[str] = ("-id",),
    size: int = 50,
    count: bool = True,
) -> Page[Any]:
    """The page that ``?cursor=`` asks for; three queries at most, whatever the size of the table."""
    rows, following, previous = slice_by_key(
        queryset, order=order, size=size, cursor=request.GET.get("cursor", "")
    )

    def url(cursor: str) -> str:
        if not cursor:
            return ""
        query = request.GET.copy()
        query["cursor"] = cursor
        return f"{request.path}?{query.urlencode()}"

    total = queryset.order_by()[: COUNT_CAP + 1].count() if count else len(rows)
    return Page(rows, url(following), url(previous), following, previous, total, size)


def parse_moment(text: str) -> datetime | None:
    """An ISO date or time from a query string; None when it is none."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None
