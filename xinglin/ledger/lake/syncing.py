# ruff: noqa: S608 (the SQL is made of our own words, values are parameters or numbers)
"""Bringing the lake up to date, compacting it, writing it anew. One writer, by lease."""

from collections import defaultdict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyarrow.compute as pc

from xinglin.ledger.lake import columns, layout, source
from xinglin.ledger.lake.dimensions import dimensions
from xinglin.ledger.lake.layout import Manifest, TouchFile
from xinglin.ledger.lake.lease import writing
from xinglin.ledger.lake.mirror import mirror
from xinglin.ledger.lake.writer import Writer
from xinglin.ledger.models import Erasure, VoidedImport

KEEP = timedelta(minutes=15)  # how long a replaced file stays for readers of the old manifest
ORPHAN = timedelta(hours=1)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncResult:
    """What a run did. ``as_of`` is None when a writer under way kept the touches from being read."""

    touches: int
    files: int
    dimensions: tuple[str, ...]
    watermark: int
    generation: int
    as_of: datetime | None


def sync(*, now: datetime, full_dimensions: bool = False, progress: Progress | None = None) -> SyncResult:
    """Copy new touches and changed dimensions; raises LakeBusy while another process writes.

    A ledger that is behind the lake (a restored backup) is written anew.
    """
    return _run(now=now, anew=False, full=full_dimensions, progress=progress)


def rebuild(*, now: datetime, progress: Progress | None = None) -> SyncResult:
    """Write the whole lake anew from the database; readers see the old one until the end."""
    return _run(now=now, anew=True, full=True, progress=progress)


def _run(*, now: datetime, anew: bool, full: bool, progress: Progress | None) -> SyncResult:
    with writing(now=now) as prolong, closing(Writer()) as writer:
        manifest, upto = layout.load(), source.watermark()
        if upto is not None and (anew or upto < manifest.watermark):
            _swap(manifest, [], manifest.touches, now=now)
            manifest.watermark = 0
        files = len(manifest.touches)
        changed = _dimensions(manifest, writer, full=full, now=now)
        added = 0 if upto is None else _touches(manifest, writer, upto, prolong, progress)
        gone, voided = _gone(manifest, writer, now=now)
        _swap(manifest, *writer.merge_small(manifest.touches), now=now)
        if added or changed or gone or voided or anew or not manifest.generation:
            _tidy(manifest, now=now)
            prolong()
            layout.publish(manifest, now=now)
            _followed(gone, voided, now=now)
        if upto is not None:
            layout.stamp(as_of=now, watermark=manifest.watermark)
    return SyncResult(
        touches=added,
        files=max(0, len(manifest.touches) - files),
        dimensions=tuple(changed),
        watermark=manifest.watermark,
        generation=manifest.generation,
        as_of=None if upto is None else now,
    )


def _touches(
    manifest: Manifest, writer: Writer, upto: int, prolong: Callable[[], None], progress: Progress | None
) -> int:
    start, added = manifest.watermark, 0
    for table in source.read_touches(after=start, upto=upto):
        manifest.touches += writer.add(table)
        added += table.num_rows
        prolong()
        if progress:
            progress(pc.max(table["seq"]).as_py() - start, upto - start)
    manifest.watermark = upto
    return added


def _followed(gone: list[Erasure], voided: list[VoidedImport], *, now: datetime) -> None:
    """The lake has let go of them; forget the number of the erased person too."""
    Erasure.objects.filter(pk__in=[row.pk for row in gone]).update(
        lake_done_at=now, patient_id=None, visitors=[]
    )
    VoidedImport.objects.filter(pk__in=[row.pk for row in voided]).update(lake_done_at=now)


def _dimensions(manifest: Manifest, writer: Writer, *, full: bool, now: datetime) -> list[str]:
    changed = []
    for name, wanted in sorted(dimensions.items()):
        before = manifest.dimensions.get(name)
        made = mirror(writer, wanted, before, full=full, now=now)
        if made is not None:
            if before is not None:
                manifest.retire(before.path, now=now)
            manifest.dimensions[name] = made
            changed.append(name)
    for name in set(manifest.dimensions) - set(dimensions):
        manifest.retire(manifest.dimensions.pop(name).path, now=now)
        changed.append(name)
    return changed


