"""Ordinary texts of real people read by the checker: how many are flagged, apart from absolute terms.

The researched data lie beside the project; without them a line says so.
"""

import csv
import gzip
import json
import random
from collections.abc import Iterator
from pathlib import Path

from bench import harness
from xinglin.compliance.checker import Item, check

DATA = Path(__file__).resolve().parent.parent.parent / "shared/data"
#: What it is, the kind it is read as, the file and the column.
SOURCES = (
    ("clothing copy", "ad", "ad_compliance/clothing_ad_copy.jsonl.gz", "summary"),
    ("patients' questions", "community_post", "triage_qa/internal_medicine_qa.csv.gz", "ask"),
    ("one-line questions", "community_post", "triage_qa/question_intent_train.csv.gz", "text"),
    ("letters of thanks to doctors", "community_post", "review_sentiment/doctor_letters.csv.gz", "text"),
    ("restaurant reviews", "community_post", "review_sentiment/waimai_10k.csv.gz", "review"),
    ("microblog posts", "community_post", "review_sentiment/weibo2018_train.csv.gz", "text"),
    ("answers of doctors", "wechat_article", "triage_qa/internal_medicine_qa.csv.gz", "answer"),
)
SIZE = 2_500


def main(scale: float) -> None:
    for what, kind, name, column in SOURCES:
        if not (DATA / name).exists():
            print(json.dumps({"what": f"{what}: skipped, the data are not here", "unit": ""}), flush=True)
            continue
        texts = sorted(set(_texts(DATA / name, column)))
        random.Random(3).shuffle(texts)
        texts = texts[: int(SIZE * scale)]
        flagged = sum(_is_flagged(kind, text) for text in texts)
        harness.report(
            f"flagged of {len(texts):,} {what}, apart from absolute terms", 100 * flagged / len(texts), "%",
            goal="≤ 1" if kind == "ad" else "", better="lower",
        )  # fmt: skip


def _is_flagged(kind: str, text: str) -> bool:
    found = check(Item(kind=kind, text=text)).findings
    return any(finding.rule != "AD-03" and finding.severity != "info" for finding in found)


def _texts(path: Path, column: str) -> Iterator[str]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        rows = map(json.loads, file) if path.name.endswith(".jsonl.gz") else csv.DictReader(file)
        for row in rows:
            yield str(row[column])
