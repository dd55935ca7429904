"""Runs an import chunk by chunk; each chunk is committed whole or not at all, and knows where it ended."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from xinglin.core import bulk, db
from xinglin.core.actor import Actor
from xinglin.core.errors import Conflict
from xinglin.core.tables import Line, Table, open_table
from xinglin.ledger.actions import record_many
from xinglin.patients.imports.chunk import Chunk, NameChoices
from xinglin.patients.imports.names import REFUSE
from xinglin.patients.imports.packing import pack, pack_changes
from xinglin.patients.imports.people import People
from xinglin.patients.imports.people_keys import keys_of
from xinglin.patients.imports.registry import Importer, get_importer
from xinglin.patients.imports.shapes import Policy, Row
from xinglin.patients.imports.values import Reading, Refused, find_order, reader_of
from xinglin.patients.models import Import, ImportChunk
from xinglin.patients.rules import people_rows

CHUNK = 3000
REFUSED_KEPT = 10_000  # lines of a trial's error list
OUTCOMES = ("read", "created", "updated", "unchanged", "refused")
Tick = Callable[[int, int], None]
Parsed = tuple[list[Line], list[Row], dict[int, str]]
Plan = list[tuple[int, str, Callable[[str], Any]]]


class Overtaken(Conflict):
    """Another worker has gone on with the import: it is that one's now."""


