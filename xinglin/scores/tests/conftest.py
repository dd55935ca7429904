from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _own_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test has a lake of its own."""
    monkeypatch.setenv("LAKE_DIR", str(tmp_path / "lake"))
