"""Makes the second reader's file from the labelled texts beside it, and says what it is worth unseen.

    .venv/bin/python tools/reader.py            # figures by cross-validation, then the file
    .venv/bin/python tools/reader.py --check    # the shipped file belongs to these texts

``tools/reader/*.jsonl`` hold texts of the checker's contract with labels (rule, place); written for this, not
collected. A text is cut into the stretches that the reader reads; one is unlawful where a label touches it.
"""

import argparse
import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from xinglin.compliance.engine import reader
from xinglin.compliance.engine.folding import fold
from xinglin.compliance.engine.points import points_of

ROOT = Path(__file__).resolve().parent.parent
TEXTS = ROOT / "tools/reader"
SENTENCES = ROOT / "xinglin/compliance/tests/sentences.jsonl"
TARGET = ROOT / "xinglin/compliance/rules/_reader.npz"
RIDGE = 0.1


def rows() -> list[dict[str, Any]]:
    """All labelled texts, in the contract's form, with the file they came from."""
    found = []
    for path in sorted(TEXTS.glob("*.jsonl")):
        lines = path.read_text("utf-8").splitlines()
        found += [{**json.loads(line), "file": path.stem} for line in lines]
    for line in SENTENCES.read_text("utf-8").splitlines():
        row = json.loads(line)
        labels = [{"rule_id": row["rule"], "start": 0, "end": len(row["text"])}] if row["rule"] else []
        found.append({"kind": row["kind"], "text": row["text"], "labels": labels, "file": "sentences"})
    return found


def stretches_of(row: dict[str, Any]) -> Iterator[tuple[Any, list[str]]]:
    """(code points, rules it breaks) of each stretch; a text that only lacks something teaches nothing."""
    labels = row["labels"]
    if labels and all(label["start"] is None for label in labels):
        return
    folded = fold(row["text"])
    points = points_of(folded.text)
    kinds = reader.kinds_of(points)
    pieces = {
        (int(start), int(end))
        for starts in (reader.sentences(kinds), reader.stretches(kinds))
        for start, end in zip(starts, [*starts[1:], len(points)], strict=True)
    }
    for start, end in sorted(pieces):
        left, right = folded.origin(start, end) if end > start else (0, 0)
        broken = [
            label["rule_id"]
            for label in labels
            if label["start"] is not None and label["start"] < right and left < label["end"]
        ]
        if end - start >= 4:
            yield points[start : min(end + 2, len(points))], broken


def features(stretches: Iterable[Any], bits: int, runs: int, rarity: Any = None) -> tuple[csr_matrix, Any]:
    """A row a stretch, weighted by rarity and normed as the reader norms; and the rarity used."""
    columns, lengths = [], []
    for points in stretches:
        buckets = np.concatenate(list(reader.grams(points, bits))[:runs])
        columns.append(buckets)
        lengths.append(len(buckets))
    indices = np.concatenate(columns).astype(np.int64)
    pointers = np.concatenate([[0], np.cumsum(lengths)])
    matrix = csr_matrix(
        (np.ones(len(indices), dtype=np.float64), indices, pointers), shape=(len(lengths), 1 << bits)
    )
    if rarity is None:
        seen = np.bincount(np.concatenate([np.unique(c) for c in columns]), minlength=1 << bits)
        rarity = np.log((1 + len(lengths)) / (1 + seen)) + 1  # what was never seen is as rare as can be
    matrix.data = rarity[matrix.indices]
    squared = matrix.multiply(matrix).sum(axis=1)
    norm = np.sqrt(np.asarray(squared).ravel() + 1e-9)
    matrix.data /= np.repeat(norm, np.diff(matrix.indptr))
    return matrix, rarity


def fit(matrix: csr_matrix, answers: Any) -> tuple[Any, float]:
    """Logistic regression with a ridge: weights of buckets and the bias."""
    size = matrix.shape[1]
    signs = np.where(answers, 1.0, -1.0)
    weights = np.where(answers, ((~answers).sum() / answers.sum()) ** 0.5, 1.0)  # lawful ones are many

    def loss(theta: Any) -> tuple[float, Any]:
        margin = signs * (matrix @ theta[:size] + theta[-1])
        value = float((weights * np.logaddexp(0, -margin)).sum()) + RIDGE / 2 * float(theta[:-1] @ theta[:-1])
        slope = -weights * signs / (1 + np.exp(margin))
        gradient = np.concatenate([matrix.T @ slope, [slope.sum()]])
        gradient[:-1] += RIDGE * theta[:-1]
        return value, gradient

    found = minimize(loss, np.zeros(size + 1), jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return found.x[:size], float(found.x[-1])


def fit_rules(matrix: csr_matrix, answers: Any, count: int) -> tuple[Any, Any]:
    """One weight vector a rule (softmax over the unlawful stretches): weights and biases."""
    size = matrix.shape[1]
    wanted = np.zeros((matrix.shape[0], count))
    wanted[np.arange(len(answers)), answers] = 1

    def loss(theta: Any) -> tuple[float, Any]:
        table = theta[: size * count].reshape(size, count)
        score = matrix @ table + theta[size * count :]
        score -= score.max(axis=1, keepdims=True)
        total = np.exp(score).sum(axis=1, keepdims=True)
        value = float((np.log(total).ravel() - score[np.arange(len(answers)), answers]).sum())
        slope = np.exp(score) / total - wanted
        gradient = np.concatenate([(matrix.T @ slope + 0.1 * table).ravel(), slope.sum(axis=0)])
        return value + 0.05 * float((table * table).sum()), gradient

    start = np.zeros(size * count + count)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 60})
    return found.x[: size * count].reshape(size, count), found.x[size * count :]


