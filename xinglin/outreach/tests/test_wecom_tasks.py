"""WeCom: mass messages wait for colleagues, who release, forget or pass them on."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from xinglin.core.errors import Invalid
from xinglin.directory.tests.factories import make_actor
from xinglin.outreach import actions, dispatch, queries
from xinglin.outreach.dispatch import staff
from xinglin.outreach.models import Message, StaffTask, Suppression
from xinglin.outreach.tests.factories import NOON, make_campaign, make_template_version, run_plan
from xinglin.outreach.tests.providers_server import Reply as Answer
from xinglin.outreach.tests.providers_server import Request, provider_server
from xinglin.outreach.tests.weixin_platform import Weixin, drain, known, setting
from xinglin.patients.models import Patient

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINGLIN_PRIVATE_HOSTS", "127.0.0.1")


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


def post_allowed(provider: Any) -> StaffTask:
    """A post to two groups that a second colleague has allowed."""
    task = actions.post_to_groups(
        actor=make_actor("director", provider.organization), text="周六讲座改到二楼", chats=["wr1", "wr2"],
        sender="li", now=NOON,
    )  # fmt: skip
    second = make_actor("director", provider.organization)
    return actions.decide_group_post(actor=second, public_id=task.public_id, is_allowed=True, now=NOON)


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
        post_allowed(provider)
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
        post_allowed(provider)
        assert dispatch.look_after(now=NOON)["started"] == 1
        assert dispatch.look_after(now=NOON)["started"] == 0
        task = script.tasks["task0"]
    assert (task["chat_type"], task["chat_id_list"], task["sender"]) == ("group", ["wr1", "wr2"], "li")
    assert StaffTask.objects.get().status == "waiting"
