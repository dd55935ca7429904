"""The first channel says no: the campaign's next one carries the message, once, or nobody does."""

from typing import Any

import pytest

from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import make_organization
from xinglin.ledger.models import Touch
from xinglin.outreach import dispatch, queries
from xinglin.outreach.channels.base import Outcome, Status
from xinglin.outreach.dispatch.acknowledge import fail
from xinglin.outreach.dispatch.fallback import try_next
from xinglin.outreach.models import Campaign, Message, SinkMessage
from xinglin.outreach.tests.factories import (
    NOON,
    make_campaign,
    make_consent,
    make_people,
    make_provider,
    make_template_version,
    run_plan,
)
from xinglin.outreach.tests.providers_server import ProviderServer, Reply, Request, provider_server

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINGLIN_PRIVATE_HOSTS", "127.0.0.1")


def refuse(request: Request) -> Reply:
    return 400, {"error": "number out of service"}


def mailing(server: ProviderServer, size: int = 4) -> tuple[Organization, Campaign, list[Any]]:
    """By SMS through a gateway, then by mail into the sink; everybody agreed to SMS, half to mail as well."""
    organization = make_organization()
    make_provider(organization, kind="http", settings={"endpoint": server.url, "timeout": 1})
    version = make_template_version(organization, channels=["sms", "email"])
    people = make_people(organization, size, channel="sms")
    for patient in people[::2]:
        make_consent(patient, channel="email")
    campaign = make_campaign(organization, people, version=version, channels=["sms", "email"])
    return organization, run_plan(campaign), people


def drain() -> None:
    connections = dispatch.Connections()
    while dispatch.send_batch(worker="w", now=NOON, connections=connections):
        pass
    connections.close()


def test_who_the_first_channel_refuses_gets_it_by_the_next_where_they_agreed() -> None:
    with provider_server(refuse) as server:
        _, campaign, people = mailing(server)
        drain()
        asked = len(server.requests)
    account = queries.account_of(campaign)
    assert (account.sent, account.failed, account.is_exact) == (2, 2, True)
    states = {row.patient_id: (row.channel, row.state) for row in Message.objects.all()}
    assert [states[one.pk] for one in people] == [("email", "delivered"), ("sms", "failed")] * 2
    assert SinkMessage.objects.count() == 2
    assert asked == 4
    tried = Touch.objects.filter(kind="message.failed").values_list("channel", flat=True)
    assert list(tried) == ["sms"] * 4


def test_what_may_have_arrived_is_never_sent_another_way() -> None:
    def silent(request: Request) -> Reply:
        return 500, b""

    with provider_server(silent) as server:
        mailing(server)
        drain()
    assert SinkMessage.objects.count() == 0
    assert set(Message.objects.values_list("channel", flat=True)) == {"sms"}


def test_a_cancelled_campaign_tries_nothing_further() -> None:
    with provider_server(refuse) as server:
        _, campaign, _ = mailing(server, size=2)
    Message.objects.update(state=Message.State.FAILED, reason="rejected")
    rows = list(Message.objects.all())
    Campaign.objects.update(status=Campaign.Status.CANCELLED)

    assert try_next(rows, now=NOON) == set()
    assert set(Message.objects.values_list("state", flat=True)) == {"failed"}
    Campaign.objects.update(status=Campaign.Status.PAUSED)
    assert len(try_next(rows, now=NOON)) == 1
    assert not SinkMessage.objects.exists()


def test_the_last_channel_of_the_order_has_none_behind_it() -> None:
    with provider_server(refuse) as server:
        organization = make_organization()
        make_provider(organization, kind="http", settings={"endpoint": server.url, "timeout": 1})
        version = make_template_version(organization, channels=["sms", "email"])
        people = make_people(organization, 1, channel="sms")
        make_consent(people[0], channel="email")
        run_plan(make_campaign(organization, people, version=version, channels=["sms"]))
        drain()
    row = Message.objects.get()
    assert (row.channel, row.state, row.reason) == ("sms", "failed", "rejected")


def test_what_was_accepted_and_bounced_later_goes_no_other_way() -> None:
    with provider_server(refuse) as server:
        mailing(server, size=2)
    rows = list(Message.objects.all())
    outcomes = [Outcome(key="", status=Status.REJECTED, error="bounced") for _ in rows]

    fail(list(zip(rows, outcomes, strict=True)), reason="bounced", now=NOON)
    assert set(Message.objects.values_list("state", "channel")) == {("failed", "sms")}
    fail(list(zip(rows, outcomes, strict=True)), reason="gave_up", now=NOON)
    assert set(Message.objects.values_list("state", "channel")) == {("failed", "sms"), ("queued", "email")}
