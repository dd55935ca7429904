"""Callbacks: signed or refused, twice is once, any order, 退订 stops at once, nothing unsafe is read."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from xinglin.core.models import RateCount
from xinglin.core.testing import run_jobs
from xinglin.ledger.models import Touch
from xinglin.outreach.channels.sms_http import signature
from xinglin.outreach.models import HookEvent, Message, MiniGrant, Provider, Reply, Suppression
from xinglin.outreach.receipts import Forged, Malformed, weixin_crypto
from xinglin.outreach.receipts.read import Call, read
from xinglin.outreach.receipts.xml import read_xml
from xinglin.outreach.rules.replies import is_refusal
from xinglin.outreach.rules.tokens import message_key
from xinglin.outreach.tests.factories import make_message, make_patient, make_provider
from xinglin.outreach.tests.shared_data import shared_json, shared_lines
from xinglin.patients.models import ConsentState, Patient, PatientIdentifier
from xinglin.patients.rules.identity import identifier_index

pytestmark = pytest.mark.django_db


def now() -> datetime:
    return timezone.now()


def sent(patient: Patient, **facts: Any) -> Message:
    values: dict[str, Any] = {
        "channel": "sms", "state": "accepted", "provider": "aliyun", "provider_id": "b1", "due_at": now(),
        "sent_at": now(), **facts,
    }  # fmt: skip
    return make_message(patient, **values)


def post(provider: Provider, body: Any, *, secret: str = "tok3n", **headers: Any) -> Any:
    url = reverse("outreach:hook-secret", args=[provider.kind, provider.public_id, secret])
    return Client().post(url, json.dumps(body), content_type="application/json", **headers)


def report(number: str, **facts: Any) -> dict[str, Any]:
    """A line of Alibaba Cloud's SmsReport."""
    return {
        "phone_number": number, "send_time": "2026-06-01 10:00:00", "report_time": "2026-06-01 10:00:05",
        "success": True, "err_code": "DELIVERED", "err_msg": "用户接收成功", "sms_size": "1", "biz_id": "b1",
        "out_id": "p1", **facts,
    }  # fmt: skip


def test_receipts_of_one_batch_find_their_people_and_twice_is_once() -> None:
    provider = make_provider(make_patient().organization)
    people = [make_patient(provider.organization) for _ in range(3)]
    messages = [sent(person) for person in people]
    lines = [report(str(people[0].phone)), report(str(people[1].phone), success=False, err_code="MK:0001")]
    for _ in range(2):
        answer = post(provider, lines)
        assert (answer.status_code, answer.json()["code"]) == (200, 0)
    states = [Message.objects.get(pk=message.pk).state for message in messages]
    assert states == ["delivered", "failed", "accepted"]
    assert [row.patient_id for row in Suppression.objects.all()] == [people[1].pk]
    assert Touch.objects.filter(kind="message.delivered").count() == 1
    post(provider, [report(str(people[0].phone), success=False, err_code="LATE")])  # out of order
    assert Message.objects.get(pk=messages[0].pk).state == "delivered"


def test_a_receipt_before_our_own_record_finds_the_message_by_its_part() -> None:
    """The worker died after handing over; the receipt names the part that the row was announced with."""
    person = make_patient()
    provider = make_provider(person.organization)
    lost = sent(person, state="unconfirmed", provider_id="p1", sent_at=None)
    post(provider, [report(str(person.phone), biz_id="unknown")])
    lost.refresh_from_db()
    assert (lost.state, lost.sent_at is not None) == ("delivered", True)


def test_another_hospitals_receipt_changes_nothing() -> None:
    person, stranger = make_patient(), make_patient()
    message, other = sent(person), make_provider(stranger.organization)
    post(other, [report(str(person.phone))])
    message.refresh_from_db()
    assert message.state == "accepted"


@pytest.mark.parametrize("text", ["退订", "TD", "t", "R", "Ｔ Ｄ", " 退 订 。", "退订谢谢", "td退订"])
def test_a_refusal_stops_what_waits_and_withdraws_consent_within_a_second(text: str) -> None:
    person = make_patient(consents=[("marketing", "sms")])
    provider = make_provider(person.organization)
    answered, waiting = sent(person), sent(person, state="queued", provider_id="", sent_at=None)
    service = sent(person, state="queued", purpose="service", provider_id="", sent_at=None)
    line = {
        "phone_number": person.phone,
        "content": text,
        "send_time": "2026-06-01 10:00:00",
        "sequence_id": 7,
    }
    assert post(provider, "not a list").status_code == 400  # the first call loads the pages
    started = time.process_time()
    assert post(provider, [line]).status_code == 200
    assert time.process_time() - started < 1
    waiting.refresh_from_db()
    answered.refresh_from_db()
    service.refresh_from_db()
    assert (waiting.state, service.state) == ("refused", "queued")
    assert ConsentState.objects.get(patient=person, channel="sms").status == "withdrawn"
    assert Suppression.objects.get().kind == "unsubscribed"
    post(provider, [line])
    run_jobs()
    assert (Reply.objects.count(), Suppression.objects.count()) == (1, 1)
    assert Touch.objects.filter(kind="message.replied").count() <= 1


