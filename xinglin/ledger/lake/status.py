from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from xinglin.ledger.lake import layout, source
from xinglin.ledger.models import Erasure, VoidedImport


@dataclass(frozen=True, slots=True, kw_only=True)
class TableStatus:
    """One table of the lake, or one month of its touches."""

    name: str
    files: int
    rows: int
    bytes: int
    written_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeStatus:
    """``behind`` counts numbers drawn since; ``waiting`` erasures and undone imports to follow."""

    fresh_as_of: datetime | None
    generation: int
    watermark: int
    behind: int
    waiting: int
    files: int
    rows: int
    bytes: int
    compacted_at: datetime | None
    tables: list[TableStatus]
    months: list[TableStatus]


def status() -> LakeStatus:
    """How the lake stands; read from the manifest, no file is opened."""
    manifest = layout.load()
    months = defaultdict(list)
    for file in manifest.touches:
        months[file.month].append(file)
    by_month = [
        TableStatus(
            name=month,
            files=len(files),
            rows=sum(file.rows for file in files),
            bytes=sum(file.bytes for file in files),
        )
        for month, files in sorted(months.items(), reverse=True)
    ]
    touches = TableStatus(
        name="touches",
        files=len(manifest.touches),
        rows=sum(part.rows for part in by_month),
        bytes=sum(part.bytes for part in by_month),
        written_at=_moment(manifest.written_at),
    )
    tables = [touches] + [
        TableStatus(name=name, files=1, rows=file.rows, bytes=file.bytes, written_at=_moment(file.written_at))
        for name, file in sorted(manifest.dimensions.items())
    ]
    return LakeStatus(
        fresh_as_of=layout.fresh_as_of(),
        generation=manifest.generation,
        watermark=manifest.watermark,
        behind=max(0, source.last_seq() - manifest.watermark),
        waiting=Erasure.objects.filter(lake_done_at=None).count()
        + VoidedImport.objects.filter(lake_done_at=None).count(),
        files=sum(part.files for part in tables),
        rows=touches.rows,
        bytes=sum(part.bytes for part in tables),
        compacted_at=_moment(manifest.compacted_at),
        tables=tables,
        months=by_month,
    )


def _moment(text: str) -> datetime | None:
    return timezone.localtime(datetime.fromisoformat(text)) if text else None
