"""The same question for one person, with the evidence for every condition.

Written plainly over values, apart from the set-based form in `queries.compile`; a property test holds the
two together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from xinglin.audiences.rules.moments import AsOf, age_on
from xinglin.audiences.rules.names import BY_ID, Names
from xinglin.audiences.rules.problems import Path
from xinglin.audiences.rules.tree import (
    Agreement,
    All,
    Amount,
    Any_,
    Attr,
    Consented,
    Did,
    InAudience,
    Listed,
    Node,
    Not,
    Range,
    Scored,
    Spent,
    Tagged,
    Touched,
    Where,
    child_path,
    children,
)
from xinglin.audiences.rules.vocabulary import ATTRIBUTES, Shape

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Happening:
    """One touch of the person."""

    at: datetime
    kind: str
    columns: Mapping[str, Any] = field(default_factory=dict)
    props: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Consent:
    purpose: str
    channel: str
    status: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Person:
    """All that a question may look at, as the lake knows it."""

    patient_id: int
    columns: Mapping[str, Any]
    touches: Sequence[Happening] = ()
    consents: Sequence[Consent] = ()
    tags: frozenset[str] = frozenset()
    scores: Mapping[str, float] = field(default_factory=dict)
    lists: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one node holds, and why: the value seen, how many touches matched and the latest of them."""

    path: Path
    node: Node
    holds: bool
    value: Any = None
    count: int | None = None
    touches: tuple[Happening, ...] = ()
    anchor: Happening | None = None
    parts: tuple["Verdict", ...] = ()


def evaluate(node: Node, person: Person, *, names: Names, as_of: AsOf, path: Path = ()) -> Verdict:
    """The verdict on a node and everything below it."""
    if isinstance(node, All | Any_ | Not):
        parts = tuple(
            evaluate(child, person, names=names, as_of=as_of, path=(*path, *child_path(node, i)))
            for i, child in enumerate(children(node))
        )
        held = [part.holds for part in parts]
        holds = all(held) if isinstance(node, All) else any(held) if isinstance(node, Any_) else not held[0]
        return Verdict(path, node, holds, parts=parts)
    if isinstance(node, InAudience):
        below = names.audiences[node.in_audience]
        inner = evaluate(below, person, names=names, as_of=as_of, path=path)
        return Verdict(path, node, inner.holds, parts=(inner,))
    if isinstance(node, Attr):
        holds, value = _attribute(node, person, names, as_of)
        return Verdict(path, node, holds, value=value)
    if isinstance(node, Did):
        return _did(node, person, names, as_of, path)
    if isinstance(node, Spent):
        return _spent(node, person, names, as_of, path)
    if isinstance(node, Consented):
        latest = _latest_consent(node.consent, person, as_of)
        return Verdict(path, node, latest is not None and latest.status == "given", value=latest)
    if isinstance(node, Tagged):
        return Verdict(path, node, node.tag in person.tags, value=sorted(person.tags))
    if isinstance(node, Scored):
        seen = person.scores.get(node.score)
        return Verdict(path, node, seen is not None and _reaches(node, seen), value=seen)
    if isinstance(node, Listed):
        return Verdict(path, node, node.listed in person.lists)
    raise TypeError(f"no answer for {type(node).__name__}")


def _reaches(node: Scored, value: float) -> bool:
    return (node.gte is None or value >= node.gte) and (node.lte is None or value <= node.lte)


def _attribute(node: Attr, person: Person, names: Names, as_of: AsOf) -> tuple[bool, Any]:
    attribute = ATTRIBUTES[node.attr]
    seen = person.columns.get(attribute.column)
    if node.attr == "age":
        seen = age_on(
            as_of.day,
            birth_date=person.columns.get("birth_date"),
            reported_age=person.columns.get("reported_age"),
            reported_on=person.columns.get("reported_age_on"),
        )
    if attribute.shape is Shape.FLAG:
        flag = seen is not None and seen <= as_of.day
        return flag is node.value, seen
    if node.operator == "known":
        known = seen in ("F", "M") if attribute.shape is Shape.CHOICE else seen not in (None, "", [])
        return known is node.value, seen
    if seen is None:
        return False, None
    if attribute.shape is Shape.BIRTHDAY:
        mmdd = seen.month * 100 + seen.day
        return any(low <= mmdd <= high for low, high in as_of.birthday_ranges(node.value)), seen
    if attribute.shape is Shape.STAFF:
        return seen in names.ids("staff", node.value), seen
    return _compare(node, attribute.shape, seen, as_of), seen