class Set:
    """Stretches made ready: features, kinds, answers."""

    def __init__(self, texts: list[dict[str, Any]]) -> None:
        found = [(part, row["file"]) for row in texts for part in stretches_of(row)]
        self.points = [part[0] for part, _file in found]
        self.files = np.array([file for _part, file in found])
        self.rules = [part[1] for part, _file in found]
        self.unlawful = np.array([bool(rules) for rules in self.rules])


def held_out(data: Set) -> None:
    """Each file in turn is read by a reader made of the others."""
    for name in sorted(set(data.files)):
        out = data.files == name
        inside = [p for p, is_out in zip(data.points, out, strict=True) if not is_out]
        matrix, rarity = features(inside, reader.BITS, 3)
        bucket, bias = fit(matrix, data.unlawful[~out])
        tested, _ = features(
            [p for p, is_out in zip(data.points, out, strict=True) if is_out], reader.BITS, 3, rarity
        )
        chance = 1 / (1 + np.exp(-(tested @ bucket + bias)))
        truth = data.unlawful[out]
        said = chance >= 0.5
        right = int((said & truth).sum())
        precision, recall = right / max(1, int(said.sum())), right / max(1, int(truth.sum()))
        order = np.argsort(chance)
        ranks = np.empty(len(order))
        ranks[order] = np.arange(1, len(order) + 1)
        above = ranks[truth].sum() - truth.sum() * (truth.sum() + 1) / 2
        auc = above / max(1, truth.sum() * (~truth).sum())
        print(
            f"{name:12} {len(truth):5} stretches  precision {precision:.3f}"
            f"  recall {recall:.3f}  AUC {auc:.3f}"
        )


def make(data: Set) -> None:
    """Fit on everything and write the file."""
    matrix, rarity = features(data.points, reader.BITS, 3)
    bucket, bias = fit(matrix, data.unlawful)
    names = tuple(sorted({rule for rules in data.rules for rule in rules}))
    pairs = [(p, names.index(r)) for p, rules in zip(data.points, data.rules, strict=True) for r in rules[:1]]
    flat = np.ones(1 << reader.RULE_BITS)
    rule_matrix, _ = features([p for p, _rule in pairs], reader.RULE_BITS, 2, flat)
    rule_table, rule_bias = fit_rules(rule_matrix, np.array([rule for _p, rule in pairs]), len(names))
    used = np.flatnonzero(bucket)
    values = np.stack([bucket[used] * rarity[used], rarity[used] ** 2], axis=1)
    rule_used = np.flatnonzero(np.abs(rule_table).max(axis=1) > 1e-4)
    rule_scale = np.abs(rule_table).max() / 127
    np.savez_compressed(
        TARGET,
        texts=np.array(digest()),
        buckets=used.astype(np.int32),
        values=values.astype(np.float16),
        unseen=np.float32(rarity.max() ** 2),
        bias=np.float32(bias),
        rules=np.array(names),
        rule_buckets=rule_used.astype(np.int32),
        rule_values=np.round(rule_table[rule_used] / rule_scale).astype(np.int8),
        rule_scale=np.float32(rule_scale),
        rule_bias=rule_bias.astype(np.float32),
    )
    print(
        f"{TARGET.relative_to(ROOT)}: {len(data.points):,} stretches, {TARGET.stat().st_size / 1000:.0f} kB"
    )


def digest() -> str:
    """Of the texts the reader was made from."""
    found = hashlib.sha256()
    for path in (*sorted(TEXTS.glob("*.jsonl")), SENTENCES):
        found.update(path.read_bytes())
    return found.hexdigest()


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--check", action="store_true")
    arguments.add_argument("--quick", action="store_true", help="no cross-validation")
    given = arguments.parse_args()
    if given.check:
        with np.load(TARGET, allow_pickle=False) as file:
            if str(file["texts"]) != digest():
                raise SystemExit("the reader was made from other texts: run tools/reader.py")
        return
    data = Set(rows())
    if not given.quick:
        held_out(data)
    make(data)


if __name__ == "__main__":
    main()
