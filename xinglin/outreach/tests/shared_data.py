"""Real data beside the project; tests that want it are skipped, with a clear message, where it is absent."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


def _path(name: str) -> Path:
    root = os.environ.get("XINGLIN_SHARED_DATA")
    here = Path(__file__).resolve()
    places = [Path(root)] if root else [parent / "shared" / "data" for parent in here.parents]
    found = next((place / name for place in places if (place / name).is_file()), None)
    if found is None:
        pytest.skip(f"{name} is not at hand (set XINGLIN_SHARED_DATA)")
    return found


def shared_json(name: str) -> Any:
    return json.loads(_path(name).read_text(encoding="utf-8"))


def shared_lines(name: str) -> Iterator[Any]:
    with _path(name).open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)
