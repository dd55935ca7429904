"""From what pydantic found to a sentence and a place: "all[2].times: …"."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a question; ``path`` leads to the piece, () is the whole."""

    path: Path
    message: str

    @property
    def where(self) -> str:
        return show(self.path)

    def __str__(self) -> str:
        return f"{self.where}: {self.message}"


def show(path: Sequence[str | int]) -> str:
    """A path as text: ("all", 2, "times") is "all[2].times", () is "$"."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else (f".{part}" if text else str(part))
    return text or "$"


def sentence(code: str, context: dict[str, Any]) -> str:
    """The sentence for an error code of `rules.tree` or of pydantic."""
    texts = {
        "unknown_condition": _(
            "认不出这条条件：需要 all、any、not、attr、did、spent、consent、tag、in_audience、score 之一"
        ),
        "two_windows": _("within_days 和 between 只能写一个"),
        "turned_around": _("范围反了：前面的数要不大于后面的数"),
        "empty_range": _("至少写一个上限或下限"),
        "eq_alone": _("eq 不能和 gte、lte 一起写"),
        "unknown_kind": _("没有登记过的触点种类「%(kind)s」"),
        "unknown_prop": _("「%(kind)s」没有字段「%(prop)s」"),
        "wrong_prop": _("字段「%(prop)s」的值类型不对"),
        "unknown_attribute": _("没有属性「%(attr)s」"),
        "one_operator": _("这条条件要写恰好一个比较：%(operators)s"),
        "wrong_operator": _("「%(attr)s」只能用这些比较：%(operators)s"),
        "value_number": _("这里要填整数"),
        "value_date": _("这里要填日期，如 2026-11-22"),
        "value_flag": _("这里只能填 true 或 false"),
        "value_staff": _("这里要填员工的编号"),
        "value_text": _("这里要填文字"),
        "value_many": _("这里要填文字"),
        "value_choice": _("只能选：%(choices)s"),
        "value_age": _("年龄要在 0 到 %(most)s 之间"),
        "extra_forbidden": _("不认识的字段"),
        "missing": _("缺少这个字段"),
        "literal_error": _("只能是 %(expected)s"),
        "greater_than_equal": _("不能小于 %(ge)s"),
        "less_than_equal": _("不能大于 %(le)s"),
        "too_short": _("至少要有 %(min_length)s 项"),
        "too_long": _("最多 %(max_length)s 项"),
        "string_too_short": _("不能为空"),
        "string_too_long": _("最多 %(max_length)s 个字"),
    }
    if code.startswith("date"):
        return texts["value_date"]
    if code.startswith("int"):
        return texts["value_number"]
    return (texts[code] % context) if code in texts else _("填写的内容类型不对")


def from_pydantic(errors: Iterable[Any]) -> list[Problem]:
    """Problems from `ValidationError.errors()`, one per place, most specific first met."""
    found: dict[Path, Problem] = {}
    for error in errors:
        path = readable(error["loc"])
        found.setdefault(path, Problem(path, sentence(error["type"], dict(error.get("ctx") or {}))))
    return list(found.values())


def readable(loc: Sequence[str | int]) -> Path:
    """A pydantic location without the union's own tags and type names."""
    kept: list[str | int] = []
    for part in loc:
        if isinstance(part, str) and (part.startswith("#") or part in UNION_NAMES or "[" in part):
            continue
        kept.append(part)
    return tuple(kept)


UNION_NAMES = frozenset(
    {"bool", "int", "str", "float", "date", "Range", "constrained-int", "constrained-str"}
)
