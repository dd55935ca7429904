"""The properties of every kind of node, each a strict shape; what a draft may still miss is optional here
and asked for by ``rules.checks`` before going live."""

from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Text = Annotated[str, Field(max_length=200)]
Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
ASSIGNEE = r"^((staff|team):[0-9a-f-]{36}|role:[a-z0-9_-]{1,32})?$"
Where = dict[str, str | int | bool | list[str | int]]


#: What a refresh of an audience records of whoever has come in.
ENTERED_AUDIENCE = "audience.entered"


class Props(BaseModel):
    """Base of all; ``label`` is the node's own title on the canvas."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, populate_by_name=True)
    label: Text = ""


class Trigger(Props):
    """Who enters when; which of the fields count depends on ``on``.

    An audience with the occurrence ``touch`` lets people in each time they come into it, from going live on;
    else once for ever. ``leave_on`` are kinds of touch that take a person out at once (of the same booking,
    where the occurrence is a booking).
    """

    on: Literal["touch", "audience", "date", "schedule"] = "touch"
    kind: Text = ""
    where: Where = Field(default_factory=dict)
    occurrence: Literal["booking", "touch", "once"] = "once"
    audience: Annotated[str | int | None, Field()] = None
    field: Literal["birthday", "next_visit", "vaccine_due", "visit_end"] | None = None
    offset_days: Annotated[int, Field(ge=-366, le=366)] = 0
    at: Clock = "09:00"
    every: Literal["day", "week", "month"] = "month"
    #: Of a schedule: the weekday (1 is Monday) or the day of the month, the last one where it is shorter.
    number: Annotated[int, Field(ge=1, le=31)] = 1
    leave_on: Annotated[list[Text], Field(max_length=10)] = Field(default_factory=list)

    @model_validator(mode="after")
    def _a_week_has_seven_days(self) -> Self:
        if self.every == "week" and self.number > 7:
            raise ValueError("number: 1–7")
        return self

    @property
    def is_each_entry(self) -> bool:
        """Into an audience, counted by every coming in."""
        return self.on == "audience" and self.occurrence == "touch"

    def by_touch(self, audience_id: int) -> "Trigger":
        """The same entrance as the touch that a refresh of the audience records."""
        changed = {"on": "touch", "kind": ENTERED_AUDIENCE, "where": {"audience": audience_id}}
        return self.model_copy(update=changed)


class Span(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
    days: Annotated[int, Field(ge=0, le=3660)] = 0
    hours: Annotated[int, Field(ge=0, le=24 * 366)] = 0
    minutes: Annotated[int, Field(ge=0, le=60 * 24)] = 0

    @property
    def seconds(self) -> int:
        return ((self.days * 24 + self.hours) * 60 + self.minutes) * 60


class Wait(Props):
    """Exactly one of ``for``, ``until_time``, ``until_touch``, ``until_field``."""

    for_: Span | None = Field(default=None, alias="for")
    until_time: Clock | None = None
    until_touch: Text | None = None
    where: Where = Field(default_factory=dict)
    same: Literal["booking", ""] = ""
    timeout: Span | None = None
    until_field: Literal["appointment_start"] | None = None
    offset_hours: Annotated[int, Field(ge=-24 * 366, le=24 * 366)] = 0

    @property
    def way(self) -> str:
        """Which of the four it is; empty while none is chosen."""
        given = {
            "for": self.for_,
            "time": self.until_time,
            "touch": self.until_touch,
            "field": self.until_field,
        }
        chosen = [name for name, value in given.items() if value]
        return chosen[0] if len(chosen) == 1 else ""


class Condition(Props):
    """An audience question (``audiences.rules.tree``) about the person."""

    question: dict[str, Any] = Field(default_factory=dict)


class Split(Props):
    """Shares in per cent by port; together 100. ``holdout`` leaves the journey unless it is connected."""

    shares: dict[Literal["a", "b", "c", "holdout"], Annotated[int | float, Field(ge=0, le=100)]] = Field(
        default_factory=dict
    )


class Send(Props):
    """A message: ``template`` is a template version's row id or a template's public id (newest approved)."""

    template: str | int | None = None
    channels: Annotated[list[Text], Field(max_length=8)] = Field(default_factory=list)
    variables: dict[str, Text] = Field(default_factory=dict)
    #: Each person's best channel before the others; each person at the hour at which they read.
    by_best_channel: bool = False
    at_best_hour: bool = False
    lane: Literal["service", "marketing"] = "service"


class Task(Props):
    """A task for a colleague, due so many days after.

    ``to`` names who does it: ``staff:`` or ``team:`` and a public id, ``role:`` and its code; "" whoever may.
    """

    what: Literal["call", "visit", "other"] = "call"
    text: Text = ""
    due_days: Annotated[int, Field(ge=0, le=366)] = 0
    to: Annotated[str, Field(max_length=60, pattern=ASSIGNEE)] = ""


class Tag(Props):
    """A tag put on the person, or taken off."""

    tag: Annotated[str, Field(max_length=40)] = ""
    remove: bool = False


class Points(Props):
    points: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    reason: Text = ""


class Webhook(Props):
    url: Annotated[str, Field(max_length=500)] = ""


class Goal(Props):
    """A conversion; ``goal`` names it."""

    goal: Text = ""


class Exit(Props):
    reason: Annotated[str, Field(max_length=24)] = ""


KINDS: dict[str, type[Props]] = {
    "trigger": Trigger, "wait": Wait, "condition": Condition, "split": Split, "send": Send, "task": Task,
    "tag": Tag, "points": Points, "webhook": Webhook, "goal": Goal, "exit": Exit,
}  # fmt: skip
