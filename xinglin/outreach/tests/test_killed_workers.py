"""Workers are killed with -9 at random moments of a real send: no message is lost, none goes twice."""

from pathlib import Path

import pytest

from xinglin.core.testing import run_harness

MESSAGES, KILLS = 5_000, 50


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_fifty_times_nothing_is_lost_and_nothing_goes_twice(tmp_path: Path) -> None:
    found = run_harness("xinglin.outreach.tests.kill_harness", MESSAGES, KILLS, 11, home=tmp_path)

    assert found["kills"] == KILLS
    assert (found["missing"], found["twice"], found["strange"]) == (0, 0, 0)
    assert (found["taken"], found["sent"]) == (MESSAGES, MESSAGES)
    assert (found["exact"], found["status"]) == (True, "done")
    assert found["unconfirmed"] > 0, "no worker died while handing over: the test has tested nothing"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_service_messages_arrive_at_least_once_and_marketing_at_most_once(tmp_path: Path) -> None:
    found = run_harness("xinglin.outreach.tests.repeat_harness", 1_500, 12, 5, home=tmp_path)

    service, marketing = found["service"], found["marketing"]
    assert (service["missing"], service["sent"], service["unconfirmed"]) == (0, 1_500, 0)
    assert service["most"] <= 3
    assert marketing["twice"] == 0
    assert marketing["sent"] + marketing["unconfirmed"] == 1_500
    assert marketing["missing"] <= marketing["unconfirmed"]
    assert found["strange"] == 0, "a second time it went under another key"
    assert found["lost"] > 0, "no worker died while handing over: the test has tested nothing"
