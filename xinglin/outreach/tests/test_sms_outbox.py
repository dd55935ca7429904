"""From the outbox to an SMS provider and back: silence, throttling, an outage, limits; nobody gets two."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import make_organization
from xinglin.outreach import actions, dispatch, queries
from xinglin.outreach.models import Message, Provider, Suppression, TemplateVersion
from xinglin.outreach.tests.factories import (
    NOON,
    make_campaign,
    make_patient,
    make_people,
    make_provider,
    make_provider_template,
    make_template_version,
    run_plan,
)
from xinglin.outreach.tests.providers_server import ProviderServer, Reply, Request, provider_server

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINGLIN_PRIVATE_HOSTS", "127.0.0.1")


class Setting:
    """A hospital whose SMS go to Alibaba Cloud on the loopback, and a campaign for it."""

    def __init__(self, server: ProviderServer, **settings: Any) -> None:
        self.organization: Organization = make_organization()
        self.provider: Provider = make_provider(
            self.organization,
            settings={
                "endpoint": server.url, "key_id": "id", "sign_name": "院", "timeout": 1, **settings,
            },
        )  # fmt: skip
        self.version: TemplateVersion = make_template_version(
            self.organization, purpose="service", category="appointment.booked", channels=["sms"],
            body="{称呼}，您好！已预约",
        )  # fmt: skip
        make_provider_template(self.provider, self.version)

    def queue(self, count: int, *, since: int = 0) -> list[Message]:
        return [
            actions.queue_message(
                key=f"k{n}", patient_id=make_patient(self.organization).pk, template="appointment.booked",
                now=NOON,
            )
            for n in range(since, since + count)
        ]  # fmt: skip


def drain(now: datetime = NOON) -> None:
    connections = dispatch.Connections()
    for _ in range(20):
        if not dispatch.send_batch(worker="w", now=now, connections=connections):
            break
    connections.close()


def accept(request: Request) -> Reply:
    return 200, {"Code": "OK", "BizId": "777^0"}


def test_a_message_goes_out_with_its_values_and_is_found_by_its_id() -> None:
    with provider_server(accept) as server:
        setting = Setting(server)
        message = setting.queue(1)[0]
        drain()
    message.refresh_from_db()
    assert (message.state, message.provider, message.provider_id) == ("accepted", "aliyun", "777^0")
    assert json.loads(server.requests[0].form["TemplateParamJson"])[0]["name"].startswith("王")


def test_silence_after_taking_it_is_never_answered_by_a_second_message() -> None:
    """The provider takes the request and drops the line: unconfirmed, looked up, confirmed; sent once."""

    def script(request: Request) -> Reply:
        if request.headers["x-acs-action"] == "SendBatchSms":
            return None
        numbers = [
            json.loads(r.form["PhoneNumberJson"]) for r in server.requests if r.form.get("PhoneNumberJson")
        ]
        part = server.requests[0].query["OutId"]
        row = {"PhoneNum": request.query["PhoneNumber"], "OutId": part, "SendStatus": 3, "SendDate": "x"}
        rows = [row] if request.query["PhoneNumber"] in numbers[0][:1] else []
        return 200, {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": rows}}

    with provider_server(script) as server:
        setting = Setting(server)
        messages = setting.queue(2)
        drain()
        assert set(Message.objects.values_list("state", flat=True)) == {"unconfirmed"}
        drain(NOON + timedelta(hours=1))
        later = NOON + timedelta(minutes=20)
        counts = dispatch.reconcile(now=later)
        assert counts == {"confirmed": 1, "again": 0, "open": 1}
        drain(later)
        sent = [r for r in server.requests if r.headers["x-acs-action"] == "SendBatchSms"]
    assert len(sent) == 1
    assert len(messages) == 2


def test_a_timeout_is_silence_too() -> None:
    with provider_server(accept) as server:
        setting = Setting(server, timeout=0.2)
        setting.queue(1)
        server.delay = 0.6
        drain()
        assert Message.objects.get().state == "unconfirmed"
    assert len(server.requests) == 1


def test_throttling_is_waited_out() -> None:
    answers: Iterator[Reply] = iter([(429, b""), (200, {"Code": "OK", "BizId": "b"})])
    with provider_server(lambda r: next(answers)) as server:
        setting = Setting(server)
        message = setting.queue(1)[0]
        drain()
        message.refresh_from_db()
        assert (message.state, message.attempts) == ("queued", 1)
        assert message.due_at > NOON
        drain(NOON + timedelta(hours=1))
    message.refresh_from_db()
    assert (message.state, len(server.requests)) == ("accepted", 2)


def test_a_provider_that_is_down_loses_nothing() -> None:
    with provider_server(accept) as server:
        setting = Setting(server)
        setting.queue(3)
    drain()
    setting.provider.refresh_from_db()
    assert setting.provider.error
    assert Counter(Message.objects.values_list("state", flat=True)) == {"queued": 3}


def test_a_dead_number_goes_on_the_list() -> None:
    with provider_server(lambda r: (200, {"Code": "isv.MOBILE_NUMBER_ILLEGAL"})) as server:
        setting = Setting(server)
        message = setting.queue(1)[0]
        drain()
    message.refresh_from_db()
    assert message.state == "failed"
    assert Suppression.objects.get().kind == "bounced"


def test_without_a_template_at_the_provider_the_gate_says_so() -> None:
    with provider_server(accept) as server:
        setting = Setting(server)
        make_template_version(
            setting.organization,
            purpose="service",
            category="appointment.moved",
            channels=["sms"],
            body="改期",
        )
        message = actions.queue_message(
            key="m", patient_id=make_patient(setting.organization).pk, template="appointment.moved", now=NOON
        )
    assert (message.state, message.reason) == ("refused", "at_provider")


def test_marketing_by_sms_is_refused_and_another_channel_takes_it() -> None:
    with provider_server(accept) as server:
        setting = Setting(server)
        version = make_template_version(setting.organization, channels=["sms", "email"])
        make_provider_template(setting.provider, version, code="SMS_2")
        people = make_people(setting.organization, 3, channel="email")
        alone = run_plan(
            make_campaign(setting.organization, people, version=version, channels=["sms"]), preflight=True
        )
        assert alone.preflight["reasons"] == {"policy": 3}
        both = make_campaign(setting.organization, people, version=version, channels=["sms", "email"])
        assert run_plan(both, preflight=True).preflight["channels"] == {"email": 3}
    assert queries.account_of(both).planned == 3


def test_the_daily_limit_of_the_account_holds() -> None:
    with provider_server(accept) as server:
        setting = Setting(server)
        Provider.objects.update(daily_limit=2)
        setting.queue(5)
        drain()
        drain(NOON + timedelta(hours=1))
        assert Counter(Message.objects.values_list("state", flat=True)) == {"accepted": 2, "queued": 3}
        drain(NOON + timedelta(days=1))
    assert Counter(Message.objects.values_list("state", flat=True)) == {"accepted": 4, "queued": 1}


def test_ten_minutes_without_the_provider_lose_nothing_and_double_nothing() -> None:
    """It is overloaded, then throttles, then breaks connections; messages go on being queued meanwhile."""
    clock = NOON
    taken: Counter[str] = Counter()

    def script(request: Request) -> Reply | None:
        if request.headers["x-acs-action"] != "SendBatchSms":
            return 200, {"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": []}}
        if clock < NOON + timedelta(minutes=4):
            return 503, {"Code": "ServiceUnavailable"}
        if clock < NOON + timedelta(minutes=8):
            return 429, b""
        if clock < NOON + timedelta(minutes=10):
            return None
        taken.update(json.loads(request.form["PhoneNumberJson"]))
        return 200, {"Code": "OK", "BizId": f"b{len(taken)}"}

    with provider_server(script) as server:
        setting = Setting(server, is_log_complete=True)
        setting.queue(8)
        for step in range(80):
            clock = NOON + timedelta(seconds=30 * step)
            if step in (4, 12, 18):
                setting.queue(2, since=100 * step)
            drain(clock)
            dispatch.reap(now=clock)
            dispatch.reconcile(now=clock)
    states = Counter(Message.objects.values_list("state", flat=True))
    assert states == {"accepted": 14}
    assert (sum(taken.values()), len(taken)) == (14, 14)