@dataclass(slots=True)
class Run:
    """One pass over the file of an import, in earnest or as a trial that is rolled back."""

    item: Import
    actor: Actor
    clock: Callable[[], datetime]
    is_trial: bool
    importer: Importer = field(init=False)
    table: Table = field(init=False)
    plan: Plan = field(init=False)
    reading: Reading = field(init=False)
    counts: dict[str, int] = field(init=False)
    seen_rows: dict[bytes, bytes] = field(default_factory=dict)
    seen_people: set[tuple[str, bytes, str]] = field(default_factory=set)
    refused_kept: int = 0
    names: NameChoices = field(init=False)

    def __post_init__(self) -> None:
        self.importer = get_importer(self.item.kind)()
        self.table = open_file(self.item)
        self.reading = reading_of(self.item)
        self.plan = plan_of(self.importer, self.table.header, self.item.columns, self.reading)
        self.counts = dict.fromkeys(OUTCOMES, 0)
        self.names = choices_of(self.item)
        if not self.is_trial:
            self._take_over()
            self.counts |= self.item.counts

    @transaction.atomic
    def _take_over(self) -> None:
        """Where to go on. A killed worker's server may still be writing its last chunk: wait for that."""
        db.lock_rows(Import.objects.filter(pk=self.item.pk)).get()
        self.item.refresh_from_db(fields=["last_line", "chunks", "counts"])

    def go(self, tick: Tick, should_stop: Callable[[], bool]) -> bool:
        """Take chunk after chunk; False when somebody asked to stop in between."""
        with bulk.many_rows():
            return self._go(tick, should_stop)

    def _go(self, tick: Tick, should_stop: Callable[[], bool]) -> bool:
        self.importer.start(self._chunk([], self.clock()))
        start = 0 if self.is_trial else self.item.last_line
        lines = (line for line in self.table.rows() if line.number > start)
        first = 0 if self.is_trial else self.item.chunks
        for number, read in enumerate(self._read_ahead(_cut(lines, CHUNK)), first):
            if should_stop():
                return False
            self._take(number, *read)
            tick(self.counts["read"], self.item.total)
        return True

    def _read_ahead(self, chunks: Iterator[list[Line]]) -> Iterator[Parsed]:
        """The next chunk is read while the database works on this one."""
        width = len(self.table.header)

        def read() -> Parsed | None:
            lines = next(chunks, None)
            if lines is None:
                return None
            return (lines, *parse(lines, self.plan, width, self.importer, self.reading))

        with ThreadPoolExecutor(1, "import-reader") as reader:

            def begin() -> Future[Parsed | None]:
                return reader.submit(copy_context().run, read)  # the context holds the language of reasons

            coming = begin()
            while (found := coming.result()) is not None:
                coming = begin()
                yield found

    def _chunk(self, rows: list[Row], stamp: datetime) -> Chunk:
        options = self.item.options
        return Chunk(
            organization_id=self.item.organization_id,
            import_id=self.item.pk,
            actor=self.actor,
            stamp=stamp,
            today=self.reading.today,
            policy=Policy(options.get("policy", "fill")),
            key=options.get("key", ""),
            source=options.get("source", "his"),
            mapped=frozenset(self.item.columns.values()),
            rows=rows,
            seen_people=self.seen_people if self.is_trial else None,
            find_patients=partial(_find_patients, policy=Policy.FILL),
            names=self.names,
        )

    def _take(self, number: int, lines: list[Line], rows: list[Row], refused: dict[int, str]) -> None:
        stamp = self.clock()
        chunk = self._chunk(rows, stamp)
        with transaction.atomic():
            repeated = self._set_aside_repeated(chunk) if self.is_trial else {}
            if not self.is_trial:
                self._lock(number)
            self.importer.apply(chunk)
            if chunk.touches and not self.is_trial:
                record_many(chunk.touches, now=stamp, import_id=self.item.pk)
            refusals = refused | chunk.refusals
            self._count(chunk, len(lines), len(refusals), repeated)
            if not self.is_trial:
                self._commit(number, lines, chunk, _refused(lines, refusals))
            transaction.set_rollback(self.is_trial)
        if self.is_trial and refusals and self.refused_kept < REFUSED_KEPT:
            self._keep_trial(number, lines, _refused(lines, refusals), stamp)

    def _lock(self, number: int) -> None:
        """Nobody else may have gone on with this import in the meantime."""
        fresh = db.lock_rows(Import.objects.filter(pk=self.item.pk)).get()
        if fresh.status != Import.Status.RUNNING:
            raise Conflict(_("这个导入正在别处进行，或已被停止"))
        if fresh.chunks != number:
            raise Overtaken(_("这个导入正在别处进行，或已被停止"))

    def _count(self, chunk: Chunk, read: int, refused: int, repeated: dict[str, int]) -> None:
        self.counts["read"] += read
        self.counts["refused"] += refused
        for outcome in chunk.outcomes.values():
            self.counts[outcome] += 1
        for name, times in (*chunk.extra.items(), *repeated.items()):
            self.counts[name] = self.counts.get(name, 0) + times

    def _commit(self, number: int, lines: list[Line], chunk: Chunk, refusals: list[Any]) -> None:
        ImportChunk.objects.create(
            run=self.item,
            number=number,
            first_line=lines[0].number,
            last_line=lines[-1].number,
            stamp=chunk.stamp,
            changes=pack_changes(chunk.changes) if chunk.changes else None,
            refusals=pack(refusals) if refusals else None,
        )
        self.item.last_line, self.item.chunks = lines[-1].number, number + 1
        self.item.counts = self.counts
        self.item.save(update_fields=["last_line", "chunks", "counts", "updated_at"])

    def _keep_trial(self, number: int, lines: list[Line], refusals: list[Any], stamp: datetime) -> None:
        self.refused_kept += len(refusals)
        ImportChunk.objects.create(
            run=self.item,
            number=number,
            is_trial=True,
            first_line=lines[0].number,
            last_line=lines[-1].number,
            stamp=stamp,
            refusals=pack(refusals),
        )

    def _set_aside_repeated(self, chunk: Chunk) -> dict[str, int]:
        """A trial forgets each chunk, so a record named again in a later one is counted here."""
        key = chunk.key or self.importer.default_key
        again = {"unchanged": 0, "updated": 0}
        kept: list[Row] = []
        fresh: dict[bytes, bytes] = {}
        for row in chunk.rows:
            mark, content = _digest(_row_key(row, key, chunk)), _digest(row.values)
            if mark not in self.seen_rows:
                fresh[mark] = content
                kept.append(row)
            elif self.seen_rows[mark] == content or chunk.policy is Policy.SKIP:
                again["unchanged"] += 1
            else:
                again["updated"] += 1
                self.seen_rows[mark] = content
        self.seen_rows |= fresh
        chunk.rows = kept
        return {name: times for name, times in again.items() if times}


