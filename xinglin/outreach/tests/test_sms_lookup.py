"""What became of a message whose answer never came: asked of the gateway and of Tencent Cloud."""

from datetime import timedelta
from typing import Any

import pytest

from xinglin.directory.tests.factories import make_organization
from xinglin.ledger.models import Touch
from xinglin.outreach import dispatch
from xinglin.outreach.models import Message
from xinglin.outreach.rules.tokens import message_key
from xinglin.outreach.tests.factories import (
    NOON,
    make_message,
    make_patient,
    make_provider,
    make_provider_template,
    make_template_version,
)
from xinglin.outreach.tests.providers_server import ProviderServer, Reply, Request, provider_server

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(minutes=10)
GATEWAY: dict[str, Any] = {"status_path": "/messages/{key}", "status_field": "data.state"}


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINGLIN_PRIVATE_HOSTS", "127.0.0.1")


def unconfirmed(server: ProviderServer, kind: str, count: int, **settings: Any) -> list[Message]:
    """Messages that left in the part "p1" and got no answer at noon."""
    organization = make_organization()
    base = {"endpoint": server.url, "timeout": 0.5}
    if kind == "tencent":
        base |= {"key_id": "AKID", "app_id": "1400", "sign_name": "院"}
    provider = make_provider(organization, kind=kind, settings={**base, **settings})
    version = make_template_version(
        organization, purpose="service", category="appointment.booked", channels=["sms"], body="您好"
    )
    make_provider_template(provider, version)
    return [
        make_message(
            make_patient(organization, phone=f"1380000000{n}"), version=version, channel="sms",
            state="unconfirmed", provider=kind, provider_id="p1", due_at=NOON, purpose="service",
        )
        for n in range(count)
    ]  # fmt: skip


def states(messages: list[Message]) -> list[tuple[str, str]]:
    for message in messages:
        message.refresh_from_db()
    return [(message.state, message.error) for message in messages]


def kinds_of(message: Message) -> set[str]:
    return set(Touch.objects.filter(props__message=message.pk).values_list("kind", flat=True))


def test_a_gateway_tells_how_each_ended_and_what_it_cannot_tell_stays() -> None:
    answers: list[Reply] = [
        (200, {"data": {"state": "delivered"}}),
        (200, {"data": {"state": "failed"}, "error": "空号"}),
        (200, {"data": {"state": "queued"}}),
        (404, {}),
        (500, b"oops"),
        (200, b"no json"),
        None,
    ]
    by_path: dict[str, Reply] = {}
    with provider_server(lambda request: by_path[request.path]) as server:
        messages = unconfirmed(server, "http", len(answers), **GATEWAY)
        by_path |= {f"/messages/{message_key(m.pk)}": a for m, a in zip(messages, answers, strict=True)}
        counts = dispatch.reconcile(now=LATER)
        assert {request.method for request in server.requests} == {"GET"}
    assert counts == {"confirmed": 4, "again": 0, "open": 3}
    assert states(messages) == [
        ("delivered", ""), ("failed", "空号"), ("accepted", ""), ("unconfirmed", ""), ("unconfirmed", ""),
        ("accepted", ""), ("unconfirmed", ""),
    ]  # fmt: skip
    assert messages[0].delivered_at == messages[0].sent_at == LATER
    assert messages[1].reason == "bounced"
    assert kinds_of(messages[0]) == {"message.accepted", "message.delivered"}
    assert kinds_of(messages[1]) == {"message.accepted", "message.failed"}
    assert kinds_of(messages[3]) == set()


def test_only_a_complete_log_proves_that_a_message_was_not_taken() -> None:
    for is_complete, state in ((False, "unconfirmed"), (True, "queued")):
        with provider_server(lambda request: (404, {})) as server:
            messages = unconfirmed(server, "http", 1, **GATEWAY, is_log_complete=is_complete)
            dispatch.reconcile(now=LATER)
        assert states(messages) == [(state, "")]
        messages[0].delete()


