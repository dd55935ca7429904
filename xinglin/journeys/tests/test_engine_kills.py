"""Workers are killed with -9 and their connections cut at random moments: nobody is lost, nobody passes
a node twice, and the messages add up."""

import os
from pathlib import Path

import pytest
from django.db import connection

from xinglin.core.testing import run_harness

PEOPLE = 1_500
KILLS = int(os.environ.get("XINGLIN_JOURNEY_KILLS", "20"))


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_workers_lose_nobody_and_move_nobody_twice(tmp_path: Path) -> None:
    found = run_harness("xinglin.journeys.tests.kill_harness", PEOPLE, KILLS, 7, home=tmp_path)

    assert found["kills"] >= KILLS
    assert found["cut"] or connection.vendor == "sqlite"
    assert found["left"] == found["people"] == found["ways"] + found["holdout"]
    assert found["tallies_agree"]
    assert found["sends"] == found["planned"] == found["sent"] == found["in_sink"]
    assert (found["exact"], found["open"]) == (True, 0)
    assert found["touches"] == {
        "journey.entered": PEOPLE,
        "journey.left": PEOPLE,
        "journey.goal_reached": found["sends"],
    }
