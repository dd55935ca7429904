"""How well the checker does on labelled examples: verdicts, evasions, false alarms, citations, families."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xinglin.compliance.checker import Finding, Result, check
from xinglin.compliance.engine.rulebook import default_rulebook

_KINDS_OF_TAG = {"evasion", "hard_negative", "long", "real"}


@dataclass(frozen=True, slots=True)
class Score:
    """Counts of one family (or of the verdicts as a whole) with the usual shares, each in [0, 1]."""

    name: str
    hit: int
    false: int
    missed: int

    @property
    def precision(self) -> float:
        """Share of what was flagged that should have been; 1 when nothing was flagged."""
        return self.hit / (self.hit + self.false) if self.hit + self.false else 1.0

    @property
    def recall(self) -> float:
        """Share of what should have been flagged that was; 1 when there was nothing."""
        return self.hit / (self.hit + self.missed) if self.hit + self.missed else 1.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both; 0 when both are."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """The whole outcome: verdicts, look-alikes, evasions, families."""

    items: int
    verdicts: Score
    three_class: float
    block_recall: float
    look_alike_false: float
    ordinary_false: float
    evasion_recall: float
    citation_match: float
    evasions: tuple[Score, ...]
    families: tuple[Score, ...]
    wrong: tuple[tuple[str, str, str, str], ...]


def score(examples: Iterable[dict[str, Any]]) -> Report:
    """Check every example (id, kind, text, meta, verdict, labels, tags) and count."""
    families = {rule.id: rule.family for rule in default_rulebook().rules.values()}
    counts: dict[str, Counter[str]] = {}
    whole: Counter[str] = Counter()
    evasions: dict[str, Counter[str]] = {}
    wrong = []
    items = 0
    for example in examples:
        items += 1
        result = check(example)
        whole += _verdict_counts(example, result)
        for technique in _techniques(example):
            state = "missed" if result.verdict == "pass" else "hit"
            evasions.setdefault(technique, Counter())[state] += 1
        if result.verdict != example["verdict"]:
            wrong.append((str(example["id"]), example["verdict"], result.verdict, example["text"][:60]))
        wanted = {
            families.get(label["rule_id"], label["rule_id"])
            for label in example.get("labels", ())
            if not label.get("implied")
        }
        implied = {
            families.get(label["rule_id"], label["rule_id"])
            for label in example.get("labels", ())
            if label.get("implied")
        }
        found = {f.family for f in result.findings if f.severity != "info"}
        for family in wanted | (found - implied):
            state = "hit" if family in wanted & found else "missed" if family in wanted else "false"
            counts.setdefault(family, Counter())[state] += 1
    return Report(
        items=items,
        verdicts=Score("verdict", whole["tp"], whole["fp"], whole["fn"]),
        three_class=whole["same"] / items if items else 1.0,
        block_recall=_share(whole["blocked"], whole["block"], 1.0),
        look_alike_false=_share(whole["hard_fp"], whole["hard"], 0.0),
        ordinary_false=_share(whole["ordinary_fp"], whole["ordinary"], 0.0),
        evasion_recall=_share(whole["evasion_hit"], whole["evasion"], 1.0),
        citation_match=_share(whole["cited"], whole["tp"], 1.0),
        evasions=_rows(evasions),
        families=_rows(counts),
        wrong=tuple(wrong),
    )


def _share(part: int, of: int, otherwise: float) -> float:
    return part / of if of else otherwise


def _rows(counts: dict[str, Counter[str]]) -> tuple[Score, ...]:
    return tuple(Score(name, c["hit"], c["false"], c["missed"]) for name, c in sorted(counts.items()))


def _techniques(example: dict[str, Any]) -> list[str]:
    """How an evasion hides: the tags beside ``evasion``."""
    tags = example.get("tags", ())
    return [tag for tag in tags if tag not in _KINDS_OF_TAG] if "evasion" in tags else []


def _is_cited(example: dict[str, Any], result: Result) -> bool:
    """Whether a finding on the place of a label names an article (law and 条) the label accepts."""
    for label in example.get("labels", ()):
        accepted = label.get("articles") or label.get("article") or ()
        wanted = {_law_and_article(c) for c in ([accepted] if isinstance(accepted, str) else accepted)}
        for finding in result.findings:
            if finding.severity == "info" or not _overlaps(label, finding):
                continue
            if wanted & {_law_and_article(c) for c in finding.article}:
                return True
    return False


def _law_and_article(citation: str) -> str:
    return citation.split("条")[0]


def _overlaps(label: dict[str, Any], finding: Finding) -> bool:
    start, end = label.get("start"), label.get("end")
    if start is None or end is None:
        return True
    return (
        finding.start is not None and finding.end is not None and finding.start < end and start < finding.end
    )


def read_examples(path: Path) -> list[dict[str, Any]]:
    """JSON Lines as objects; ValueError names the line that is none."""
    rows = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if line.strip():
            try:
                rows.append(json.loads(line))
            except ValueError as error:
                raise ValueError(f"第 {number} 行不是 JSON：{error}") from error
    return rows


def _verdict_counts(example: dict[str, Any], result: Result) -> Counter[str]:
    counts: Counter[str] = Counter()
    violates, flagged = example["verdict"] != "pass", result.verdict != "pass"
    counts["tp" if violates and flagged else "fn" if violates else "fp" if flagged else "tn"] += 1
    counts["same"] += result.verdict == example["verdict"]
    tags = example.get("tags", ())
    if example["verdict"] == "block":
        counts["block"] += 1
        counts["blocked"] += result.verdict == "block"
    if violates and flagged:
        counts["cited"] += _is_cited(example, result)
    if not violates:
        group = "hard" if "hard_negative" in tags else "ordinary"
        counts[group] += 1
        counts[f"{group}_fp"] += flagged
    if violates and "evasion" in tags:
        counts["evasion"] += 1
        counts["evasion_hit"] += flagged
    return counts
