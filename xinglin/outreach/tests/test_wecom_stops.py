"""WeCom tasks of cancelled campaigns, messages left under tasks that ended, and posts allowed by a second."""

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from xinglin.core.models import AuditEntry
from xinglin.directory.tests.factories import make_actor, make_client
from xinglin.outreach import actions, dispatch, queries
from xinglin.outreach.models import Campaign, Message, Provider, SinkMessage, StaffTask
from xinglin.outreach.tests.factories import NOON
from xinglin.outreach.tests.providers_server import Reply as Answer
from xinglin.outreach.tests.providers_server import Request, provider_server
from xinglin.outreach.tests.test_wecom_tasks import Wecom, wecom_campaign
from xinglin.outreach.tests.weixin_platform import drain, setting

pytestmark = pytest.mark.django_db
UNKNOWN = (200, {"errcode": 41063, "errmsg": "no such msgid"})


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINGLIN_PRIVATE_HOSTS", "127.0.0.1")


def states() -> Counter[str]:
    return Counter(Message.objects.values_list("state", flat=True))


def cancel(campaign: Campaign, provider: Any) -> None:
    actor = make_actor("director", provider.organization)
    actions.cancel_campaign(actor=actor, public_id=campaign.public_id, now=NOON)


def without(script: Wecom, *names: str) -> Any:
    """The platform, but it knows nothing of the task when these are asked."""

    def answer(request: Request) -> Answer:
        return UNKNOWN if request.path.rsplit("/", 1)[1] in names else script(request)

    return answer


def test_a_cancelled_campaign_takes_its_task_back_and_whom_it_had_reached_stays_reached() -> None:
    script = Wecom()
    with provider_server(script) as server:
        provider = setting(server, "wecom", "wecom")
        campaign, _people = wecom_campaign(provider, 4)
        drain()
        ids = script.tasks["task0"]["external_userid"]
        dispatch.look_after(now=NOON)
        cancel(campaign, provider)
        script.status = {ids[0]: 1}
        assert dispatch.look_after(now=NOON + timedelta(minutes=1))["withdrawn"] == 1
        assert script.calls.count("cancel_groupmsg_send") == 1
        script.status = dict.fromkeys(ids, 1)
        for hours in (1, 25, 50):
            dispatch.look_after(now=NOON + timedelta(hours=hours))
    assert script.calls.count("remind_groupmsg_send") == 0
    assert states() == {"delivered": 1, "cancelled": 3}
    account = queries.account_of(campaign)
    assert (account.sent, account.pending, account.is_exact) == (1, 0, True)
    task = StaffTask.objects.get()
    assert (task.status, task.sent, task.error) == ("withdrawn", 1, "")
    client = make_client("director", provider.organization)
    page = client.get(reverse("outreach:staff-task-detail", args=[task.public_id])).content.decode()
    assert "企业微信里的任务已经收回" in page


def test_a_task_that_wecom_does_not_take_back_is_over_and_a_later_tap_changes_nothing() -> None:
    script = Wecom()
    with provider_server(script) as server:
        provider = setting(server, "wecom", "wecom")
        campaign, _people = wecom_campaign(provider, 2)
        drain()
        cancel(campaign, provider)
        server.script = without(script, "cancel_groupmsg_send")
        dispatch.look_after(now=NOON)
        server.script = script
        script.status = dict.fromkeys(script.tasks["task0"]["external_userid"], 1)
        dispatch.look_after(now=NOON + timedelta(hours=1))
        dispatch.heal_staff_tasks(now=NOON + timedelta(hours=1))
    assert states() == {"cancelled": 2}
    task = StaffTask.objects.get()
    assert task.status == "withdrawn"
    assert "41063" in task.error
    assert queries.account_of(campaign).is_exact


def test_while_wecom_is_away_a_cancelled_campaign_waits_and_nobody_is_pinged() -> None:
    script = Wecom()
    with provider_server(script) as server:
        provider = setting(server, "wecom", "wecom")
        campaign, _people = wecom_campaign(provider, 2)
        drain()
        cancel(campaign, provider)
        server.script = lambda request: (200, {"errcode": 45009, "errmsg": "api freq out of limit"})
        dispatch.look_after(now=NOON + timedelta(hours=5))
        assert (queries.account_of(campaign).pending, script.calls.count("remind_groupmsg_send")) == (2, 0)
        server.script = script
        dispatch.look_after(now=NOON + timedelta(hours=5, minutes=1))
    assert states() == {"cancelled": 2}


def test_a_task_still_queued_for_a_substitute_is_never_handed_over_once_cancelled() -> None:
    script = Wecom()
    with provider_server(script) as server:
        provider = setting(server, "wecom", "wecom", sender="li", substitute="wang")
        campaign, _people = wecom_campaign(provider, 2)
        drain()
        script.errors = [{"errcode": 45009, "errmsg": "api freq out of limit"}]
        dispatch.look_after(now=NOON + timedelta(hours=25))
        cancel(campaign, provider)
        dispatch.look_after(now=NOON + timedelta(hours=26))
    assert list(script.tasks) == ["task0"]
    assert states() == {"cancelled": 2}
    assert Counter(StaffTask.objects.values_list("status", flat=True)) == {"replaced": 1, "withdrawn": 1}


