"""The question as a validated tree: groups (all, any, not) and conditions (attr, did, spent, …).

Every class mirrors one JSON shape and forbids what it does not know. Semantics in one place:
- A condition about something unknown (no birth date, no consent) does not hold; `not` is the complement.
- `within_days: n` counts local days: what happened on the as-of day or on one of the n days before it.
- `between: [a, b]` are local days, both included. Nothing after the as-of moment counts.
- `since` needs its inner touch: with no match the condition does not hold; otherwise only touches strictly
  after the latest match count.
- `spent` is what was settled less what was refunded within the window; nobody without bills has spent 0.
"""

from datetime import date
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from xinglin.audiences.rules.vocabulary import (
    ATTRIBUTES,
    CHANNELS,
    PURPOSES,
    TOUCH_COLUMNS,
    Kinds,
    Shape,
)

MAX_DAYS = 36_600
MAX_FEN = 10**13
MAX_AGE = 150

Text = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]*$")]
Days = Annotated[int, Field(ge=0, le=MAX_DAYS)]
Fen = Annotated[int, Field(ge=-MAX_FEN, le=MAX_FEN)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Whole = Annotated[int, Field(ge=-(2**62), le=2**62)]
Scalar = bool | Whole | Annotated[float, Field(allow_inf_nan=False)] | Text


def wrong(code: str, **context: Any) -> PydanticCustomError:
    """An error that `parse` turns into words; ``code`` names the sentence in `rules.problems`."""
    return PydanticCustomError(code, "{code}", {"code": code, **context})


class Part(BaseModel):
    """Base of every piece of a question."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)


class Windowed(Part):
    """Something with a time window; without one, all time up to the as-of moment."""

    within_days: Days | None = None
    between: Annotated[list[date], Field(min_length=2, max_length=2)] | None = None

    @model_validator(mode="after")
    def _one_window(self) -> Self:
        if self.within_days is not None and self.between is not None:
            raise wrong("two_windows")
        if self.between is not None and self.between[0] > self.between[1]:
            raise wrong("turned_around")
        return self


class Range(Part):
    """Numbers from `gte` to `lte`, both included."""

    gte: Whole | None = None
    lte: Whole | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.gte is None and self.lte is None:
            raise wrong("empty_range")
        if self.gte is not None and self.lte is not None and self.gte > self.lte:
            raise wrong("turned_around")
        return self


class Times(Part):
    """How often: exactly `eq`, or from `gte` to `lte`."""

    gte: Count | None = None
    lte: Count | None = None
    eq: Count | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.eq is not None and (self.gte is not None or self.lte is not None):
            raise wrong("eq_alone")
        if self.eq is None and self.gte is None and self.lte is None:
            raise wrong("empty_range")
        if self.gte is not None and self.lte is not None and self.gte > self.lte:
            raise wrong("turned_around")
        return self

    @property
    def least(self) -> int:
        return self.eq if self.eq is not None else (self.gte or 0)

    @property
    def most(self) -> int | None:
        return self.eq if self.eq is not None else self.lte

    def hold(self, n: int) -> bool:
        return n >= self.least and (self.most is None or n <= self.most)


ONCE = Times(gte=1)
Where = dict[Text, Scalar | Annotated[list[Scalar], Field(min_length=1, max_length=200)] | Range]


class Touched(Windowed):
    """Touches of one kind, narrowed by `where` and a window."""

    did: Text
    where: Annotated[Where, Field(max_length=10)] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _declared(self, info: ValidationInfo) -> Self:
        kinds: Kinds | None = (info.context or {}).get("kinds")
        if kinds is None:
            return self
        if self.did not in kinds:
            raise wrong("unknown_kind", kind=self.did)
        for name, value in self.where.items():
            types = (str, int) if name in TOUCH_COLUMNS else kinds[self.did].props.get(name)
            if name == "amount_fen":
                types = (int,)
            if types is None:
                raise wrong("unknown_prop", kind=self.did, prop=name)
            if not all(_is_one_of(v, types) for v in (value if isinstance(value, list) else [value])):
                raise wrong("wrong_prop", prop=name)
        return self


def _is_one_of(value: Any, types: tuple[type, ...]) -> bool:
    """Whether a `where` value can equal something of these types; a range needs a number."""
    if isinstance(value, Range):
        return int in types or float in types
    if isinstance(value, bool) or not isinstance(value, int):
        return type(value) in types
    return int in types or float in types


class Did(Touched):
    """The person did something so many times, perhaps only after the last time of something else."""

    times: Times = ONCE
    since: Touched | None = None


class Amount(Windowed):
    """Money spent, net of refunds, in fen."""

    gte_fen: Fen | None = None
    lte_fen: Fen | None = None
    department: Text | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.gte_fen is None and self.lte_fen is None:
            raise wrong("empty_range")
        if self.gte_fen is not None and self.lte_fen is not None and self.gte_fen > self.lte_fen:
            raise wrong("turned_around")
        return self


class Spent(Part):
    spent: Amount


Channel = Literal["sms", "wechat", "wecom", "miniapp", "email", "phone", "inapp", "letter"]


class Agreement(Part):
    channel: Channel
    purpose: Literal["marketing", "service", "research", "community", "case_story"]


class Consented(Part):
    consent: Agreement


class Tagged(Part):
    tag: Text


class InAudience(Part):
    in_audience: Text


class Listed(Part):
    """On the imported list of that number; such a tree is what an imported list asks."""

    listed: Annotated[int, Field(ge=1, le=2**62)]


class Scored(Part):
    """Declared so that a question may name a score; refused until the score exists."""

    score: Text
    gte: float | None = None
    lte: float | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.gte is None and self.lte is None:
            raise wrong("empty_range")
        return self


class Attr(Part):
    """One attribute, one operator."""

    OPERATORS: ClassVar[tuple[str, ...]] = (
        "is", "in", "between", "gte", "lte", "contains", "known", "within_days", "in_next_days",
    )  # fmt: skip

    attr: Text
    is_: bool | Whole | Text | None = Field(default=None, alias="is")
    in_: Annotated[list[Whole | Text], Field(min_length=1, max_length=500)] | None = Field(
        default=None, alias="in"
    )
    between: Annotated[list[Whole | date], Field(min_length=2, max_length=2)] | None = None
    gte: Whole | date | None = None
    lte: Whole | date | None = None
    contains: Text | Annotated[list[Text], Field(min_length=1, max_length=200)] | None = None
    known: bool | None = None
    within_days: Days | None = None
    in_next_days: Annotated[int, Field(ge=0, le=366)] | None = None

    @property
    def operator(self) -> str:
        return next(op for op in self.OPERATORS if self.value_of(op) is not None)

    @property
    def value(self) -> Any:
        return self.value_of(self.operator)

    def value_of(self, operator: str) -> Any:
        return getattr(self, {"is": "is_", "in": "in_"}.get(operator, operator))

    @model_validator(mode="after")
    def _fits(self) -> Self:
        attribute = ATTRIBUTES.get(self.attr)
        if attribute is None:
            raise wrong("unknown_attribute", attr=self.attr)
        given = [op for op in self.OPERATORS if self.value_of(op) is not None]
        if len(given) != 1:
            raise wrong("one_operator", operators=", ".join(attribute.operators))
        if given[0] not in attribute.operators:
            raise wrong("wrong_operator", attr=self.attr, operators=", ".join(attribute.operators))
        self._check_values(attribute.shape, given[0])
        return self

    def _check_values(self, shape: Shape, operator: str) -> None:
        value = self.value_of(operator)
        values = value if isinstance(value, list) else [value]
        if operator in ("known", "within_days", "in_next_days"):
            return
        wanted: dict[Shape, type | tuple[type, ...]] = {
            Shape.NUMBER: int, Shape.DATE: date, Shape.FLAG: bool, Shape.STAFF: (int, str),
        }  # fmt: skip
        kind = wanted.get(shape, str)
        if any(not isinstance(v, kind) or (kind is not bool and isinstance(v, bool)) for v in values):
            raise wrong(f"value_{shape.value}")
        if shape is Shape.NUMBER and any(not 0 <= v <= MAX_AGE for v in values):
            raise wrong("value_age", most=MAX_AGE)
        if shape is Shape.CHOICE and any(v not in ATTRIBUTES[self.attr].choices for v in values):
            raise wrong("value_choice", choices=", ".join(ATTRIBUTES[self.attr].choices))
        if operator == "between" and values[0] > values[1]:
            raise wrong("turned_around")


class All(Part):
    all: list["Tree"]


class Any_(Part):  # noqa: N801 - `Any` is taken by typing
    any: list["Tree"]


class Not(Part):
    not_: "Tree" = Field(alias="not")


NODE_KEYS = ("all", "any", "not", "attr", "did", "spent", "consent", "tag", "in_audience", "listed", "score")


def _tag(value: Any) -> str | None:
    """Which shape a piece is, by the one key that names it."""
    if isinstance(value, dict):
        found = [key for key in NODE_KEYS if key in value]
        return f"#{found[0]}" if found else None
    return f"#{_KEY_BY_CLASS[type(value)]}" if type(value) in _KEY_BY_CLASS else None


Tree = Annotated[
    Annotated[All, Tag("#all")]
    | Annotated[Any_, Tag("#any")]
    | Annotated[Not, Tag("#not")]
    | Annotated[Attr, Tag("#attr")]
    | Annotated[Did, Tag("#did")]
    | Annotated[Spent, Tag("#spent")]
    | Annotated[Consented, Tag("#consent")]
    | Annotated[Tagged, Tag("#tag")]
    | Annotated[InAudience, Tag("#in_audience")]
    | Annotated[Listed, Tag("#listed")]
    | Annotated[Scored, Tag("#score")],
    Discriminator(
        _tag,
        custom_error_type="unknown_condition",
        custom_error_message="unknown_condition",
    ),
]
Node = All | Any_ | Not | Attr | Did | Spent | Consented | Tagged | InAudience | Listed | Scored

_KEY_BY_CLASS: dict[type, str] = {
    All: "all", Any_: "any", Not: "not", Attr: "attr", Did: "did", Spent: "spent",
    Consented: "consent", Tagged: "tag", InAudience: "in_audience", Listed: "listed", Scored: "score",
}  # fmt: skip

for _class in (All, Any_, Not):
    _class.model_rebuild()

EVERYBODY = All(all=[])


def key_of(node: Node) -> str:
    """The key that names a node's shape: "all", "did", …"""
    return _KEY_BY_CLASS[type(node)]


def children(node: Node) -> list[Node]:
    """The nodes one level below a group; empty for a condition."""
    if isinstance(node, All):
        return list(node.all)
    if isinstance(node, Any_):
        return list(node.any)
    return [node.not_] if isinstance(node, Not) else []


def child_path(node: Node, index: int) -> tuple[str | int, ...]:
    """Where child ``index`` stands below ``node``: ("all", 2) or ("not",)."""
    return ("not",) if isinstance(node, Not) else (key_of(node), index)


def contrary(node: Node) -> Node:
    """The node's negation."""
    return Not.model_validate({"not": node})


def dump(node: Node) -> dict[str, Any]:
    """The node as JSON, without what was left at its default."""
    return node.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)


assert set(CHANNELS) == {"sms", "wechat", "wecom", "miniapp", "email", "phone", "inapp", "letter"}
assert set(PURPOSES) == {"marketing", "service", "research", "community", "case_story"}
