"""The gate's rulebook as plain values, and its arithmetic: quiet hours, budget units."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

import yaml
from django.utils.translation import get_language
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

CHECKS = (
    "template",
    "compliance",
    "at_provider",
    "policy",
    "identity",
    "address",
    "consent",
    "unsubscribed",
    "bounced",
    "deceased",
    "complaint",
    "manual",
    "minor",
    "quiet_hours",
    "cap",
    "duplicate",
    "quota",
    "budget",
)


def _is_chinese() -> bool:
    return (get_language() or "zh").startswith("zh")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Check(_Part):
    """One question of the gate; ``bit`` is its place in a stored set of failures and never changes."""

    code: str
    bit: int = Field(ge=0, le=30)
    label_zh: str = Field(alias="label")
    label_en: str
    short_zh: str = Field(alias="short")
    short_en: str
    refusal_zh: str = Field(alias="refusal")
    refusal_en: str
    citation: str

    @property
    def label(self) -> str:
        """The question in the reader's language."""
        return self.label_zh if _is_chinese() else self.label_en

    @property
    def short(self) -> str:
        """The question in a word, for a row of marks."""
        return self.short_zh if _is_chinese() else self.short_en

    @property
    def refusal(self) -> str:
        """What is said when the answer is no."""
        return self.refusal_zh if _is_chinese() else self.refusal_en


class Window(_Part):
    days: int = Field(gt=0)
    messages: int = Field(ge=1)


class QuietHours(_Part):
    starts: time = Field(alias="from")
    ends: time = Field(alias="until")
    exempt: tuple[str, ...]


class Caps(_Part):
    applies_to: tuple[str, ...]
    windows: tuple[Window, ...]


class Duplicate(_Part):
    applies_to: tuple[str, ...]
    days: int = Field(gt=0)


class Applies(_Part):
    applies_to: tuple[str, ...]


class Identity(_Part):
    required_for: tuple[str, ...]


class Template(_Part):
    valid: Literal[True]


class Suppressions(_Part):
    unsubscribed: tuple[str, ...]
    bounced: tuple[str, ...]
    deceased: tuple[str, ...]
    complaint: tuple[str, ...]
    manual: tuple[str, ...]
    minor: tuple[str, ...]
    minor_under_years: int = Field(ge=14)

    def stops(self, kind: str, purpose: str) -> bool:
        return purpose in getattr(self, kind)


class GateRules(_Part):
    """One version of the gate's rulebook."""

    id: str
    version: str
    effective_from: date
    source: str
    template: Template
    identity: Identity
    consent: dict[str, Literal["opt_in", "opt_out"]]
    suppression: Suppressions
    quiet_hours: QuietHours
    caps: Caps
    duplicate: Duplicate
    budget: Applies
    checks: tuple[Check, ...]

    @model_validator(mode="before")
    @classmethod
    def _say_the_figures(cls, given: Any) -> Any:
        """The checks name the hours, caps and days that are in force."""
        quiet, windows = given["quiet_hours"], given["caps"]["windows"]
        said = {
            "quiet": f"{quiet['from']}–{quiet['until']}",
            "caps": "、".join(f"{one['days']} 天 {one['messages']} 条" for one in windows),
            "caps_en": ", ".join(f"{one['messages']} in {one['days']} days" for one in windows),
            "days": given["duplicate"]["days"],
        }
        checks = [
            {key: text.format_map(said) if isinstance(text, str) else text for key, text in check.items()}
            for check in given["checks"]
        ]
        return {**given, "checks": checks}

    @field_validator("checks")
    @classmethod
    def _all_checks_in_order(cls, checks: tuple[Check, ...]) -> tuple[Check, ...]:
        if tuple(check.code for check in checks) != CHECKS:
            raise ValueError("the checks must be " + ", ".join(CHECKS))
        if len({check.bit for check in checks}) != len(checks):
            raise ValueError("two checks share a bit")
        return checks

    @model_validator(mode="after")
    def _service_is_known(self) -> "GateRules":
        if "service" not in self.consent or "marketing" not in self.consent:
            raise ValueError("consent must name service and marketing")
        return self

    @property
    def stamp(self) -> str:
        """What a judgement is stored with."""
        return f"{self.id}@{self.version}"

    def bit_of(self, code: str) -> int:
        return next(check.bit for check in self.checks if check.code == code)

    def check(self, code: str) -> Check | None:
        return next((check for check in self.checks if check.code == code), None)


