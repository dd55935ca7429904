"""The lake's writer is killed with -9 at random moments: readers never see half of anything."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

KILLS = 15


@pytest.mark.slow
def test_killed_writers_leave_readers_a_consistent_lake(tmp_path: Path) -> None:
    environment = {**os.environ, "XINGLIN_HOME": str(tmp_path), "LAKE_DIR": str(tmp_path / "lake")}
    environment.pop("DATABASE_URL", None)  # the lake's files are what is asked about here

    done = subprocess.run(
        [sys.executable, "-m", "xinglin.ledger.tests.lake_kill_harness", str(KILLS), "5"],
        env=environment, capture_output=True, text=True, timeout=600,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["torn"] == []
    assert found["reads"] >= KILLS
    assert found["recorded"] == found["in_lake"] > 0
    assert (found["left_behind"], found["missing"]) == (0, 0)