def test_own_words_of_a_gateway_and_a_key_that_is_quoted() -> None:
    words = {
        "status_path": "/find?ref={key}",
        "status_field": "s",
        "status_delivered": "1",
        "status_failed": "2",
    }
    answers = iter([(200, {"s": 1}), (200, {"s": "2"}), (200, {"s": "delivered"})])
    with provider_server(lambda request: next(answers)) as server:
        messages = unconfirmed(server, "http", 3, **words)
        dispatch.reconcile(now=LATER)
        asked = {request.query["ref"] for request in server.requests}
    assert [state for state, _ in states(messages)] == ["delivered", "failed", "accepted"]
    assert asked == {message_key(message.pk) for message in messages}


@pytest.mark.parametrize(("kind", "reply"), [
    ("http", (429, b"")),
    ("http", (503, b"")),
    ("tencent", (200, {"Response": {"Error": {"Code": "RequestLimitExceeded", "Message": "slow"}}})),
    ("tencent", (200, {"Response": {"Error": {"Code": "AuthFailure.SecretIdNotFound", "Message": ""}}})),
])  # fmt: skip
def test_who_throttles_or_refuses_us_is_asked_once_a_round(kind: str, reply: Reply) -> None:
    with provider_server(lambda request: reply) as server:
        messages = unconfirmed(server, kind, 4, **(GATEWAY if kind == "http" else {}))
        assert dispatch.reconcile(now=LATER) == {"confirmed": 0, "again": 0, "open": 4}
        assert len(server.requests) == 1
    assert {state for state, _ in states(messages)} == {"unconfirmed"}


def test_a_gateway_without_a_path_is_not_asked_and_nobody_is_asked_too_early() -> None:
    with provider_server(lambda request: (200, {})) as server:
        unconfirmed(server, "http", 2)
        assert dispatch.reconcile(now=LATER)["open"] == 2
        unconfirmed(server, "http", 1, **GATEWAY)
        dispatch.reconcile(now=NOON + timedelta(seconds=30))
    assert server.requests == []


def test_tencents_records_of_a_number_in_that_time() -> None:
    def script(request: Request) -> Reply:
        if request.headers["x-tc-action"] != "PullSmsSendStatusByPhoneNumber":
            return 400, {}
        number = request.json["PhoneNumber"]
        return records[number[-1]] if records[number[-1]] is None else (200, records[number[-1]])

    def row(**facts: Any) -> dict[str, Any]:
        return {"Response": {"PullSmsSendStatusSet": [{"SerialNo": "2028:1", **facts}], "RequestId": "R"}}

    records: dict[str, Any] = {
        "0": row(ReportStatus="SUCCESS", Description="DELIVRD", SessionContext="p1"),
        "1": row(ReportStatus="FAIL", Description="空号", SessionContext="p1"),
        "2": row(ReportStatus=""),
        "3": row(ReportStatus="SUCCESS", SessionContext="another part"),
        "4": {"Response": {"PullSmsSendStatusSet": [], "RequestId": "R"}},
        "5": {"Response": {"Error": {"Code": "InternalError.Timeout", "Message": ""}}},
        "6": None,
    }
    with provider_server(script) as server:
        messages = unconfirmed(server, "tencent", len(records))
        counts = dispatch.reconcile(now=LATER)
        asked = [request.json for request in server.requests if request.json["PhoneNumber"][-1] == "0"]
    assert counts == {"confirmed": 3, "again": 0, "open": 4}
    assert [state for state, _ in states(messages)] == [
        "delivered", "failed", "accepted", "unconfirmed", "unconfirmed", "unconfirmed", "unconfirmed",
    ]  # fmt: skip
    assert messages[1].error == "空号"
    assert asked[0]["PhoneNumber"] == "+8613800000000"
    assert asked[0]["SmsSdkAppId"] == "1400"
    assert asked[0]["BeginTime"] < NOON.timestamp() < asked[0]["EndTime"]
