"""Published questionnaires for health education: data in YAML beside this file, arithmetic here."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import get_language, gettext, gettext_lazy

DISCLAIMER = gettext_lazy(
    "仅供健康教育。结果不是诊断，不能代替医生的检查和判断；不用于定价、排队或任何自动决定。身体不适请就医。"
)


@dataclass(frozen=True, slots=True)
class Result:
    """Points (or the index), the band's code, and what each answer gave."""

    points: float
    band: str
    parts: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """One item as a form asks it, in the active language; ``choices`` are empty for a number."""

    code: str
    label: str
    choices: tuple[tuple[str, str], ...] = ()
    low: float = 0
    high: float = 0
    is_whole: bool = False


class Questionnaire:
    """One questionnaire as its file states it; texts in the active language."""

    def __init__(self, facts: Mapping[str, Any]) -> None:
        self.facts = facts
        self.slug: str = facts["slug"]
        self.version: int = facts["version"]
        self.source: str = facts["source"]
        self.items: list[dict[str, Any]] = facts["items"]
        self.bands: list[dict[str, Any]] = facts["bands"]

    @property
    def name(self) -> str:
        return text(self.facts, "name")

    @property
    def purpose(self) -> str:
        return text(self.facts, "purpose")

    def asked(self) -> list[Asked]:
        """Its items in order."""
        return [_asked(item) for item in self.items]

    def band(self, code: str) -> dict[str, str]:
        """A band's label, advice and tone."""
        found = next(band for band in self.bands if band["code"] == code)
        return {"label": text(found, "label"), "advice": text(found, "advice"), "tone": found["tone"]}

    def said(self, points: float, band: str) -> str:
        """The result in words: ``风险较高（34 分）``, ``风险高（-4.2）``."""
        words = {"label": self.band(band)["label"], "points": f"{points:g}"}
        if any(more.get("is_total") for more in self.facts.get("derived", [])):
            return gettext("%(label)s（%(points)s）") % words
        return gettext("%(label)s（%(points)s 分）") % words

    def fits(self, *, age: int | None, sex: str) -> bool:
        """Whether it is meant for such a person; what is unknown does not speak against it."""
        whom = self.facts["for_whom"]
        right_age = age is None or whom["min_age"] <= age <= whom["max_age"]
        return right_age and ("sex" not in whom or sex in (whom["sex"], "U"))

    def result(self, answers: Mapping[str, Any]) -> Result:
        """From complete answers: sex "F" or "M", numbers, codes of choices. KeyError when one is missing."""
        parts = [(item["code"], points_of(item, answers)) for item in self.items]
        total = sum(points for _code, points in parts)
        for more in self.facts.get("derived", []):
            value = FORMULAS[more["formula"]](answers)
            if more.get("is_total"):
                return Result(value, self._band_at(value, answers), ((more["code"], value),))
            points = step(more["steps"], value)
            parts.append((more["code"], points))
            total += points
        return Result(total, self._band_at(total, answers), tuple(parts))

    def _band_at(self, points: float, answers: Mapping[str, Any]) -> str:
        code = self.bands[0]["code"]
        for band in self.bands:
            start = band.get("from_by_sex", {}).get(answers.get("sex"), band.get("from"))
            if (start is not None and points >= start) or ("above" in band and points > band["above"]):
                code = band["code"]
        return str(code)


def _asked(item: Mapping[str, Any]) -> Asked:
    code, label = item["code"], text(item, "label")
    if item["type"] == "number":
        return Asked(
            code, f"{label}（{text(item, 'unit')}）", (), item["min"], item["max"], bool(item.get("whole"))
        )
    if item["type"] == "sex":
        return Asked(code, label, (("F", gettext("女")), ("M", gettext("男"))))
    return Asked(code, label, tuple((choice["code"], text(choice, "label")) for choice in item["choices"]))


def points_of(item: Mapping[str, Any], answers: Mapping[str, Any]) -> float:
    """What one answer gives."""
    value = answers[item["code"]]
    if item["type"] == "sex":
        return float(item["points"][value])
    if item["type"] == "choice":
        return float(next(choice["points"] for choice in item["choices"] if choice["code"] == value))
    steps = item["steps_by_sex"][answers["sex"]] if "steps_by_sex" in item else item.get("steps")
    return step(steps, float(value)) if steps else 0.0


def step(steps: list[list[float]], value: float) -> float:
    """The points of the last step that ``value`` reaches."""
    return float(max((each for each in steps if value >= each[0]), key=lambda each: each[0])[1])


def _bmi(answers: Mapping[str, Any]) -> float:
    return round(float(answers["weight"]) / (float(answers["height"]) / 100) ** 2, 1)


def _osta(answers: Mapping[str, Any]) -> float:
    return round((float(answers["weight"]) - float(answers["age"])) * 0.2, 1)


FORMULAS = {"bmi": _bmi, "osta": _osta}


def text(facts: Mapping[str, Any], name: str) -> str:
    """A text of the file in the active language."""
    is_chinese = (get_language() or "zh").startswith("zh")
    return str(facts[name] if is_chinese else facts.get(f"{name}_en", facts[name]))


@cache
def shipped() -> Mapping[str, Questionnaire]:
    """Every questionnaire by its slug, in the order they are offered."""
    folder = Path(__file__).parent
    found = [
        Questionnaire(yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8")))
        for name in ("diabetes", "osta", "frail", "audit_c")
    ]
    return {each.slug: each for each in found}
