"""What goes into the checker and what comes out: plain data, the contract of pipelines and the API."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Verdict = Literal["block", "review", "pass"]
_NO_FINDING = "按当前规则集未发现问题"


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What is to be checked; ``kind`` is one of the seven of the contract, ``meta`` is all optional."""

    id: str = ""
    kind: str
    text: str
    meta: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule that bites. ``start``/``end`` are code points of the original, None for the whole item."""

    rule: str
    rule_version: int
    name: str
    family: str
    severity: str
    article: tuple[str, ...]
    start: int | None
    end: int | None
    quote: str
    law: str
    message: str
    suggestion: str
    replace: str | None
    evidence: str
    leniency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A place a rule looked at and let go, with the context that saved it."""

    rule: str
    name: str
    start: int
    end: int
    quote: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Silenced:
    """A finding that counts less because the hospital silenced its rule: why, and until which day (ISO)."""

    rule: str
    name: str
    severity: str
    start: int | None
    end: int | None
    quote: str
    reason: str
    until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """Verdict, findings in reading order, class of the text with its reason, and the packs' version.

    ``silenced`` names what the hospital's own silences changed; ``saved`` is filled where asked for.
    """

    id: str = ""
    verdict: Verdict
    findings: tuple[Finding, ...] = ()
    text_class: str = ""
    class_reason: str = ""
    pack_version: str = ""
    text_hash: str = ""
    saved: tuple[Saved, ...] = ()
    silenced: tuple[Silenced, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON; ``article`` is a list."""
        data = asdict(self)
        for finding in data["findings"]:
            finding["article"] = list(finding["article"])
        for name in ("findings", "saved", "silenced"):
            data[name] = list(data[name])
        return data

    @property
    def summary(self) -> str:
        """One sentence for people; never a promise that the text is lawful."""
        if not self.findings:
            return _NO_FINDING
        blocked = sum(f.severity == "block" for f in self.findings)
        wanting = sum(f.severity == "warn" for f in self.findings)
        parts = [f"{blocked} 处阻断"] if blocked else []
        parts += [f"{wanting} 处要补证据"] if wanting else []
        return "，".join(parts) or _NO_FINDING
