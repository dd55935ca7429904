"""Where the lake lies and which of its files are live: one manifest, replaced by rename."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from xinglin.core import env

FORMAT = 1
KNOWN, ANONYMOUS = "known", "anonymous"


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchFile:
    """One Parquet file of touches, sorted by patient: a month (UTC), all with a patient or all without."""

    path: str
    month: str
    side: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionFile:
    """The one live file of a dimension, and what it was when it was written."""

    path: str
    rows: int
    bytes: int
    fingerprint: str
    high: str | None = None
    columns: str = ""
    written_at: str
    seconds: float


@dataclass(slots=True, kw_only=True)
class Manifest:
    """The live files. ``watermark``: every touch up to this ``seq`` is in them."""

    generation: int = 0
    watermark: int = 0
    written_at: str = ""
    compacted_at: str = ""
    touches: list[TouchFile] = field(default_factory=list)
    dimensions: dict[str, DimensionFile] = field(default_factory=dict)
    retired: list[tuple[str, str]] = field(default_factory=list)

    def live(self) -> set[str]:
        return {file.path for file in self.touches} | {file.path for file in self.dimensions.values()}

    def retire(self, path: str, *, now: datetime) -> None:
        """Readers of an older manifest may still have it open: it is removed later."""
        self.retired.append((path, now.isoformat()))


def folder() -> Path:
    """The lake's folder: ``LAKE_DIR``, by default ``lake/`` in the data folder."""
    path = Path(os.environ.get("LAKE_DIR") or env.home() / "lake")
    path.mkdir(parents=True, exist_ok=True)
    return path


def manifest_path() -> Path:
    return folder() / "manifest.json"


def version() -> int:
    """Changes whenever another set of files goes live; 0 before the first sync."""
    try:
        return manifest_path().stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def load() -> Manifest:
    """The manifest as it stands; an empty one before the first sync."""
    try:
        raw: dict[str, Any] = json.loads(manifest_path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Manifest()
    if raw.pop("format") != FORMAT:
        return Manifest()
    raw["touches"] = [TouchFile(**file) for file in raw["touches"]]
    raw["dimensions"] = {name: DimensionFile(**file) for name, file in raw["dimensions"].items()}
    raw["retired"] = [(path, at) for path, at in raw["retired"]]
    return Manifest(**raw)


def publish(manifest: Manifest, *, now: datetime) -> None:
    """Make this set of files the live one, in one step."""
    manifest.generation += 1
    manifest.written_at = now.isoformat()
    _replace(manifest_path(), {"format": FORMAT, **asdict(manifest)})


def stamp(*, as_of: datetime, watermark: int) -> None:
    """Remember that at ``as_of`` nothing was missing."""
    _replace(folder() / "fresh.json", {"as_of": as_of.isoformat(), "watermark": watermark})


def fresh_as_of() -> datetime | None:
    """Every touch recorded before this moment is in the lake; None before the first sync."""
    try:
        raw = json.loads((folder() / "fresh.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return datetime.fromisoformat(raw["as_of"])


def _replace(path: Path, content: dict[str, Any]) -> None:
    with draft(path) as temporary:
        temporary.write_text(json.dumps(content), encoding="utf-8")


@contextmanager
def draft(target: Path) -> Iterator[Path]:
    """A name to write to; what is there afterwards is synced to disk and becomes ``target`` by rename."""
    target.parent.mkdir(parents=True, exist_ok=True)
    temporary = target.with_name(f".{target.name}.{uuid4().hex[:8]}")
    try:
        yield temporary
        _sync(temporary)
        temporary.replace(target)
        _sync(target.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