def test_messages_stuck_under_a_replaced_task_are_settled_and_the_rest_goes_on() -> None:
    script = Wecom()
    with provider_server(script) as server:
        provider = setting(server, "wecom", "wecom", sender="li", substitute="wang")
        campaign, _people = wecom_campaign(provider, 3)
        drain()
        ids = script.tasks["task0"]["external_userid"]
        StaffTask.objects.update(status="replaced")
        script.status = {ids[0]: 1}
        dispatch.look_after(now=NOON + timedelta(hours=2))
        assert states() == {"waiting": 3}
        assert dispatch.heal_staff_tasks(now=NOON + timedelta(hours=3)) == 3
        assert dispatch.heal_staff_tasks(now=NOON + timedelta(hours=3)) == 0
        dispatch.look_after(now=NOON + timedelta(hours=3))
        assert sorted(script.tasks["task1"]["external_userid"]) == sorted(ids[1:])
        script.status = dict.fromkeys(ids, 1)
        dispatch.look_after(now=NOON + timedelta(hours=4))
    account = queries.account_of(campaign)
    assert (account.sent, account.pending, account.is_exact) == (3, 0, True)


@pytest.mark.parametrize(
    ("hours", "names", "status", "left"),
    [
        (60, (), "replaced", {"failed": 2}),
        (3, ("get_groupmsg_task",), "replaced", {"unconfirmed": 2}),
        (3, (), "expired", {"failed": 2}),
        (3, (), "unknown", {"waiting": 2}),
    ],
)
def test_what_becomes_of_stuck_messages(
    hours: int, names: tuple[str, ...], status: str, left: dict[str, int]
) -> None:
    script = Wecom()
    with provider_server(script) as server:
        provider = setting(server, "wecom", "wecom", sender="li")
        wecom_campaign(provider, 2)
        drain()
        StaffTask.objects.update(status=status)
        server.script = without(script, *names)
        dispatch.heal_staff_tasks(now=NOON + timedelta(hours=hours))
    assert states() == left
    assert StaffTask.objects.count() == 1


def asked(provider: Any, client: Any) -> StaffTask:
    url = reverse("outreach:group-post-create")
    said = {"text": "周六讲座改到二楼", "chats": "wr1\nwr2", "sender": "li"}
    assert client.post(url, said).status_code == 302
    return StaffTask.objects.get(provider=provider)


def test_a_post_to_groups_leaves_only_after_a_second_person_has_allowed_it() -> None:
    script = Wecom()
    with provider_server(script) as server:
        provider = setting(server, "wecom", "wecom")
        first, second = (make_client("director", provider.organization) for _ in range(2))
        task = asked(provider, first)
        detail = reverse("outreach:staff-task-detail", args=[task.public_id])
        decide = reverse("outreach:group-post-decide", args=[task.public_id])
        dispatch.look_after(now=NOON)
        assert script.tasks == {}
        assert "要请另一位同事复核" in first.get(detail).content.decode()
        assert first.post(decide, {"decision": "allow"}).status_code == 422
        assert "周六讲座改到二楼" in second.get(detail).content.decode()
        assert second.post(decide, {"decision": "return", "reason": ""}).status_code == 422
        assert StaffTask.objects.get().status == "asked"
        assert second.post(decide, {"decision": "allow"}).status_code == 302
        dispatch.look_after(now=NOON)
    assert script.tasks["task0"]["chat_id_list"] == ["wr1", "wr2"]
    task.refresh_from_db()
    assert (task.status, task.decided_by_id) == ("waiting", second.actor.user_id)
    said = AuditEntry.objects.filter(action__startswith="outreach.group_post").values_list(
        "action", flat=True
    )
    assert sorted(said) == ["outreach.group_post.approved", "outreach.group_post.submitted"]


def test_a_post_to_groups_by_rest_is_returned_by_a_second_person() -> None:
    with provider_server(Wecom()) as server:
        provider = setting(server, "wecom", "wecom")
        first, second = (make_client("director", provider.organization) for _ in range(2))
        rest = "/api/v1/outreach/channels/wecom/group-posts"
        kind = "application/json"
        body = {"text": "周六讲座改到二楼", "groups": ["wr1"], "sender": "li"}
        made = first.post(rest, json.dumps(body), content_type=kind).json()
        assert made["status"] == "asked"
        url = f"{rest}/{made['id']}/decision"
        own = first.post(url, '{"is_allowed": true}', content_type=kind)
        assert (own.status_code, own.json()["code"]) == (403, "same-person")
        assert second.post(url, '{"is_allowed": false}', content_type=kind).status_code == 422
        back = {"is_allowed": False, "reason": "时间写错了"}
        assert second.post(url, json.dumps(back), content_type=kind).json()["status"] == "returned"
        again = second.post(url, '{"is_allowed": true}', content_type=kind)
        assert (again.status_code, again.json()["code"]) == (409, "task-closed")
        stranger = make_client("director")
        assert stranger.post(url, '{"is_allowed": true}', content_type=kind).status_code == 404
        dispatch.look_after(now=NOON)
    assert StaffTask.objects.get().status == "returned"


def test_without_wecom_the_local_inbox_takes_posts_and_a_cancelled_campaign_leaves_nothing_waiting() -> None:
    script = Wecom()
    with provider_server(script) as server:
        provider = setting(server, "wecom", "wecom")
        campaign, _people = wecom_campaign(provider, 2)
        drain()
        calls = len(server.requests)
        Provider.objects.update(kind="sink", settings={})
        first, second = (make_client("director", provider.organization) for _ in range(2))
        said = {"text": "周六讲座改到二楼", "chats": "wr1\nwr2", "sender": "li"}
        assert first.post(reverse("outreach:group-post-create"), said).status_code == 302
        post = StaffTask.objects.get(status="asked")
        second.post(reverse("outreach:group-post-decide", args=[post.public_id]), {"decision": "allow"})
        cancel(campaign, provider)
        dispatch.look_after(now=NOON + timedelta(hours=5))
        assert len(server.requests) == calls
    post.refresh_from_db()
    assert (post.status, post.sent) == ("sent", 2)
    assert SinkMessage.objects.get().text == "周六讲座改到二楼"
    assert states() == {"cancelled": 2}
