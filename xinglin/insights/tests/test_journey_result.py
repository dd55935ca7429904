"""A journey's ways against the holdout."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from xinglin.directory.tests.factories import make_organization
from xinglin.insights.words_journeys import split_context
from xinglin.journeys import queries
from xinglin.journeys.models import JourneyNode, JourneyStep
from xinglin.journeys.queries.results import Split, Way
from xinglin.journeys.tests.test_journey_pages import make_running, sign_in
from xinglin.outreach.tests.factories import NOON, make_people

A, B, HELD = Way("a", "A", 1000, 60), Way("b", "B", 1000, 20), Way("holdout", "对照组", 1000, 20)


def test_each_way_is_compared_with_the_holdout_where_that_is_fair() -> None:
    found = split_context(Split("分流", (A, B, HELD), is_fair=True))

    assert [(row["label"], row["point_label"]) for row in found["rows"]] == [("A", "+4.00"), ("B", "+0.00")]
    assert found["rows"][0]["low"] > 0 > found["rows"][1]["low"]
    assert found["rows"][0]["note"] == "约多 40 人达成"


def test_a_holdout_that_cannot_reach_the_goal_is_not_compared() -> None:
    found = split_context(Split("分流", (A, B, HELD), is_fair=False))

    assert [(row["label"], found["against"]) for row in found["rows"]] == [("B", "A")]
    assert found["needs_way"]


@pytest.mark.django_db
def test_the_page_counts_each_way(django_assert_max_num_queries: Any) -> None:
    hospital = make_organization()
    journey, _patient = make_running(hospital)
    version = queries.find_live(journey)
    split = JourneyNode.objects.get(version=version, key="n2")
    goal = JourneyNode.objects.get(version=version, key="n4")
    for place, person in enumerate(make_people(hospital, 40)):
        port = "a" if place < 20 else "holdout"
        JourneyStep.objects.create(
            node=split, patient=person, occurrence=0, entered_at=NOON, left_at=NOON, port=port
        )
        if port == "a" and place % 2:
            at = NOON + timedelta(days=1)
            JourneyStep.objects.create(node=goal, patient=person, occurrence=0, entered_at=at, left_at=at)
    client = sign_in(hospital)

    with django_assert_max_num_queries(40):
        text = client.get(reverse("insights:journey-result", args=[journey.public_id])).content.decode()

    assert "50.00 %" in text
    assert "有一边不到 100 人" in text