def _compare(node: Attr, shape: Shape, seen: Any, as_of: AsOf) -> bool:
    value = node.value
    if node.operator == "contains":
        return any(text in seen for text in (value if isinstance(value, list) else [value]))
    if shape is Shape.DATE:
        start, end = date_window(node, as_of)
        return (start is None or seen >= start) and (end is None or seen < end)
    if node.operator == "in":
        return seen in value
    if node.operator == "between":
        return bool(value[0] <= seen <= value[1])
    return bool(
        {"is": seen == value}.get(node.operator, seen >= value if node.operator == "gte" else seen <= value)
    )


def date_window(node: Attr, as_of: AsOf) -> tuple[datetime | None, datetime | None]:
    """First moment included and first excluded, for a condition on a date."""
    value = node.value
    if node.operator == "within_days":
        return as_of.window(within_days=value, between=None)
    between = {"gte": [value, date(9999, 1, 1)], "lte": [date(1, 1, 3), value]}.get(node.operator, value)
    return as_of.window(within_days=None, between=between)


def matching(piece: Touched, person: Person, *, names: Names, as_of: AsOf) -> list[Happening]:
    """The person's touches that fit, oldest first, up to the as-of moment."""
    start, end = as_of.window(within_days=piece.within_days, between=piece.between)
    found = [
        t
        for t in person.touches
        if t.kind == piece.did
        and _inside(t.at, start, end, as_of)
        and all(_where(t, name, value, names) for name, value in piece.where.items())
    ]
    return sorted(found, key=lambda t: t.at)


def _inside(at: datetime, start: datetime | None, end: datetime | None, as_of: AsOf) -> bool:
    return at <= as_of.moment and (start is None or at >= start) and (end is None or at < end)


def _where(touch: Happening, name: str, value: Any, names: Names) -> bool:
    if name in BY_ID:
        seen = touch.columns.get(f"{name}_id")
        if isinstance(value, Range):
            return _equal(seen, value)
        coded = name == "department" and _equal(touch.columns.get("department"), value)
        return coded or seen in names.ids(name, value)
    return _equal(
        touch.columns.get(name) if name in ("channel", "amount_fen") else touch.props.get(name), value
    )


def _equal(seen: Any, value: Any) -> bool:
    if seen is None:
        return False
    if isinstance(value, Range):
        numeric = isinstance(seen, int | float) and not isinstance(seen, bool)
        return (
            numeric and (value.gte is None or seen >= value.gte) and (value.lte is None or seen <= value.lte)
        )
    if isinstance(value, list):
        return any(_equal(seen, one) for one in value)
    return isinstance(seen, bool) is isinstance(value, bool) and bool(seen == value)


def _did(node: Did, person: Person, names: Names, as_of: AsOf, path: Path) -> Verdict:
    found = matching(node, person, names=names, as_of=as_of)
    anchor = None
    if node.since is not None:
        before = matching(node.since, person, names=names, as_of=as_of)
        if not before:
            return Verdict(path, node, holds=False, count=0)
        anchor = before[-1]
        found = [t for t in found if t.at > anchor.at]
    held = node.times.hold(len(found))
    return Verdict(path, node, held, count=len(found), touches=tuple(found[-SHOWN:]), anchor=anchor)


def _spent(node: Spent, person: Person, names: Names, as_of: AsOf, path: Path) -> Verdict:
    amount: Amount = node.spent
    net, seen = 0, []
    for kind in ("bill.settled", "bill.refunded"):
        where: Where = {"department": amount.department} if amount.department else {}
        piece = Touched(did=kind, where=where, within_days=amount.within_days, between=amount.between)
        for touch in matching(piece, person, names=names, as_of=as_of):
            fen = touch.columns.get("amount_fen") or 0
            net += fen if kind == "bill.settled" else -abs(fen)
            seen.append(touch)
    holds = (amount.gte_fen is None or net >= amount.gte_fen) and (
        amount.lte_fen is None or net <= amount.lte_fen
    )
    latest = sorted(seen, key=lambda t: t.at)[-SHOWN:]
    return Verdict(path, node, holds, value=net, count=len(seen), touches=tuple(latest))


def _latest_consent(agreement: Agreement, person: Person, as_of: AsOf) -> Consent | None:
    """The last word on a purpose and channel; at the same moment a withdrawal wins."""
    rows = [
        c
        for c in person.consents
        if c.purpose == agreement.purpose and c.channel == agreement.channel and c.at <= as_of.moment
    ]
    return max(rows, key=lambda c: (c.at, c.status != "given"), default=None)