@pytest.mark.parametrize(
    "text", ["好的", "不退订", "T恤有货吗", "Really", "请问退订流程是什么意思", "", "我会去"]
)
def test_other_words_are_no_refusals(text: str) -> None:
    assert not is_refusal(text)


def test_a_wrong_secret_is_refused_and_nothing_is_read_but_a_flood_of_right_ones_is() -> None:
    person = make_patient()
    provider, message = make_provider(person.organization), sent(person)
    assert post(provider, [report(str(person.phone))], secret="wrong").status_code == 403
    url = reverse("outreach:hook", args=["aliyun", provider.public_id])
    assert Client().post(url, "[]", content_type="application/json").status_code == 403
    message.refresh_from_db()
    assert message.state == "accepted"
    codes = [post(provider, [], secret=f"guess{n}").status_code for n in range(40)]
    assert codes[-1] == 429
    # A platform calls once a message; what it signs is taken all the same, however often it has called.
    later = now() + timedelta(minutes=1)
    RateCount.objects.create(key=f"hook:{provider.pk}", count=3000, window_ends_at=later)
    assert post(provider, [report(str(person.phone))]).status_code == 200
    message.refresh_from_db()
    assert message.state == "delivered"


@pytest.mark.parametrize("body", ["", "{", "[1]", '[{"x": 1}]', "null"])
def test_nonsense_with_the_right_secret_is_400(body: str) -> None:
    provider = make_provider(make_patient().organization)
    url = reverse("outreach:hook-secret", args=["aliyun", provider.public_id, "tok3n"])
    assert Client().post(url, body, content_type="application/json").status_code == 400


def test_too_much_is_413_and_a_wrong_kind_404() -> None:
    provider = make_provider(make_patient().organization)
    url = reverse("outreach:hook-secret", args=["aliyun", provider.public_id, "tok3n"])
    assert Client().post(url, "x" * 1_100_000, content_type="application/json").status_code == 413
    assert (
        Client().post(url.replace("aliyun", "tencent"), "[]", content_type="application/json").status_code
        == 404
    )
    assert (
        Client().post(url.replace("aliyun", "sink"), "[]", content_type="application/json").status_code == 404
    )
    assert "sessionid" not in Client().post(url, "[]", content_type="application/json").cookies


def test_tencents_callbacks() -> None:
    person = make_patient(consents=[("marketing", "sms")])
    provider = make_provider(person.organization, kind="tencent")
    message = sent(person, provider_id="2028:x")
    line = {
        "user_receive_time": "2026-06-01 08:03:04", "nationcode": "86", "mobile": person.phone,
        "report_status": "SUCCESS", "errmsg": "DELIVRD", "description": "用户短信送达成功", "sid": "2028:x",
    }  # fmt: skip
    assert post(provider, [line]).json() == {"result": 0, "errmsg": "OK"}
    message.refresh_from_db()
    assert message.state == "delivered"
    word = {
        "extend": "01",
        "mobile": person.phone,
        "nationcode": "86",
        "sign": "院",
        "text": "T",
        "time": 1457336869,
    }
    post(provider, word)
    assert Suppression.objects.get().patient_id == person.pk


def generic(provider: Provider, body: dict[str, Any], *, age: int = 0, secret: str = "tok3n") -> Any:
    data, stamp = json.dumps(body).encode(), str(int(time.time()) - age)
    url = reverse("outreach:hook", args=["http", provider.public_id])
    return Client().post(
        url, data, content_type="application/json", HTTP_X_TIMESTAMP=stamp,
        HTTP_X_SIGNATURE=signature(secret=secret, timestamp=stamp, body=data),
    )  # fmt: skip


