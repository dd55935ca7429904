"""Files of real experiments, outside the repository; tests that want one are skipped without it."""

import os
from pathlib import Path

import pytest


def shared(*parts: str) -> Path:
    """The path of a shared file; skips the test when it is not at hand."""
    root = os.environ.get("XINGLIN_SHARED_DATA")
    data = Path(root) if root else Path(__file__).resolve().parents[4] / "shared" / "data"
    path = data.joinpath(*parts)
    if not path.exists():
        pytest.skip(f"shared data are not here (set XINGLIN_SHARED_DATA): {path}")
    return path
