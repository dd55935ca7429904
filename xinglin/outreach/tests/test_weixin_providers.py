"""Official account and mini-program against a provider that behaves as documented."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from xinglin.outreach import actions, queries
from xinglin.outreach.channels.base import Account, Outgoing, Status
from xinglin.outreach.channels.wechat import WechatAccount
from xinglin.outreach.models import (
    Message,
    MiniGrant,
    ProviderToken,
    Reply,
)
from xinglin.outreach.tests.factories import (
    NOON,
    make_campaign,
    make_provider_template,
    make_template_version,
    run_plan,
)
from xinglin.outreach.tests.providers_server import provider_server
from xinglin.outreach.tests.weixin_platform import Weixin, drain, known, setting
from xinglin.patients.models import Patient

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINGLIN_PRIVATE_HOSTS", "127.0.0.1")


def service_version(provider: Any, channel: str, body: str = "{称呼}，{时间}就诊") -> Any:
    return make_template_version(
        provider.organization,
        purpose="service",
        category="appointment.reminder",
        channels=[channel],
        body=body,
    )


def remind(person: Patient, key: str, **facts: Any) -> Message:
    values = {"starts_at": "11-28 09:30", "link": "https://x.example/a", **facts}
    return actions.queue_message(
        key=key, patient_id=person.pk, template="appointment.reminder", variables=values, now=NOON
    )


PARAMS = [{"name": "thing1", "value": "{{称呼}}"}, {"name": "time2", "value": "{{时间}}"}]


def test_a_template_message_carries_our_key_values_and_link_and_the_pass_is_shared() -> None:
    script = Weixin(send={"errcode": 0, "errmsg": "ok", "msgid": 200163836})
    with provider_server(script) as server:
        provider = setting(server, "wechat", "wechat")
        make_provider_template(provider, service_version(provider, "wechat"), code="TPL", params=PARAMS)
        people = [known(provider.organization, "wechat") for _ in range(3)]
        messages = [remind(person, f"k{n}") for n, person in enumerate(people)]
        drain()
        drain()
    assert script.given == 1
    sent = server.to("/cgi-bin/message/template/send")
    assert len(sent) == 3
    one = sent[0].json
    assert one["template_id"] == "TPL"
    assert one["data"]["time2"] == {"value": "11-28 09:30"}
    assert one["url"] == "https://x.example/a"
    assert one["client_msg_id"].startswith("m")
    messages[0].refresh_from_db()
    assert (messages[0].state, messages[0].provider_id) == ("accepted", "200163836")
    assert ProviderToken.objects.get().value == "T1"


def test_a_pass_that_ended_early_is_renewed_once_and_nothing_is_lost() -> None:
    script = Weixin(send={"errcode": 0, "msgid": 1})
    with provider_server(script) as server:
        provider = setting(server, "wechat", "wechat")
        make_provider_template(provider, service_version(provider, "wechat"), params=PARAMS)
        remind(known(provider.organization, "wechat"), "a")
        drain()
        ProviderToken.objects.update(fetched_at=NOON)
        script.good = "somebody else's"  # the platform has ended ours
        for n in range(5):
            remind(known(provider.organization, "wechat"), f"b{n}")
        drain()
    assert Counter(Message.objects.values_list("state", flat=True)) == {"accepted": 6}
    assert script.given == 2


def test_a_pass_refused_at_once_rests_the_provider_instead_of_asking_for_ever() -> None:
    script = Weixin(send={"errcode": 40001, "errmsg": "invalid credential"})
    with provider_server(script) as server:
        provider = setting(server, "wechat", "wechat")
        make_provider_template(provider, service_version(provider, "wechat"), params=PARAMS)
        remind(known(provider.organization, "wechat"), "a")
        drain()
    assert Message.objects.get().state == "queued"
    assert len(server.requests) < 8
    provider.refresh_from_db()
    assert provider.error


@pytest.mark.parametrize(
    ("code", "status", "bad"),
    [
        (45009, Status.LATER, False),
        (-1, Status.LATER, False),
        (43004, Status.REJECTED, True),
        (40003, Status.REJECTED, True),
        (40037, Status.REJECTED, False),
        (42001, Status.UNTRIED, False),
    ],
)
def test_what_wechat_says_is_understood(code: int, status: Status, bad: bool) -> None:
    one = Outgoing(key="m1.x", channel="wechat", address="o1", text="t", template_code="T")
    with provider_server(lambda r: (200, {"errcode": code, "errmsg": "e"})) as server:
        adapter = WechatAccount(Account(kind="wechat", settings={"endpoint": server.url}))
        adapter.token = "T"
        outcome = adapter.send([one], deadline=1e12)[0]
    assert (outcome.status, outcome.is_bad_address) == (status, bad)


def test_marketing_by_official_account_only_within_48_hours_of_a_word() -> None:
    with provider_server(Weixin(send={"errcode": 0, "msgid": 5})) as server:
        provider = setting(server, "wechat", "wechat")
        version = make_template_version(provider.organization, channels=["wechat"])
        people = [known(provider.organization, "wechat") for _ in range(3)]
        for person, hours in zip(people, (1, 60), strict=False):
            Reply.objects.create(
                organization=provider.organization, patient=person, channel="wechat",
                at=NOON - timedelta(hours=hours),
            )  # fmt: skip
        campaign = run_plan(
            make_campaign(provider.organization, people, version=version, channels=["wechat"])
        )
        account = queries.account_of(campaign)
        assert (account.pending, account.reasons) == (1, {"at_provider": 2})
        drain()
    assert server.to("/cgi-bin/message/custom/send")[0].json["msgtype"] == "text"


def test_a_mini_program_sends_one_for_every_grant() -> None:
    with provider_server(Weixin(send={"errcode": 0, "msgid": 7})) as server:
        provider = setting(server, "miniapp", "miniapp", page="pages/visit")
        make_provider_template(provider, service_version(provider, "miniapp"), code="T", params=PARAMS)
        person, other = known(provider.organization, "miniapp"), known(provider.organization, "miniapp")
        actions.add_grant(provider=provider, patient_id=person.pk, code="T", is_given=True, now=NOON)
        states = []
        for n in range(2):
            message = remind(person, f"k{n}", starts_at=f"11-2{n}")
            drain()
            message.refresh_from_db()
            states.append((message.state, message.reason))
        refused = remind(other, "o")
    assert states == [("accepted", ""), ("refused", "at_provider")]
    assert refused.reason == "at_provider"
    assert MiniGrant.objects.get().balance == 0
    sent = server.to("/cgi-bin/message/subscribe/send")[0].json
    assert (sent["page"], sent["miniprogram_state"]) == ("pages/visit", "formal")