def test_the_generic_form_is_signed_and_fresh() -> None:
    person = make_patient()
    provider, message = make_provider(person.organization, kind="http"), sent(person, provider_id="")
    body = {
        "receipts": [
            {"id": message_key(message.pk), "status": "delivered", "at": "2026-06-01T10:00:00+08:00"}
        ]
    }
    assert generic(provider, body, secret="other").status_code == 403
    assert generic(provider, body, age=3600).status_code == 403
    forged = {"receipts": [{"id": f"m{message.pk}.0123456789abcdef", "status": "delivered"}]}
    assert generic(provider, forged).status_code == 200
    message.refresh_from_db()
    assert message.state == "accepted"
    assert generic(provider, body).status_code == 200
    message.refresh_from_db()
    assert message.state == "delivered"
    assert generic(provider, {"receipts": [{"id": "x", "status": "maybe"}]}).status_code == 400


# WeChat and WeCom.


def test_the_platforms_own_samples_open() -> None:
    vectors = {row["name"]: row for row in shared_json("interop/wechat/crypto_vectors.json")}
    for name in ("official_url_verification", "official_callback_message"):
        one = vectors[name]
        weixin_crypto.check(
            one["msg_signature"], one["token"], one["timestamp"], one["nonce"], one["encrypt"]
        )
        text = weixin_crypto.decrypt(
            one["encrypt"], encoding_aes_key=one["encoding_aes_key"], receive_id=one["receive_id"]
        )
        assert text == one["plaintext"]
        again = weixin_crypto.encrypt(
            text, encoding_aes_key=one["encoding_aes_key"], receive_id=one["receive_id"],
            random16=one["random16"].encode(),
        )  # fmt: skip
        assert again == one["encrypt"]
        with pytest.raises(Forged):
            weixin_crypto.decrypt(
                one["encrypt"], encoding_aes_key=one["encoding_aes_key"], receive_id="somebody"
            )
        with pytest.raises(Forged):
            weixin_crypto.check("0" * 40, one["token"], one["timestamp"], one["nonce"], one["encrypt"])
    plain = vectors["official_account_plain_signature"]
    weixin_crypto.check(plain["signature"], plain["token"], plain["timestamp"], plain["nonce"])


def test_every_sample_callback_is_read_without_falling_over() -> None:
    count = 0
    for row in shared_lines("interop/wechat/callback_xml.jsonl"):
        found = read_xml(row["xml"])
        assert found["MsgType"]
        for kind in ("wechat", "wecom", "miniapp"):
            read(kind, _call("<xml/>", inner=row["xml"]))
        count += 1
    assert count > 40


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE x [<!ENTITY a "b">]><xml><A>&a;</A></xml>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd"><xml><A>1</A></xml>',
        "<xml>" + "<a>" * 40 + "</a>" * 40 + "</xml>",
        "<xml>" + "<a>1</a>" * 3000 + "</xml>",
        "<xml><a></xml>",
        "plain",
        "",
        "<xml/>",
    ],
)
def test_unsafe_or_broken_xml_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        read_xml(text)


KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"


def _call(_body: str = "", *, inner: str, app: str = "wxapp", age: int = 0, token: str = "tok3n") -> Call:
    encrypted = weixin_crypto.encrypt(
        inner, encoding_aes_key=KEY, receive_id=app, random16=b"0123456789abcdef"
    )
    stamp = str(int(time.time()) - age)
    mark = weixin_crypto.signature(token, stamp, "n1", encrypted)
    return Call(
        method="POST", query={"timestamp": stamp, "nonce": "n1", "msg_signature": mark}, headers={},
        body=f"<xml><Encrypt><![CDATA[{encrypted}]]></Encrypt></xml>".encode(), secret="", token="tok3n",
        key=KEY, receive_id="wxapp", now=datetime.now(UTC),
    )  # fmt: skip


def weixin(provider: Provider, inner: str, **facts: Any) -> Any:
    call = _call(inner=inner, **facts)
    url = reverse("outreach:hook", args=[provider.kind, provider.public_id])
    query = "&".join(f"{name}={value}" for name, value in call.query.items())
    return Client().post(f"{url}?{query}", call.body, content_type="text/xml")


def follower(channel: str = "wechat", kind: str = "wechat", system: str = "wechat_openid") -> tuple[Any, Any]:
    person = make_patient(consents=[("marketing", channel)])
    PatientIdentifier.objects.create(
        organization=person.organization, patient=person, system=system, value="o1",
        value_index=identifier_index(person.organization_id, "o1"),
    )  # fmt: skip
    settings = {"corp_id": "wxapp"} if kind == "wecom" else {"app_id": "wxapp"}
    return person, make_provider(person.organization, channel=channel, kind=kind, settings=settings)


