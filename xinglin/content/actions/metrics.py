"""Numbers that platforms report of what stands there: few at once, many as a job."""

import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile
from uuid import uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.content.actions.stages import settle
from xinglin.content.models import ContentItem, Placement, PlacementMetric
from xinglin.content.permissions import Permission
from xinglin.content.rules.kinds import Stage
from xinglin.content.rules.metrics import NUMBERS, MetricLine, count_lines, has_head, head_of, read_lines
from xinglin.core import audit, db, env
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid
from xinglin.core.exports import safe_row
from xinglin.core.jobs import enqueue
from xinglin.core.models import Job

#: Lines that are read while the person waits; more become a job.
AT_ONCE = 500
#: Lines of one file, and how many are written in one go.
MOST, BATCH = 200_000, 1_000


@dataclass(frozen=True, slots=True)
class Imported:
    """How many lines were taken and which were not; with ``job`` the work has only begun."""

    taken: int = 0
    wrong: tuple[MetricLine, ...] = ()
    job: Job | None = None

    @property
    def problems(self) -> list[str]:
        """What was wrong, a sentence a line."""
        return [said(line) for line in self.wrong]


def said(line: MetricLine) -> str:
    """What was wrong with a line, by its number."""
    return _("第 %(n)s 行：%(why)s") % {"n": line.number, "why": line.why}


def import_metrics(*, actor: Actor, text: str, source: str = "", now: datetime) -> Imported:
    """Numbers of placements from a platform's CSV; a day read again is replaced.

    Wrong lines are left out, each with its reason. A long file is kept and read by a job. Raises Invalid
    (file).
    """
    require(actor, Permission.EDIT_PLAN)
    if not has_head(text):
        raise Invalid(fields={"file": [gettext_lazy("表头要有「发布单号」和「日期」")]})
    lines = count_lines(text)
    if lines > MOST:
        raise Invalid(fields={"file": [gettext_lazy("一次最多 20 万行，请拆成几份")]})
    if lines > AT_ONCE:
        return Imported(job=_begin(actor, text, source=source, now=now))
    with transaction.atomic():
        found = list(read_lines(text, today=timezone.localdate(now)))
        taken, wrong = take_lines(found, organization_id=actor.organization_id or 0, source=source, now=now)
        _note(actor, taken=taken, wrong=len(wrong), now=now)
    return Imported(taken=taken, wrong=tuple(wrong))


@transaction.atomic
def _begin(actor: Actor, text: str, *, source: str, now: datetime) -> Job:
    path = env.files_dir("content", "metrics") / f"{uuid4()}.csv"
    path.write_text(text, encoding="utf-8", newline="")
    args = {
        "path": str(path.relative_to(env.home())),
        "source": source,
        "today": timezone.localdate(now).isoformat(),
        "lines": count_lines(text),
        "by": actor.name,
    }
    job = enqueue("content.import_metrics", args, actor=actor, title=_("导入平台数据"))
    audit.record(actor, "content.metrics.started", job, at=now, lines=args["lines"])
    return job


def batches_of(text: str, *, today: date, after: int) -> Iterator[tuple[MetricLine, ...]]:
    """The lines behind line ``after``, as many as are written in one go."""
    rest = (line for line in read_lines(text, today=today) if line.number > after)
    while batch := tuple(islice(rest, BATCH)):
        yield batch


@transaction.atomic
def take_lines(
    lines: Iterable[MetricLine], *, organization_id: int, source: str, now: datetime
) -> tuple[int, list[MetricLine]]:
    """Write the good ones, the later of two of one day; how many, and those that were not taken."""
    found, sheets = _judged(lines, organization_id)
    good = [line for line in found if not line.why]
    rows = {
        (sheets[line.code].pk, line.day): PlacementMetric(
            placement=sheets[line.code], day=line.day, source=source[:60], **line.numbers
        )
        for line in good
        if line.day is not None
    }
    PlacementMetric.objects.bulk_create(
        rows.values(),
        update_conflicts=True,
        unique_fields=["placement", "day"],
        update_fields=[*NUMBERS, "source"],
    )
    unmeasured = ContentItem.objects.filter(pk__in={sheets[line.code].item_id for line in good})
    for item in db.lock_rows(unmeasured.exclude(stage=Stage.MEASURED).order_by("pk")):
        settle(item)
    return len(good), [line for line in found if line.why]


def _judged(
    lines: Iterable[MetricLine], organization_id: int
) -> tuple[list[MetricLine], dict[str, Placement]]:
    found = list(lines)
    rows = Placement.objects.filter(
        organization_id=organization_id, code__in={line.code for line in found if not line.why}
    )
    sheets = {row.code: row for row in rows.order_by("id")}
    return [
        line
        if line.why or line.code in sheets
        else replace(line, why=_("没有发布单号「%(code)s」") % {"code": line.code[:40]})
        for line in found
    ], sheets


def write_wrong(text: str, *, today: date, organization_id: int, tick: Callable[[], None]) -> Path:
    """The lines that were not taken as a CSV for Excel, each with its reason in front: to be mended and read
    in again as it is."""
    with NamedTemporaryFile("w", suffix=".csv", delete=False, newline="", encoding="utf-8-sig") as stream:
        writer = csv.writer(stream)
        writer.writerow([_("问题"), *head_of(text)])
        for batch in batches_of(text, today=today, after=0):
            judged, _sheets = _judged(batch, organization_id)
            writer.writerows(safe_row([str(line.why), *line.cells]) for line in judged if line.why)
            tick()
    return Path(stream.name)


@transaction.atomic
def finish_metrics(*, organization_id: int, by: str, taken: int, wrong: int, now: datetime) -> None:
    """That a long file has been read."""
    _note(Actor.system(organization_id, by), taken=taken, wrong=wrong, now=now)


def _note(actor: Actor, *, taken: int, wrong: int, now: datetime) -> None:
    audit.record(actor, "content.metrics.imported", None, at=now, rows=taken, wrong=wrong)
