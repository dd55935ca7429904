"""Invented sentences, one rule each, and look-alikes that must pass; apart from the researched examples."""

import json
from pathlib import Path
from typing import Any

import pytest

from xinglin.compliance.checker import Item, check

ROWS = [
    json.loads(line) for line in Path(__file__).with_name("sentences.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("row", ROWS, ids=[row["text"][:16] for row in ROWS])
def test_sentence(row: dict[str, Any]) -> None:
    is_marketing = bool(row["rule"]) or "拒收" in row["text"]
    purpose = {"purpose": "marketing" if is_marketing else "service", "consent": True}
    meta = purpose if row["kind"] == "sms" else {}
    result = check(Item(kind=row["kind"], text=row["text"], meta=meta))
    found = {finding.rule for finding in result.findings if finding.severity != "info"}
    if row["rule"]:
        assert row["rule"] in found
    else:
        assert result.verdict == "pass", [(f.rule, f.quote) for f in result.findings]