def _gone(manifest: Manifest, writer: Writer, *, now: datetime) -> tuple[list[Erasure], list[VoidedImport]]:
    """Follow erased people and voided imports; listed after the touches were read, so none slips by."""
    gone = list(Erasure.objects.filter(lake_done_at=None))
    voided = list(VoidedImport.objects.filter(lake_done_at=None))
    for row in gone:
        _swap(manifest, *_erase(manifest, writer, row), now=now)
    if voided:
        ids = ", ".join(str(int(row.import_id)) for row in voided)
        touched = f"import_id IN ({ids})"
        change = f"SELECT * FROM rows WHERE import_id IS NULL OR NOT {touched}"
        _swap(manifest, *writer.rewrite(manifest.touches, touched=touched, change=change), now=now)
    return gone, voided


def _erase(manifest: Manifest, writer: Writer, row: Erasure) -> tuple[list[TouchFile], list[TouchFile]]:
    person = f"patient_id = {int(row.patient_id)}" if row.patient_id else "false"
    visitors = ", ".join(f"CAST({columns.text(str(visitor))} AS UUID)" for visitor in row.visitors)
    theirs = f"(patient_id IS NULL AND visitor IN ({visitors}))" if visitors else "false"
    touched = (
        f"organization_id = {int(row.organization_id)} AND seq <= {int(row.last_seq)}"
        f" AND ({person} OR {theirs})"
    )
    change = (
        f"SELECT * REPLACE (CASE WHEN {touched} THEN {-row.pk} ELSE patient_id END AS patient_id,"
        f" CASE WHEN {touched} THEN NULL ELSE visitor END AS visitor,"
        f" CASE WHEN {touched} THEN NULL ELSE department END AS department,"
        f" CASE WHEN {touched} THEN '{{}}' ELSE props END AS props) FROM rows"
    ).replace(touched, f"coalesce({touched}, false)")
    return writer.rewrite(manifest.touches, touched=touched, change=change)


def compact(*, now: datetime) -> SyncResult:
    """One sorted file a month and side; visitors who became patients move over; dimensions in full."""
    with writing(now=now) as prolong, closing(Writer()) as writer:
        manifest, made_count = layout.load(), 0
        changed = _dimensions(manifest, writer, full=True, now=now)
        linked = manifest.dimensions.get("visitor_links")
        links = columns.links(str(writer.path(linked.path)) if linked else None)
        months = defaultdict(list)
        for file in manifest.touches:
            months[file.month].append(file)
        for files in months.values():
            made, replaced = writer.compact_month(files, links=links)
            _swap(manifest, made, replaced, now=now)
            made_count += len(made)
            prolong()
        manifest.compacted_at = now.isoformat()
        _tidy(manifest, now=now)
        _remove_orphans(manifest, now=now)
        prolong()
        layout.publish(manifest, now=now)
    return SyncResult(
        touches=0,
        files=made_count,
        dimensions=tuple(changed),
        watermark=manifest.watermark,
        generation=manifest.generation,
        as_of=layout.fresh_as_of(),
    )


def _swap(manifest: Manifest, made: list[TouchFile], replaced: list[TouchFile], *, now: datetime) -> None:
    gone = {file.path for file in replaced}
    manifest.touches = [file for file in manifest.touches if file.path not in gone] + made
    for path in sorted(gone):
        manifest.retire(path, now=now)


def _tidy(manifest: Manifest, *, now: datetime) -> None:
    """Remove files that were replaced long enough ago."""
    kept = []
    for path, at in manifest.retired:
        if now - datetime.fromisoformat(at) < KEEP:
            kept.append((path, at))
        else:
            (layout.folder() / path).unlink(missing_ok=True)
    manifest.retired = kept


def _remove_orphans(manifest: Manifest, *, now: datetime) -> None:
    """Files of a writer that was killed before it published."""
    known = manifest.live() | {path for path, _ in manifest.retired}
    root = layout.folder()
    for path in [*root.glob("touches/*/*"), *root.glob("dimensions/*")]:
        old = now.timestamp() - path.stat().st_mtime > ORPHAN.total_seconds()
        if old and str(path.relative_to(root)) not in known:
            path.unlink(missing_ok=True)
