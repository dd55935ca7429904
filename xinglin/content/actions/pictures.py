"""The words in pictures: read once, then checked line by line with every text that shows the picture.

Line by line, because a reader gives turned and scattered lines in any order: together they would say what
nobody wrote.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from xinglin.compliance import ocr, review
from xinglin.compliance.checker import ERROR_RULE, Finding
from xinglin.compliance.review import Judgement, Part
from xinglin.content import queries
from xinglin.content.models import MediaAsset
from xinglin.core.errors import NotFound

#: How the key of a picture's part begins; its id and the line's number follow.
PICTURE = "picture:"
RANK = {"pass": 0, "review": 1, "block": 2}
VERDICTS = {"block": "block", "warn": "review"}
MAX_LINES, MAX_CHARS = 200, 400


def read_pictures(*, now: datetime, limit: int = 5) -> int:
    """Read some pictures that wait; returns how many. Nothing where no reader is installed."""
    if not queries.reads_pictures():
        return 0
    rows = list(MediaAsset.objects.filter(words_state=MediaAsset.Words.WAITING).order_by("id")[:limit])
    for row in rows:
        _read(row, now)
    return len(rows)


def _read(row: MediaAsset, now: datetime) -> None:
    state, lines = MediaAsset.Words.READ, []
    try:
        found = ocr.read_lines(queries.media_path(row))
        lines = [line.strip()[:MAX_CHARS] for line in found[:MAX_LINES] if line.strip()]
    except NotFound:
        state = MediaAsset.Words.FAILED
    except Exception:  # whatever a reader stumbles over, the picture is then a person's to read
        state = MediaAsset.Words.FAILED
    with transaction.atomic():
        MediaAsset.objects.filter(pk=row.pk).update(words=lines, words_state=state, updated_at=now)


def judge_pictures(
    judgement: Judgement, pictures: Iterable[MediaAsset], *, like: Part, now: datetime
) -> Judgement:
    """The verdict on a text with what its pictures say; a line is judged as the text ``like`` is.

    What a rule misses in a line (a number, a class) is the text's to have; only words of the line count.
    """
    parts = [
        replace(like, key=f"{PICTURE}{row.public_id}:{number}", text=line)
        for row in pictures
        for number, line in enumerate(row.words)
    ]
    if not parts:
        return judgement
    organization_id = next(row.organization_id for row in pictures)
    found = _of_words(review.judge_parts(parts, now=now, organization_id=organization_id))
    worst = max(
        (judgement.verdict, *(VERDICTS.get(finding.severity, "pass") for _key, finding in found)),
        key=RANK.__getitem__,
    )
    return replace(judgement, verdict=worst, findings=(*judgement.findings, *found))


def _of_words(judgement: Judgement) -> tuple[tuple[str, Finding], ...]:
    return tuple(
        (key, finding)
        for key, finding in judgement.findings
        if finding.start is not None or finding.rule == ERROR_RULE
    )


def findings_in(pictures: Sequence[MediaAsset], *, now: datetime) -> dict[int, list[dict[str, Any]]]:
    """What the rules say of the words in these pictures by themselves, by the picture's row."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in pictures:
        parts = [Part(key=f"{PICTURE}{row.public_id}:{n}", kind="web_page", text=line, meta={})
                 for n, line in enumerate(row.words)]  # fmt: skip
        if parts:
            judged = review.judge_parts(parts, now=now, organization_id=row.organization_id)
            found[row.pk] = [asdict(finding) for _key, finding in _of_words(judged)]
    return found