def event(name: str, more: str = "", at: int = 1_700_000_000) -> str:
    return (
        f"<xml><ToUserName>gh</ToUserName><FromUserName>o1</FromUserName><CreateTime>{at}</CreateTime>"
        f"<MsgType>event</MsgType><Event>{name}</Event>{more}</xml>"
    )


def text(words: str, number: int = 1) -> str:
    return (
        f"<xml><FromUserName>o1</FromUserName><CreateTime>{int(time.time())}</CreateTime>"
        "<MsgType>text</MsgType>"
        f"<Content><![CDATA[{words}]]></Content><MsgId>{number}</MsgId></xml>"
    )


def test_the_handshake_is_answered_only_when_signed() -> None:
    _person, provider = follower()
    url = reverse("outreach:hook", args=["wechat", provider.public_id])
    stamp = str(int(time.time()))
    mark = weixin_crypto.signature("tok3n", stamp, "n")
    good = Client().get(url, {"signature": mark, "timestamp": stamp, "nonce": "n", "echostr": "e42"})
    assert (good.status_code, good.content) == (200, b"e42")
    bad = Client().get(url, {"signature": mark, "timestamp": stamp, "nonce": "x", "echostr": "e42"})
    assert bad.status_code == 403


def test_words_events_and_repetitions_of_an_official_account() -> None:
    person, provider = follower()
    message = sent(person, channel="wechat", provider_id="200163836")
    done = event("TEMPLATESENDJOBFINISH", "<MsgID>200163836</MsgID><Status>success</Status>")
    assert weixin(provider, done).content == b"success"
    message.refresh_from_db()
    assert message.state == "delivered"
    for _ in range(2):
        weixin(provider, text("你好"))
    assert Reply.objects.count() == 1
    message.refresh_from_db()
    assert message.replied_at is not None
    weixin(provider, event("unsubscribe"))
    weixin(provider, event("unsubscribe"))
    assert Suppression.objects.get().kind == "bounced"
    weixin(provider, event("subscribe", at=1_700_000_100))
    assert Suppression.objects.filter(lifted_at__isnull=True).count() == 0
    weixin(provider, event("unsubscribe"))  # a late repetition of the first leaving
    assert Suppression.objects.filter(lifted_at__isnull=True).count() == 0
    weixin(provider, text("退订", 2))
    assert ConsentState.objects.get(patient=person, channel="wechat").status == "withdrawn"
    assert HookEvent.objects.count() == 4


def test_old_foreign_and_plain_callbacks_are_refused() -> None:
    _person, provider = follower()
    assert weixin(provider, text("退订"), age=3600).status_code == 403
    assert weixin(provider, text("退订"), token="other").status_code == 403
    assert weixin(provider, text("退订"), app="wxother").status_code == 403
    Provider.objects.update(hook_key=None)
    stamp = str(int(time.time()))
    query = f"timestamp={stamp}&nonce=n&signature={weixin_crypto.signature('tok3n', stamp, 'n')}"
    url = reverse("outreach:hook", args=["wechat", provider.public_id])
    assert Client().post(f"{url}?{query}", text("退订"), content_type="text/xml").status_code == 403
    assert Reply.objects.count() == 0


def test_grants_of_a_mini_program_are_counted_once_and_taken_back() -> None:
    person, provider = follower("miniapp", "miniapp", "miniapp_openid")

    def asked(status: str, at: int) -> str:
        row = (
            f"<List><TemplateId>T</TemplateId><SubscribeStatusString>{status}</SubscribeStatusString></List>"
        )
        return event(
            "subscribe_msg_popup_event", f"<SubscribeMsgPopupEvent>{row}</SubscribeMsgPopupEvent>", at
        )

    for at in (1, 1, 2):
        weixin(provider, asked("accept", 1_700_000_000 + at))
    grant = MiniGrant.objects.get()
    assert (grant.patient_id, grant.code, grant.balance) == (person.pk, "T", 2)
    weixin(provider, asked("reject", 1_700_000_009))
    grant.refresh_from_db()
    assert grant.balance == 0


def test_a_customer_who_deletes_the_colleague_is_not_written_to_any_more() -> None:
    person, provider = follower("wecom", "wecom", "wecom_external_id")
    more = "<ChangeType>del_follow_user</ChangeType><UserID>li</UserID><ExternalUserID>o1</ExternalUserID>"
    weixin(provider, event("change_external_contact", more))
    assert Suppression.objects.get().patient_id == person.pk
    assert timedelta(0) < now() - Suppression.objects.get().started_at
