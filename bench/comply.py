"""The checker: short texts as an editor sends them, long texts as an archive holds them, with and without a
hospital's own list of 76,000 words; beside a bare Aho–Corasick scan for the same strings."""

import csv
import gzip
import json
import random
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from ahocorasick_rs import AhoCorasick, Implementation

from bench import harness
from xinglin.compliance.checker import Item, check
from xinglin.compliance.engine.overlay import Overlay, OwnWord, laid_over
from xinglin.compliance.engine.rulebook import Rulebook, default_rulebook

ROOT = Path(__file__).resolve().parent.parent
ROWS = ROOT / "xinglin/compliance/tests/sentences.jsonl"
# Names of hospitals, diseases, drugs, checks and places, where the researched data lie beside the project.
NAMES = ROOT.parent / "shared/data/reference_codes"
OWN_WORDS = 76_000
_NAME = re.compile("[\u4e00-\u9fff]{3,16}")
ORDINARY = "本院将于下周调整部分门诊安排，请大家留意公告。天气渐冷，出门记得添衣，路上注意安全。\n" * 40


def main(scale: float) -> None:
    rows = [json.loads(line) for line in ROWS.read_text("utf-8").splitlines()]
    random.Random(1).shuffle(rows)
    mixed = "\n".join(row["text"] for row in rows)
    plain = "\n".join(row["text"] for row in rows if not row["rule"])
    seconds, book = cpu(default_rulebook, repeat=1)
    harness.report("rule packs read and compiled", seconds, "s", better="lower")
    texts = [mixed[i : i + 1000] for i in range(0, len(mixed) - 1000, 97)][: max(20, int(60 * scale))]
    short([(ORDINARY * 2)[:1000], plain[:1000]] * 20, book, "1,000 characters, lawful")
    short(texts, book, "1,000 characters, half of the sentences unlawful")
    long_texts = {
        what: (text + "\n") * max(1, int(4_000_000 * scale / len(text.encode())))
        for what, text in (("ordinary prose", ORDINARY), ("hospital prose dense with look-alikes", plain))
    }
    for what, text in long_texts.items():
        long(text, book, f"long text, {what}")
    words = own_words()
    seconds, wide = cpu(lambda: laid_over(book, Overlay("1", tuple(map(OwnWord, words)))), repeat=1)
    harness.report(f"a hospital's {len(words):,} words laid over", seconds, "s", better="lower")
    short(texts, wide, f"1,000 characters, with {len(words):,} own words")
    for what, text in long_texts.items():
        long(text, wide, f"long text with own words, {what}")


def short(texts: list[str], book: Rulebook, what: str) -> None:
    def run() -> None:
        for text in texts:
            check(Item(kind="wechat_article", text=text), rulebook=book)

    harness.report(what, cpu(run)[0] / len(texts) * 1000, "ms", goal="< 2", better="lower")


def long(text: str, book: Rulebook, what: str) -> None:
    """MB of UTF-8 a second of CPU time, beside the automaton alone over the raw text."""
    size = len(text.encode()) / 1e6
    ours = cpu(lambda: check(Item(kind="wechat_article", text=text), rulebook=book))[0]
    bare = AhoCorasick(book.strings, implementation=Implementation.ContiguousNFA)
    theirs = cpu(lambda: bare.find_matches_as_indexes(text, overlapping=True))[0]
    harness.report(
        what,
        size / ours,
        "MB/s",
        baseline=size / theirs,
        baseline_is="MB/s bare Aho–Corasick",
        goal="≥ 20, ≤ 3×",
        better="higher",
    )


def cpu(call: Callable[[], Any], *, repeat: int = 5) -> tuple[float, Any]:
    """CPU seconds of the quickest of ``repeat`` calls, and the last result; other load only ever adds."""
    best, result = float("inf"), None
    for _ in range(repeat):
        started = time.process_time()
        result = call()
        best = min(best, time.process_time() - started)
    return best, result


def own_words() -> list[str]:
    """Real names where the data are here, else invented ones; always as many."""
    words = sorted(set(_names()))
    random.Random(2).shuffle(words)
    numbers = range(OWN_WORDS - len(words))
    return words[:OWN_WORDS] + [f"自拟名称{chr(0x4E00 + i % 8000)}{chr(0x4E00 + i // 8000)}" for i in numbers]


def _names() -> Iterator[str]:
    for path in sorted(NAMES.glob("*.csv*")):
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open() as file:
            for row in csv.reader(file):
                yield from (name for cell in row for name in _NAME.findall(cell) if 3 <= len(name) <= 16)
