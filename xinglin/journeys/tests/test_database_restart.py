"""The database server goes down at once and comes back, several times, while workers move and send:
nobody is lost, nobody passes a node twice, and the messages add up to the last one."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from xinglin.journeys.tests import cluster

PEOPLE, RESTARTS = 1_000, 5
MISSING = cluster.missing()


@pytest.mark.slow
@pytest.mark.skipif(bool(MISSING), reason=MISSING)
def test_a_server_that_is_restarted_loses_nobody_and_moves_nobody_twice(tmp_path: Path) -> None:
    with cluster.cluster() as server:
        words = [PEOPLE, RESTARTS, 5, server.folder, server.programs, server.user, server.port]
        done = subprocess.run(
            [sys.executable, "-m", "xinglin.journeys.tests.restart_harness", *map(str, words)],
            env={**os.environ, "XINGLIN_HOME": str(tmp_path), "DATABASE_URL": server.url},
            capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        log = (server.folder / "log").read_text(errors="replace")
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])

    assert found["restarts"] == RESTARTS
    assert log.count("immediate shutdown request") >= RESTARTS
    assert log.count("automatic recovery in progress") >= RESTARTS
    assert all(found["away"]), "a worker never met a server that was gone: the test has tested nothing"
    assert found["left"] == found["people"] == found["ways"] + found["holdout"]
    assert (found["twice"], found["tallies_agree"]) == (0, True)
    assert found["sends"] == found["planned"] == found["sent"] == found["in_sink"]
    assert (found["exact"], found["open"]) == (True, 0)
    assert found["touches"] == {
        "journey.entered": PEOPLE,
        "journey.left": PEOPLE,
        "journey.goal_reached": found["sends"],
    }
