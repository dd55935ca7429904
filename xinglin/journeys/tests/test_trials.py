"""Before a journey is live: what the walk foretells, and what a test run leaves behind."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from xinglin.core.actor import Actor
from xinglin.directory.tests.factories import PASSWORD, make_membership, make_organization
from xinglin.journeys import actions, queries
from xinglin.journeys.tests.factories import NOON, draw, let_in, make_journey, run
from xinglin.ledger.models import Touch
from xinglin.outreach import dispatch
from xinglin.outreach.models import Message
from xinglin.outreach.tests.factories import make_patient, make_template_version

pytestmark = pytest.mark.django_db


def test_the_walk_says_by_which_channel_and_when_as_the_message_then_goes() -> None:
    organization = make_organization()
    actor = Actor.system(organization.pk, "test")
    person = make_patient(organization, consents=[("marketing", "email")])
    text = make_template_version(organization, channels=("wechat", "email"))
    graph = draw(
        ("t", "trigger", {"on": "touch", "kind": "visit.ended"}),
        ("s", "split", {"shares": {"holdout": 100, "a": 0}}),
        ("m", "send", {"template": text.pk, "channels": ["wechat", "email"], "lane": "marketing"}),
        ("e", "exit", {}),
        edges=["t>s", "s:holdout>m", "s:a>m", "m>e"],
    )
    journey = make_journey(organization, graph, live=False)
    version = queries.draft_of(journey)

    def walked(now: datetime) -> list[str]:
        return [s.words for s in queries.walk(actor=actor, version=version, patient_id=person.pk, now=now)]

    assert "对照组" in walked(NOON)[1]
    assert walked(NOON)[2].startswith("会用邮件发")
    assert walked(NOON + timedelta(hours=12))[2].startswith("到 ")


def test_a_trial_neither_counts_as_a_message_nor_is_told_of_the_person() -> None:
    organization = make_organization()
    actor = Actor.system(organization.pk, "test")
    person = make_patient(organization, consents=[("marketing", "email")])
    text = make_template_version(organization)
    graph = draw(
        ("t", "trigger", {"on": "touch", "kind": "visit.ended"}),
        ("m", "send", {"template": text.pk, "channels": ["email"], "lane": "marketing"}),
        ("e", "exit", {}),
        edges=["t>m", "m>e"],
    )
    journey = make_journey(organization, graph, live=False)
    for n in range(2):  # the same text again: neither cap nor repetition stands against it
        now = NOON + timedelta(minutes=n)
        actions.start_test(
            actor=actor, public_id=journey.public_id, patients_public_ids=[person.public_id], now=now
        )
        run(now)
        while dispatch.send_batch(worker="w", now=now):
            pass
    assert [m.state for m in Message.objects.filter(is_test=True)] == ["delivered", "delivered"]
    assert not Touch.objects.filter(patient_id=person.pk).exists()
    client = Client()
    director = make_membership("director", organization).user
    assert client.login(username=director.username, password=PASSWORD)
    for name in ("inbox", "message-list"):
        assert client.get(reverse(f"outreach:{name}")).content.decode().count("</svg>试走") == 2

    actions.go_live(actor=actor, public_id=journey.public_id, now=NOON)
    let_in(journey, [person.pk])
    run(NOON)

    assert Message.objects.get(is_test=False).state == "queued"
