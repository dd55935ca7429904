"""One verdict over the parts of a text (subject and bodies per channel, blocks of a page)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from xinglin.compliance.checker import Finding, Item, Silenced, check
from xinglin.compliance.engine.rulebook import Rulebook
from xinglin.compliance.queries import rulebook_of
from xinglin.compliance.review.parts import Part

_RANK = {"pass": 0, "review": 1, "block": 2}


@dataclass(frozen=True, slots=True)
class Judgement:
    """The worst verdict of all parts, with every finding and the part it belongs to."""

    verdict: str
    findings: tuple[tuple[str, Finding], ...]
    text_class: str
    class_reason: str
    pack_version: str
    silenced: tuple[tuple[str, Silenced], ...] = ()

    def as_json(self, *, now: datetime) -> dict[str, Any]:
        """What is stored beside the version: enough to show and to prove, without the text itself."""
        return {
            "verdict": self.verdict,
            "pack_version": self.pack_version,
            "class": self.text_class,
            "class_reason": self.class_reason,
            "checked_at": now.isoformat(),
            "findings": [
                {
                    "part": key,
                    "rule": f.rule,
                    "version": f.rule_version,
                    "severity": f.severity,
                    "article": list(f.article),
                    "start": f.start,
                    "end": f.end,
                    "quote": f.quote,
                }
                for key, f in self.findings
            ],
            "silenced": [
                {"part": key, "rule": s.rule, "quote": s.quote, "reason": s.reason, "until": s.until}
                for key, s in self.silenced
            ],
        }

    @property
    def blocked(self) -> int:
        """How many findings forbid the text."""
        return sum(f.severity == "block" for _, f in self.findings)

    @property
    def wanting(self) -> int:
        """How many findings want evidence."""
        return sum(f.severity == "warn" for _, f in self.findings)


def judge_parts(
    parts: Sequence[Part],
    *,
    now: datetime,
    organization_id: int | None = None,
    rulebook: Rulebook | None = None,
) -> Judgement:
    """Check every part; the worst verdict counts. No parts is *review*: nothing was looked at.

    The hospital's own layer counts where ``organization_id`` is given; ``rulebook`` judges instead of both.
    """
    if rulebook is None and organization_id is not None:
        rulebook = rulebook_of(organization_id)
    silenced: list[tuple[str, Silenced]] = []
    findings: list[tuple[str, Finding]] = []
    verdict, text_class, reason, version = "pass" if parts else "review", "", "", ""
    for part in parts:
        result = check(
            Item(id=part.key, kind=part.kind, text=part.text, meta=part.meta), now=now, rulebook=rulebook
        )
        silenced += [(part.key, one) for one in result.silenced]
        findings += [(part.key, finding) for finding in result.findings]
        verdict = max(verdict, result.verdict, key=_RANK.__getitem__)
        text_class, reason = result.text_class, result.class_reason
        version = result.pack_version or version
    return Judgement(verdict, tuple(findings), text_class, reason, version, tuple(silenced))
