"""Conditions on a person's own columns."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import reduce
from typing import TYPE_CHECKING, Any

from xinglin.audiences.rules.evaluate import date_window
from xinglin.audiences.rules.moments import AsOf, born_by
from xinglin.audiences.rules.names import Names
from xinglin.audiences.rules.tree import Attr
from xinglin.audiences.rules.vocabulary import ATTRIBUTES, Shape
from xinglin.core.deferred import deferred_module

if TYPE_CHECKING:
    import ibis.expr.types as ir

ibis: Any = deferred_module("ibis")


def attribute_holds(node: Attr, base: ir.Table, names: Names, as_of: AsOf) -> ir.BooleanValue:
    """True or false per person, never null."""
    attribute = ATTRIBUTES[node.attr]
    column = base[attribute.column]
    if node.attr == "age":
        return _age(node, base, as_of).fill_null(False)
    if node.operator == "known":
        return _known(attribute.shape, column) == node.value
    if attribute.shape is Shape.FLAG:
        return (column.notnull() & (column <= as_of.day)) == node.value
    if attribute.shape is Shape.BIRTHDAY:
        mmdd = column.month().cast("int32") * 100 + column.day().cast("int32")
        ranges = as_of.birthday_ranges(node.value)
        return _either([(mmdd >= low) & (mmdd <= high) for low, high in ranges]).fill_null(False)
    if attribute.shape is Shape.MANY:
        wanted = node.value if isinstance(node.value, list) else [node.value]
        return _either([column.contains(text) for text in wanted]).fill_null(False)
    if attribute.shape is Shape.STAFF:
        ids = sorted(names.ids("staff", node.value))
        return column.isin(ids).fill_null(False) if ids else ibis.literal(False)
    if attribute.shape is Shape.DATE:
        return _dated(node, column, as_of).fill_null(False)
    return _compared(node, column).fill_null(False)


def _either(parts: list[Any]) -> Any:
    return reduce(lambda a, b: a | b, parts)


def _known(shape: Shape, column: Any) -> Any:
    if shape is Shape.MANY:
        return (column.length() > 0).fill_null(False)
    if shape is Shape.TEXT:
        return (column != "").fill_null(False)
    if shape is Shape.CHOICE:
        return column.isin(["F", "M"]).fill_null(False)
    return column.notnull()


def _compared(node: Attr, column: Any) -> Any:
    if node.operator == "in":
        return column.isin(node.value)
    if node.operator == "contains":
        wanted = node.value if isinstance(node.value, list) else [node.value]
        return _either([column.contains(text) for text in wanted])
    return column == node.value


def _dated(node: Attr, column: Any, as_of: AsOf) -> Any:
    start, end = date_window(node, as_of)
    parts = [column >= moment(start)] if start else []
    parts += [column < moment(end)] if end else []
    return reduce(lambda a, b: a & b, parts) if parts else column.notnull()


def moment(at: datetime) -> ir.TimestampScalar:
    """A moment as a literal: naive UTC, as the lake keeps them."""
    return ibis.literal(at.astimezone(UTC).replace(tzinfo=None), type="timestamp")


def _age(node: Attr, base: ir.Table, as_of: AsOf) -> Any:
    """Between two ages: a range of birth dates, else the age last told plus the years since."""
    known = base.birth_date.notnull() | base.reported_age.notnull()
    if node.operator == "known":
        return known == node.value
    low, high = age_limits(node)
    born: list[Any] = []
    told: list[Any] = []
    told_age = base.reported_age + _years_since(base.reported_age_on, as_of.day)
    if low is not None:
        # Nobody is younger than 0, not even before the day of birth.
        born.append(base.birth_date <= born_by(as_of.day, low) if low else base.birth_date.notnull())
        told.append(told_age >= low)
    if high is not None:
        born.append(base.birth_date > born_by(as_of.day, high + 1))
        told.append(told_age <= high)
    both = [reduce(lambda a, b: a & b, parts) for parts in (born, told)]
    return ibis.ifelse(base.birth_date.notnull(), both[0], both[1].fill_null(False))


def age_limits(node: Attr) -> tuple[int | None, int | None]:
    """Youngest and oldest, both included; None is open."""
    value = node.value
    if node.operator == "between":
        return value[0], value[1]
    return (None if node.operator == "lte" else value), (None if node.operator == "gte" else value)


def _years_since(column: Any, day: date) -> Any:
    """Whole years from the column's date to ``day``; 0 where it is later or unknown."""
    year, mmdd = column.year().cast("int32"), column.month().cast("int32") * 100 + column.day().cast("int32")
    passed = day.year - year - (mmdd > day.month * 100 + day.day).cast("int32")
    return ibis.ifelse(passed > 0, passed, 0).fill_null(0)
