"""Runs an import in one call, for tests of importers."""

import csv
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from xinglin.core.actor import Actor
from xinglin.patients.actions import imports
from xinglin.patients.imports.errors_file import refused_rows
from xinglin.patients.models import Import

if TYPE_CHECKING:
    from xinglin.directory.models import Organization


class Result:
    """Counts as attributes (``created`` …), the refusals by line, and the import itself."""

    def __init__(self, item: Import, counts: dict[str, int]) -> None:
        self.item, self.counts = item, counts
        self.refusals = {line: reason for line, reason, _cells in refused_rows(item)}

    def __getattr__(self, name: str) -> int:
        return int(self.__dict__["counts"].get(name, 0))


def run_import(
    kind: str,
    source: Path | Sequence[Sequence[Any]],
    organization: "Organization",
    *,
    columns: dict[str, str] | None = None,
    dry_run: bool = False,
    **options: Any,
) -> Result:
    """Import a file, or rows of which the first is the header; the mapping is guessed unless given."""
    with TemporaryDirectory() as folder:
        path = source if isinstance(source, Path) else Path(folder) / "rows.csv"
        if not isinstance(source, Path):
            with path.open("w", newline="", encoding="utf-8") as stream:
                csv.writer(stream).writerows(source)
        actor, now = Actor.system(organization.pk, "import"), timezone.now()
        item = imports.upload_import(
            actor=actor, kind=kind, file_name=path.name, pieces=path, now=now, **options
        )
        item = imports.map_import(
            actor=actor, public_id=item.public_id, columns=columns or item.columns, options=options, now=now
        )
        if dry_run:
            imports.run_trial(item, actor=actor, clock=timezone.now, tick=lambda done, total: None)
            return Result(item, item.trial)
        item.status = Import.Status.RUNNING
        item.save(update_fields=["status"])
        imports.run_import(item, actor=actor, clock=timezone.now, tick=lambda done, total: None)
        return Result(item, item.counts)


def undo_import(item: Import) -> dict[str, int]:
    """Take it back; returns removed, restored, kept."""
    actor = Actor.system(item.organization_id, "import")
    imports.run_undo(item, actor=actor, now=timezone.now(), tick=lambda done, total: None)
    return dict(item.undo_counts)