def parse(text: str) -> GateRules:
    """Rules from YAML; pydantic's ValidationError names what is wrong with it."""
    return GateRules.model_validate(yaml.safe_load(text))


@cache
def _text() -> str:
    return Path(__file__).with_name("gate.yaml").read_text(encoding="utf-8")


@cache
def shipped() -> GateRules:
    """The rules that come with Xinglin."""
    return parse(_text())


class Layer(_Part):
    """What a hospital may set for itself: the rest of the rules is law.

    ``quiet_from`` to ``quiet_until`` are clock times of the person's time zone and at least eight hours,
    ``days`` lie between 1 and 365, ``messages`` between 1 and 100.
    """

    quiet_from: time
    quiet_until: time
    caps: tuple[Window, ...] = Field(min_length=1, max_length=4)
    duplicate_days: int = Field(ge=1, le=365)

    @model_validator(mode="after")
    def _within_bounds(self) -> "Layer":
        if hours_between(self.quiet_from, self.quiet_until) < MIN_QUIET_HOURS:
            raise ValueError("quiet hours are too short")
        if any(one.days > 365 or one.messages > 100 for one in self.caps):
            raise ValueError("a cap is out of range")
        if len({one.days for one in self.caps}) != len(self.caps):
            raise ValueError("two caps count the same days")
        return self


MIN_QUIET_HOURS = 8


def hours_between(start: time, end: time) -> float:
    """Hours from one clock time to the next occurrence of another, in (0, 24]."""
    minutes = (end.hour * 60 + end.minute - start.hour * 60 - start.minute) % 1440
    return (minutes or 1440) / 60


def layer_of(rules: GateRules) -> Layer:
    """The part of the rules that a hospital may set, as these rules have it."""
    return Layer(
        quiet_from=rules.quiet_hours.starts,
        quiet_until=rules.quiet_hours.ends,
        caps=rules.caps.windows,
        duplicate_days=rules.duplicate.days,
    )


@lru_cache(maxsize=256)
def layered(layer: Layer, *, number: int) -> GateRules:
    """The shipped rules with the hospital's layer ``number`` over them; the stamp names both."""
    raw = yaml.safe_load(_text())
    raw["version"] = f"{raw['version']}+{number}"
    raw["quiet_hours"] |= {
        "from": f"{layer.quiet_from:%H:%M}",
        "until": f"{layer.quiet_until:%H:%M}",
    }
    raw["caps"]["windows"] = [one.model_dump() for one in sorted(layer.caps, key=lambda window: window.days)]
    raw["duplicate"]["days"] = layer.duplicate_days
    return GateRules.model_validate(raw)


def quiet_until(*, at: datetime, zone: str, quiet: QuietHours) -> datetime | None:
    """When the quiet hours around ``at`` end in that time zone; None outside them.

    22:30 in Shanghai is held until 08:00 the next morning, 07:59 until 08:00 the same day.
    """
    local = at.astimezone(ZoneInfo(zone))
    clock = local.time()
    overnight = quiet.starts > quiet.ends
    inside = clock >= quiet.starts or clock < quiet.ends if overnight else quiet.starts <= clock < quiet.ends
    if not inside:
        return None
    day = local.date() + timedelta(days=1) if overnight and clock >= quiet.starts else local.date()
    return datetime.combine(day, quiet.ends, tzinfo=ZoneInfo(zone)).astimezone(at.tzinfo)


def years_before(day: date, years: int) -> date:
    """The same day ``years`` earlier; 29 February becomes 1 March, so that nobody comes of age early."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return date(day.year - years, 3, 1)


def affordable(*, budget_cap_fen: int | None, unit_cost_fen: int) -> int | None:
    """How many messages the budget pays for; None without a limit."""
    if budget_cap_fen is None or unit_cost_fen <= 0:
        return None
    return budget_cap_fen // unit_cost_fen


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of "why": the question, whether it was passed, and the rule behind it."""

    code: str
    label: str
    is_passed: bool
    citation: str
    refusal: str = ""
    short: str = ""


def explain(*, rules: GateRules, failed_checks: int) -> list[CheckResult]:
    """The stored set of failures as lines, in the gate's order."""
    return [
        CheckResult(c.code, c.label, not failed_checks >> c.bit & 1, c.citation, c.refusal, c.short)
        for c in rules.checks
    ]