def _refused(lines: list[Line], reasons: dict[int, str]) -> list[Any]:
    """Line, reason and cells of those that are not taken."""
    return [[number, reasons[number], cells] for number, cells in lines if number in reasons]


def _row_key(row: Row, key: str, chunk: Chunk) -> object:
    if key.startswith("patient."):
        return next(iter(keys_of(row, chunk)), row.line)
    return row.values.get(key, row.line)


def _digest(value: object) -> bytes:
    return blake2b(repr(value).encode(), digest_size=8).digest()


def _find_patients(chunk: Chunk, as_of: Callable[[Row], Any], *, policy: Policy) -> dict[int, int]:
    return People(chunk, as_of, policy).resolve()


def _cut(lines: Iterator[Line], size: int) -> Iterator[list[Line]]:
    while chunk := list(islice(lines, size)):
        yield chunk


def open_file(item: Import) -> Table:
    """The table of an import as it was mapped."""
    options = item.options
    return open_table(
        Path(item.file_path),
        sheet=item.sheet or None,
        encoding=options.get("encoding") or None,
        header_line=options.get("header_line"),
    )


def reading_of(item: Import) -> Reading:
    today = datetime.fromisoformat(item.options["today"]).date()
    return Reading(
        ZoneInfo(item.options.get("zone", "Asia/Shanghai")), today, item.options.get("date_order", "")
    )


def choices_of(item: Import) -> NameChoices:
    chosen = {
        (kind, name.casefold()): choice
        for kind, choices in item.options.get("names", {}).items()
        for name, choice in choices.items()
    }
    return NameChoices(chosen, item.options.get("unknown") or REFUSE)


def plan_of(importer: Importer, header: list[str], columns: dict[str, str], reading: Reading) -> Plan:
    """Position, field and reader of every mapped column."""
    fields = {one.key: one for one in importer.fields}
    places = {name: index for index, name in enumerate(header)}
    return [
        (places[name], key, reader_of(fields[key], reading))
        for name, key in columns.items()
        if name in places and key in fields
    ]


def parse(
    lines: list[Line], plan: Plan, width: int, importer: Importer, reading: Reading
) -> tuple[list[Row], dict[int, str]]:
    """Rows with their values, and the reasons of those that cannot be read."""
    rows: list[Row] = []
    refused: dict[int, str] = {}
    labels = {one.key: one.label for one in importer.fields if one.required}
    required, today, check = labels.keys(), reading.today, importer.check
    for number, cells in lines:
        if len(cells) > width:
            refused[number] = _("这一行比标题多出 %(n)s 格") % {"n": len(cells) - width}
            continue
        values: dict[str, Any] = {}
        try:
            for place, key, read in plan:
                text = cells[place]
                if text:
                    value = read(text)
                    if value is not None:
                        values[key] = value
        except Refused as error:
            refused[number] = str(error)
            continue
        row = Row(number, values, cells)
        if not required <= values.keys():
            missing = next(label for key, label in labels.items() if key not in values)
            refused[number] = _("缺%(field)s") % {"field": missing}
        elif reason := people_rows.problem(values, today) or check(row):
            refused[number] = str(reason)
        else:
            rows.append(row)
    return rows, refused


def look_for_order(table: Table, columns: dict[str, str], importer: type[Importer]) -> str:
    """How short dates (3/4/2026) are meant, from the first 2,000 rows of each date column."""
    dates = {one.key for one in importer.fields if one.kind in {"date", "moment"}}
    places = [table.header.index(name) for name, key in columns.items() if key in dates]
    if not places:
        return ""
    lines = list(islice(table.rows(), 2000))
    return find_order([line.cells[place] for line in lines for place in places if line.cells[place]])
