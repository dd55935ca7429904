"""Touches as columns of plain values that both databases take: checked and encoded column by column."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID

from xinglin.ledger.kinds import WrongTouch, kind_of

Column = Sequence[Any]
_MANY = 200
# What may be missing: a column without any value is left out of the statement.
_OPTIONAL = (
    "patient_id", "visitor", "campaign_id", "content_id", "event_id", "partner_id", "staff_id",
    "department_id", "amount_fen", "import_id", "dedupe_key",
)  # fmt: skip


class NewTouch(NamedTuple):
    """A touch to be recorded. ``props`` is an object of a declared kind; the ids are primary keys.

    ``at`` is aware. ``dedupe_key`` is prefixed by the caller's noun (``bill:4711``) and unique within the
    hospital: the same key again is a no-op.
    """

    props: Any
    organization_id: int
    at: datetime
    patient_id: int | None = None
    visitor: UUID | None = None
    channel: str = ""
    campaign_id: int | None = None
    content_id: int | None = None
    event_id: int | None = None
    partner_id: int | None = None
    staff_id: int | None = None
    department_id: int | None = None
    amount_fen: int | None = None
    dedupe_key: str | None = None
    import_id: int | None = None


def pack(touches: Sequence[NewTouch], *, now: datetime, import_id: int | None) -> dict[str, Column]:
    """Column name → values, all of one length. Raises UndeclaredTouch or WrongTouch.

    ``import_id`` stands in for each touch's own.
    """
    found: dict[str, Column] = dict(zip(NewTouch._fields, zip(*touches, strict=True), strict=True))
    count = len(touches)
    found["kind"], found["props"] = _props(found["props"])
    found["at"] = _moments(found["at"])
    found["recorded_at"] = _moments((now,)) * count
    found["visitor"] = [None if visitor is None else visitor.hex for visitor in found["visitor"]]
    found["dedupe_key"] = _keys(found["organization_id"], found["dedupe_key"])
    if import_id is not None:
        found["import_id"] = (import_id,) * count
    for name in _OPTIONAL:
        if found[name].count(None) == count:
            del found[name]
    return found


def _props(objects: Sequence[object]) -> tuple[list[str], list[str]]:
    """The kinds' codes and the properties as JSON; each kind's objects are encoded together."""
    classes = list(map(type, objects))
    if len(set(classes)) == 1:
        kind = kind_of(objects[0])
        return [kind.code] * len(objects), kind.encode_all(objects)
    places = defaultdict(list)
    for place, props in enumerate(classes):
        places[props].append(place)
    codes, texts = [""] * len(objects), [""] * len(objects)
    for group in places.values():
        kind = kind_of(objects[group[0]])
        encoded = kind.encode_all([objects[place] for place in group])
        for place, text in zip(group, encoded, strict=True):
            codes[place], texts[place] = kind.code, text
    return codes, texts


def _moments(values: Sequence[datetime]) -> list[str]:
    """Aware moments as both databases read them: UTC, without offset; WrongTouch for a naive one."""
    zones = {at.tzinfo for at in values}
    if None in zones:
        raise WrongTouch("a touch needs an aware moment")
    if len(values) >= _MANY:
        return _moments_by_arrow(values)
    if zones != {UTC}:
        values = [at.astimezone(UTC) for at in values]
    return [text[:-6] for text in map(str, values)]


def _moments_by_arrow(values: Sequence[datetime]) -> list[str]:
    """The same texts in a third of the time; its library is loaded only here, as it takes a while."""
    import pyarrow as pa
    from pyarrow import compute

    moments = pa.array(values, pa.timestamp("us", "UTC")).cast(pa.timestamp("us"))
    try:
        texts = moments.cast(pa.timestamp("s")).cast(pa.string())
    except pa.ArrowInvalid:  # some have a fraction; whole seconds are written without, as by Django
        texts = compute.replace_substring_regex(moments.cast(pa.string()), r"\.000000$", "")
    found: list[str] = texts.to_pylist()
    return found


def _keys(organizations: Sequence[int], keys: Sequence[str | None]) -> list[str | None]:
    """Keys that are unique in the whole table; WrongTouch for one that is no text."""
    if wrong := set(map(type, keys)) - {str, type(None)}:
        raise WrongTouch(f"dedupe_key is {wrong.pop().__name__}")
    return [
        None if key is None else f"{organization}:{key}"
        for organization, key in zip(organizations, keys, strict=True)
    ]
