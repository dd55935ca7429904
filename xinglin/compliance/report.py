"""Results of the checker for people, pipelines and code-scanning tools."""

from collections.abc import Sequence
from typing import Any

from xinglin.compliance.checker import Finding, Result
from xinglin.compliance.engine.rulebook import default_rulebook

VERDICT = {"block": "阻断", "review": "复核", "pass": "未发现问题"}
SEVERITY = {"block": "阻断", "warn": "复核", "info": "提示"}
_SARIF_LEVEL = {"block": "error", "warn": "warning", "info": "note"}


def as_text(result: Result, *, text: str, name: str) -> str:
    """A line for the verdict and one for each finding, with line and column for editors to jump to."""
    lines = [f"{name}: {VERDICT[result.verdict]}（{result.summary}；规则 {result.pack_version}）"]
    for finding in result.findings:
        where = f"{name}:{':'.join(map(str, _place(text, finding)))}" if finding.start is not None else name
        lines.append(f"{where}: [{SEVERITY[finding.severity]}] {finding.rule} {finding.message}")
    return "\n".join(lines)


def as_sarif(checked: Sequence[tuple[str, str, Result]]) -> dict[str, Any]:
    """SARIF 2.1.0 of (name, text, result); columns count code points, as the checker's offsets do."""
    book = default_rulebook()
    return {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "xinglin comply",
                        "version": book.version,
                        "rules": [
                            {
                                "id": rule.id,
                                "name": rule.name,
                                "shortDescription": {"text": rule.name},
                                "fullDescription": {"text": rule.law},
                                "help": {"text": rule.rewrite},
                                "properties": {"citations": list(rule.citations)},
                            }
                            for rule in book.rules.values()
                        ],
                    }
                },
                "columnKind": "unicodeCodePoints",
                "results": [
                    _sarif_result(name, text, finding)
                    for name, text, result in checked
                    for finding in result.findings
                ],
            }
        ],
    }


def _sarif_result(name: str, text: str, finding: Finding) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": name}}
    if finding.start is not None and finding.end is not None:
        line, column = _place(text, finding)
        place["region"] = {
            "startLine": line,
            "startColumn": column,
            "charOffset": finding.start,
            "charLength": finding.end - finding.start,
            "snippet": {"text": finding.quote},
        }
    return {
        "ruleId": finding.rule,
        "level": _SARIF_LEVEL[finding.severity],
        "message": {"text": finding.message},
        "locations": [{"physicalLocation": place}],
    }


def _place(text: str, finding: Finding) -> tuple[int, int]:
    before = text[: finding.start or 0]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
