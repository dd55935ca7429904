"""Kinds that only tests and benches record."""

from dataclasses import dataclass, field

from xinglin.ledger.kinds import touch_kind


@touch_kind("test.visited", label="测试就诊", icon="stethoscope", private=("remark",))
@dataclass(frozen=True, slots=True, kw_only=True)
class VisitEnded:
    visit: str
    department: str = ""
    minutes: int = 0
    share: float = 0.0
    is_first: bool = False
    score: int | None = None
    words: list[str] = field(default_factory=list)
    remark: str = ""


@touch_kind("test.waved", label="测试招手")
@dataclass(frozen=True, slots=True)
class Waved:
    pass


@touch_kind("test.asked", label="测试提问")
@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    share: float | None = None
