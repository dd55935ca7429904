"""The shipped rules of approval and a hospital's layer over them; pure."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from xinglin.content.rules.kinds import Kind, Level

AD = "ad"
KEYS = (*Kind.values, AD)
#: Where a person always looks, whatever a hospital sets.
NEVER_ALONE = (AD, Kind.CASE_STORY.value)
LevelCode = Literal["medical", "compliance", "final", "leader"]


class ByVerdict(BaseModel):
    """Levels for a text that passed the self-check, and for one with findings that want evidence."""

    model_config = ConfigDict(populate_by_name=True, extra="forbid")

    passed: list[LevelCode] = Field(alias="pass", max_length=4)
    review: list[LevelCode] = Field(min_length=1, max_length=4)

    @model_validator(mode="after")
    def _each_once(self) -> "ByVerdict":
        for levels in (self.passed, self.review):
            if len(set(levels)) != len(levels):
                raise ValueError("a level stands twice")
        return self


class Approval(BaseModel):
    """One version of the rules: levels by kind and verdict, hours a level may take."""

    model_config = ConfigDict(extra="ignore")

    id: str = "content-approval"
    version: str
    hours: dict[LevelCode, int]
    levels: dict[str, ByVerdict]

    @model_validator(mode="after")
    def _complete(self) -> "Approval":
        missing = set(KEYS) - set(self.levels)
        if missing or set(self.levels) - set(KEYS):
            raise ValueError(f"kinds do not match: {sorted(missing)}")
        if any(not self.levels[key].passed for key in NEVER_ALONE):
            raise ValueError("advertisements and case stories need a level")
        if set(self.hours) != set(Level.values) or any(not 1 <= h <= 720 for h in self.hours.values()):
            raise ValueError("hours lie between 1 and 720 for every level")
        return self

    def levels_for(self, *, kind: str, page_class: str, verdict: str) -> list[str]:
        """The levels a text passes, in order; an unknown verdict passes the longer way."""
        rule = self.levels[AD if page_class == "ad" else kind]
        return list(rule.passed if verdict == "pass" else rule.review)


@cache
def shipped() -> Approval:
    """What this release ships."""
    text = Path(__file__).with_name("approval.yaml").read_text(encoding="utf-8")
    return Approval.model_validate(yaml.safe_load(text))


def layered(layer: Mapping[str, Any] | None, *, number: int = 0) -> Approval:
    """The shipped rules with a hospital's layer over them; ValueError for a layer that breaks them."""
    base = shipped()
    if not layer:
        return base
    levels = {key: rule.model_dump(by_alias=True) for key, rule in base.levels.items()}
    levels |= {key: dict(rule) for key, rule in (layer.get("levels") or {}).items()}
    hours = {**base.hours, **(layer.get("hours") or {})}
    return Approval.model_validate({"version": f"{base.version}+{number}", "hours": hours, "levels": levels})


def step_names(levels: Sequence[str]) -> list[str]:
    """The levels by their names, for a steps bar."""
    return [str(Level(code).label) for code in levels]
