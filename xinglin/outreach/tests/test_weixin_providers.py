"""Official account, mini-program and WeCom against a provider that behaves as documented."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from xinglin.core.errors import Invalid
from xinglin.directory.tests.factories import make_actor, make_organization
from xinglin.outreach import actions, dispatch, queries
from xinglin.outreach.channels.base import Account, Outgoing, Status
from xinglin.outreach.channels.wechat import WechatAccount
from xinglin.outreach.dispatch import staff
from xinglin.outreach.models import (
    Message,
    MiniGrant,
    ProviderToken,
    Reply,
    StaffTask,
    Suppression,
)
from xinglin.outreach.tests.factories import (
    NOON,
    make_campaign,
    make_patient,
    make_provider,
    make_provider_template,
    make_template_version,
    run_plan,
)
from xinglin.outreach.tests.providers_server import ProviderServer, Request, provider_server
from xinglin.outreach.tests.providers_server import Reply as Answer
from xinglin.patients.models import Patient, PatientIdentifier
from xinglin.patients.rules.identity import identifier_index

pytestmark = pytest.mark.django_db
SYSTEM = {"wechat": "wechat_openid", "wecom": "wecom_external_id", "miniapp": "miniapp_openid"}
_numbers: Iterator[int] = iter(range(1, 10_000))


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINGLIN_PRIVATE_HOSTS", "127.0.0.1")


def known(organization: Any, channel: str, **facts: Any) -> Patient:
    """A person whom the platform knows by an id."""
    person = make_patient(organization, consents=[("marketing", channel)], **facts)
    value = f"o{next(_numbers)}"
    PatientIdentifier.objects.create(
        organization=organization, patient=person, system=SYSTEM[channel], value=value,
        value_index=identifier_index(organization.pk, value),
    )  # fmt: skip
    return person


def drain(now: Any = NOON) -> None:
    connections = dispatch.Connections()
    for _ in range(20):
        if not dispatch.send_batch(worker="w", now=now, connections=connections):
            break
    connections.close()


class Weixin:
    """Passes that end, and answers per call path."""

    def __init__(self, **answers: Any) -> None:
        self.answers, self.given, self.good = answers, 0, ""

    def __call__(self, request: Request) -> Answer:
        if request.path in ("/cgi-bin/stable_token", "/cgi-bin/gettoken"):
            self.given += 1
            self.good = f"T{self.given}"
            return 200, {"access_token": self.good, "expires_in": 7200}
        if request.query.get("access_token") != self.good:
            return 200, {"errcode": 42001, "errmsg": "access_token expired"}
        answer = self.answers[request.path.rsplit("/", 1)[1]]
        return answer(request) if callable(answer) else (200, answer)


def setting(server: ProviderServer, channel: str, kind: str, **settings: Any) -> Any:
    organization = make_organization()
    app = {"corp_id": "ww1"} if kind == "wecom" else {"app_id": "wx1"}
    return make_provider(
        organization,
        channel=channel,
        kind=kind,
        settings={"endpoint": server.url, "timeout": 2, **app, **settings},
    )


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


# WeCom: waiting for colleagues.


class Wecom(Weixin):
    """Tasks that colleagues release, refuse or forget; ``status`` is what became of each customer or group.

    ``errors``: what the next attempts to hand over a task hear instead (None: nothing at all).
    """

    def __init__(self) -> None:
        super().__init__()
        self.errors: list[dict[str, Any] | None] = []
        self.tasks: dict[str, dict[str, Any]] = {}
        self.status: dict[str, int] = {}
        self.calls: list[str] = []

    def __call__(self, request: Request) -> Answer:
        if request.path == "/cgi-bin/gettoken":
            return super().__call__(request)
        name = request.path.rsplit("/", 1)[1]
        self.calls.append(name)
        data = request.json
        if name == "add_msg_template" and self.errors:
            error = self.errors.pop(0)
            return None if error is None else (200, error)
        if name == "add_msg_template":
            task = f"task{len(self.tasks)}"
            self.tasks[task] = data
            return 200, {"errcode": 0, "msgid": task, "fail_list": []}
        if name == "get_groupmsg_task":
            sender = self.tasks[data["msgid"]].get("sender") or "li"
            return 200, {"errcode": 0, "task_list": [{"userid": sender, "status": 0}], "next_cursor": ""}
        if name == "get_groupmsg_send_result":
            rows = [
                {"external_userid": who, "userid": data["userid"], "status": self.status.get(who, 0)}
                for who in self.tasks[data["msgid"]].get("external_userid", [])
            ] + [
                {"chat_id": chat, "userid": data["userid"], "status": self.status.get(chat, 0)}
                for chat in self.tasks[data["msgid"]].get("chat_id_list", [])
            ]
            return 200, {"errcode": 0, "send_list": rows}
        return 200, {"errcode": 0, "errmsg": "ok"}


def wecom_campaign(provider: Any, count: int) -> tuple[Any, list[Patient]]:
    version = make_template_version(
        provider.organization, channels=["wecom"], body="秋冬健康讲座本周六开讲：{链接}"
    )
    people = [known(provider.organization, "wecom") for _ in range(count)]
    campaign = run_plan(make_campaign(provider.organization, people, version=version, channels=["wecom"]))
    return campaign, people


def test_one_text_for_everybody_waits_for_a_colleague_and_is_followed_to_its_end() -> None:
    script = Wecom()
    with provider_server(script) as server:
        provider = setting(server, "wecom", "wecom")
        campaign, people = wecom_campaign(provider, 5)
        drain()
        assert len(script.tasks) == 1
        account = queries.account_of(campaign)
        assert (account.pending, account.sent, account.is_exact) == (5, 0, True)
        assert StaffTask.objects.get().people == 5
        ids = script.tasks["task0"]["external_userid"]
        script.status = {ids[0]: 1, ids[1]: 1, ids[2]: 2, ids[3]: 3}
        dispatch.look_after(now=NOON + timedelta(hours=1))
        states = Counter(Message.objects.values_list("state", flat=True))
        assert states == {"delivered": 2, "failed": 2, "waiting": 1}
        dispatch.look_after(now=NOON + timedelta(hours=5))
        assert script.calls.count("remind_groupmsg_send") == 1
        for hour in range(6, 24):
            dispatch.look_after(now=NOON + timedelta(hours=hour))
        assert script.calls.count("remind_groupmsg_send") == 3
        dispatch.look_after(now=NOON + timedelta(hours=49))
    assert script.calls.count("cancel_groupmsg_send") == 1
    account = queries.account_of(campaign)
    assert (account.sent, account.failed, account.pending, account.is_exact) == (2, 3, 0, True)
    assert StaffTask.objects.get().status == "expired"


def test_a_substitute_gets_only_what_the_first_has_not_sent() -> None:
    script = Wecom()
    with provider_server(script) as server:
        provider = setting(server, "wecom", "wecom", sender="li", substitute="wang", substitute_hours=24)
        _campaign, _people = wecom_campaign(provider, 3)
        drain()
        ids = script.tasks["task0"]["external_userid"]
        script.status = {ids[0]: 1}
        dispatch.look_after(now=NOON + timedelta(hours=25))
        assert script.tasks["task1"]["sender"] == "wang"
        assert sorted(script.tasks["task1"]["external_userid"]) == sorted(ids[1:])
        assert script.tasks["task1"]["text"] == script.tasks["task0"]["text"]
        script.status = dict.fromkeys(ids, 1)
        dispatch.look_after(now=NOON + timedelta(hours=26))
    assert Counter(Message.objects.values_list("state", flat=True)) == {"delivered": 3}
    assert Counter(StaffTask.objects.values_list("status", flat=True)) == {"replaced": 1, "sent": 1}


REFUSED = {"errcode": 40096, "errmsg": "invalid external userid"}
BUSY = {"errcode": 45009, "errmsg": "api freq out of limit"}


@pytest.mark.parametrize(
    ("answer", "state", "status"),
    [(REFUSED, "failed", "refused"), (None, "unconfirmed", "unknown")],
)
def test_a_substitute_task_that_wecom_does_not_take_ends_its_messages(
    answer: Any, state: str, status: str
) -> None:
    script = Wecom()
    with provider_server(script) as server:
        provider = setting(server, "wecom", "wecom", sender="li", substitute="wang")
        campaign, _people = wecom_campaign(provider, 3)
        drain()
        script.status = {script.tasks["task0"]["external_userid"][0]: 1}
        script.errors = [answer]
        for hours in (25, 26, 80):
            dispatch.look_after(now=NOON + timedelta(hours=hours))
        assert len(server.to("/cgi-bin/externalcontact/add_msg_template")) == 2
    assert Counter(Message.objects.values_list("state", flat=True)) == {"delivered": 1, state: 2}
    assert Counter(StaffTask.objects.values_list("status", flat=True)) == {"replaced": 1, status: 1}
    account = queries.account_of(campaign)
    assert (account.sent, account.pending, account.unsettled, account.is_exact) == (1, 0, 2, True)
    assert actions.finish_campaigns(now=NOON + timedelta(hours=80)) == 1


def test_a_substitute_task_is_handed_over_again_until_wecom_takes_it() -> None:
    script = Wecom()
    with provider_server(script) as server:
        provider = setting(server, "wecom", "wecom", sender="li", substitute="wang")
        campaign, _people = wecom_campaign(provider, 3)
        drain()
        script.errors = [BUSY, BUSY]
        for hours in (25, 26):
            dispatch.look_after(now=NOON + timedelta(hours=hours))
            assert queries.account_of(campaign).pending == 3
        assert dispatch.look_after(now=NOON + timedelta(hours=27))["started"] == 1
        assert script.calls.count("cancel_groupmsg_send") == 1
        assert list(script.tasks) == ["task0", "task1"]
        script.status = dict.fromkeys(script.tasks["task1"]["external_userid"], 1)
        dispatch.look_after(now=NOON + timedelta(hours=28))
    account = queries.account_of(campaign)
    assert (account.sent, account.is_exact) == (3, True)


def test_a_worker_that_dies_while_it_hands_over_leaves_unconfirmed_messages() -> None:
    script = Wecom()
    with provider_server(script) as server:
        provider = setting(server, "wecom", "wecom", sender="li", substitute="wang")
        wecom_campaign(provider, 2)
        drain()
        script.errors = [BUSY]
        dispatch.look_after(now=NOON + timedelta(hours=25))
        StaffTask.objects.filter(status="queued").update(
            status="starting", started_at=NOON + timedelta(hours=25)
        )
        dispatch.look_after(now=NOON + timedelta(hours=26))
        assert len(script.tasks) == 1
    assert Counter(Message.objects.values_list("state", flat=True)) == {"unconfirmed": 2}
    assert Counter(StaffTask.objects.values_list("status", flat=True)) == {"replaced": 1, "unknown": 1}


@pytest.mark.parametrize(("errors", "status"), [([], "waiting"), ([None], "unknown")])
def test_a_substitute_posts_only_to_groups_that_have_not_got_it(errors: list[Any], status: str) -> None:
    script = Wecom()
    with provider_server(script) as server:
        provider = setting(server, "wecom", "wecom", substitute="wang")
        actions.post_to_groups(
            actor=make_actor("director", provider.organization), text="周六讲座改到二楼",
            chats=["wr1", "wr2"], sender="li", now=NOON,
        )  # fmt: skip
        dispatch.look_after(now=NOON)
        script.status, script.errors = {"wr1": 1}, errors
        for hours in (25, 26):
            dispatch.look_after(now=NOON + timedelta(hours=hours))
        asked = server.to("/cgi-bin/externalcontact/add_msg_template")
    assert [call.json["chat_id_list"] for call in asked] == [["wr1", "wr2"], ["wr2"]]
    old, new = StaffTask.objects.order_by("pk")
    assert (old.status, new.status, new.sender, new.chats) == ("replaced", status, "wang", ["wr2"])


def test_a_task_that_wecom_does_not_know_any_more_ends_unconfirmed() -> None:
    script = Wecom()
    with provider_server(script) as server:
        provider = setting(server, "wecom", "wecom")
        campaign, _people = wecom_campaign(provider, 2)
        drain()
        real = server.script

        def forgotten(request: Request) -> Answer:
            is_asked = request.path.endswith("get_groupmsg_task")
            return (200, {"errcode": 41063, "errmsg": "no such msgid"}) if is_asked else real(request)

        server.script = forgotten
        dispatch.look_after(now=NOON + timedelta(hours=47))
        assert queries.account_of(campaign).pending == 2
        dispatch.look_after(now=NOON + timedelta(hours=49))
    account = queries.account_of(campaign)
    assert (account.pending, account.unconfirmed, account.is_exact) == (0, 2, True)
    assert StaffTask.objects.get().status == "unknown"


def test_every_waiting_task_gets_its_turn_however_many_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    script = Wecom()
    monkeypatch.setattr(staff, "LOOKS", 2)
    with provider_server(script) as server:
        provider = setting(server, "wecom", "wecom")
        for number in range(5):
            script.tasks[f"task{number}"] = {"sender": "li", "chat_id_list": ["wr1"]}
            StaffTask.objects.create(
                organization=provider.organization, provider=provider, task=f"task{number}", sender="li",
                text="x", chats=["wr1"], people=1, started_at=NOON,
            )  # fmt: skip
        looked = [dispatch.look_after(now=NOON + timedelta(minutes=n))["looked"] for n in range(4)]
        assert looked == [2, 2, 1, 0]
        dispatch.look_after(now=NOON + timedelta(minutes=6))
    times = StaffTask.objects.order_by("pk").values_list("looked_at", flat=True)
    assert [(at - NOON).total_seconds() // 60 for at in times] == [6, 6, 1, 1, 2]  # type: ignore[operator]


def test_wecom_silence_leaves_everybody_unconfirmed_and_no_second_task() -> None:
    script = Wecom()

    def silent(request: Request) -> Answer:
        return script(request) if request.path == "/cgi-bin/gettoken" else None

    with provider_server(silent) as server:
        provider = setting(server, "wecom", "wecom")
        wecom_campaign(provider, 3)
        drain()
        drain(NOON + timedelta(hours=1))
        dispatch.reconcile(now=NOON + timedelta(hours=2))
        drain(NOON + timedelta(hours=3))
        assert len(server.to("/cgi-bin/externalcontact/add_msg_template")) == 1
    assert Counter(Message.objects.values_list("state", flat=True)) == {"unconfirmed": 3}
    assert Suppression.objects.count() == 0


def test_a_text_for_customer_groups_waits_for_its_sender() -> None:
    script = Wecom()
    with provider_server(script) as server:
        provider = setting(server, "wecom", "wecom")
        director = make_actor("director", provider.organization)
        wrong: list[Any] = [{"text": ""}, {"chats": []}, {"sender": ""}, {"text": "根治糖尿病，无效退款"}]
        for bad in wrong:
            given: Any = {"text": "周六讲座改到二楼", "chats": ["wr1", "wr2"], "sender": "li", **bad}
            with pytest.raises(Invalid):
                actions.post_to_groups(actor=director, now=NOON, **given)
        actions.post_to_groups(
            actor=director, text="周六讲座改到二楼", chats=["wr1", "wr2"], sender="li", now=NOON
        )
        assert dispatch.look_after(now=NOON)["started"] == 1
        assert dispatch.look_after(now=NOON)["started"] == 0
        task = script.tasks["task0"]
    assert (task["chat_type"], task["chat_id_list"], task["sender"]) == ("group", ["wr1", "wr2"], "li")
    assert StaffTask.objects.get().status == "waiting"
