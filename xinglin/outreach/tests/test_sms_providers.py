"""SMS over providers that behave as documented: shapes, signatures, throttling, silence, never twice."""

import json
from collections import Counter
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pytest

from xinglin.outreach.channels import sms_aliyun, sms_tencent
from xinglin.outreach.channels.base import Account, Outgoing, Status, Unavailable
from xinglin.outreach.channels.sms_aliyun import AliyunSms
from xinglin.outreach.channels.sms_http import HttpSms, signature
from xinglin.outreach.channels.sms_tencent import TencentSms
from xinglin.outreach.tests.providers_server import ProviderServer, Reply, Request, provider_server

pytestmark = pytest.mark.django_db
FAR = 1e12


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINGLIN_PRIVATE_HOSTS", "127.0.0.1")


def texts(count: int, **facts: Any) -> list[Outgoing]:
    values: dict[str, Any] = {"template_code": "SMS_1", "params": {"name": "王女士"}, "part": "p1", **facts}
    return [
        Outgoing(key=f"m{n}.x", channel="sms", address=f"138{n:08d}", text=f"第 {n} 条", **values)
        for n in range(count)
    ]


def test_the_signature_is_that_of_alibaba_clouds_own_example() -> None:
    """The worked example of its signature page: RunInstances, 2023-10-26."""
    query = {"ImageId": "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd", "RegionId": "cn-shanghai"}
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": sha256(b"").hexdigest(),
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    signed = sms_aliyun.authorization(
        headers=headers, query=query, key_id="YourAccessKeyId", secret="YourAccessKeySecret"
    )
    assert signed.endswith("Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0")
    assert sms_aliyun.canonical_query({"b": "王 *~", "a": "1/2"}) == "a=1%2F2&b=%E7%8E%8B%20%2A~"


def test_the_signature_is_that_of_tencent_clouds_method() -> None:
    headers = sms_tencent.sign(
        action="SendSms", body=b"{}", host="sms.tencentcloudapi.com", key_id="AKID", secret="k",
        at=datetime(2019, 2, 25, 12, 0, tzinfo=UTC), region="ap-guangzhou",
    )  # fmt: skip
    assert (
        "Credential=AKID/2019-02-25/sms/tc3_request, SignedHeaders=content-type;host;x-tc-action"
        in (headers["Authorization"])
    )
    assert headers["X-TC-Timestamp"] == "1551096000"


def _verify_aliyun(request: Request, secret: str) -> bool:
    """Whether the request carries the signature that its own parts give."""
    again = sms_aliyun.sign(
        action=request.headers["x-acs-action"], query=request.query, body=request.body,
        host=request.headers["host"], key_id="id", secret=secret,
        at=datetime.strptime(request.headers["x-acs-date"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC),
        nonce=request.headers["x-acs-signature-nonce"],
    )  # fmt: skip
    return again["Authorization"] == request.headers["authorization"]


def aliyun(server: ProviderServer, **settings: Any) -> AliyunSms:
    known = {"endpoint": server.url, "key_id": "id", "sign_name": "杏林医院", "timeout": 2, **settings}
    return AliyunSms(Account(kind="aliyun", settings=known, secret="s3cret"))


def test_alibaba_gets_a_hundred_at_once_each_with_its_own_values() -> None:
    def script(request: Request) -> Reply:
        return 200, {"Code": "OK", "BizId": "900^0", "Message": "OK", "RequestId": "R"}

    with provider_server(script) as server:
        adapter = aliyun(server, extend="01")
        outcomes = adapter.send(texts(150), deadline=FAR)
        adapter.close()
    assert Counter(o.status for o in outcomes) == {Status.ACCEPTED: 150}
    assert {o.provider_id for o in outcomes} == {"900^0"}
    assert sorted(len(json.loads(r.form["PhoneNumberJson"])) for r in server.requests) == [50, 100]
    first = server.requests[0]
    assert first.query == {"TemplateCode": "SMS_1", "OutId": "p1"}
    assert json.loads(first.form["SignNameJson"]) == ["杏林医院"] * 100
    assert json.loads(first.form["TemplateParamJson"])[0] == {"name": "王女士"}
    assert json.loads(first.form["SmsUpExtendCodeJson"])[0] == "01"
    assert all(_verify_aliyun(request, "s3cret") for request in server.requests)
    assert not _verify_aliyun(first, "other")


@pytest.mark.parametrize(
    ("answer", "status", "is_bad"),
    [
        ((200, {"Code": "isv.BUSINESS_LIMIT_CONTROL", "Message": "触发小时级流控"}), Status.LATER, False),
        ((400, {"Code": "Throttling.User", "Message": "flow control"}), Status.LATER, False),
        ((429, b""), Status.LATER, False),
        ((503, b"busy"), Status.LATER, False),
        ((500, b"oops"), Status.UNKNOWN, False),
        ((200, {"Code": "isp.SYSTEM_ERROR"}), Status.UNKNOWN, False),
        ((200, b"<html>"), Status.UNKNOWN, False),
        (None, Status.UNKNOWN, False),
        ((200, {"Code": "isv.SMS_TEMPLATE_ILLEGAL"}), Status.REJECTED, False),
        ((200, {"Code": "isv.MOBILE_NUMBER_ILLEGAL"}), Status.REJECTED, True),
    ],
)
def test_what_alibaba_says_is_understood(answer: Reply, status: Status, is_bad: bool) -> None:
    with provider_server(lambda request: answer) as server:
        outcome = aliyun(server).send(texts(1), deadline=FAR)[0]
    assert (outcome.status, outcome.is_bad_address) == (status, is_bad)
    assert len(server.requests) == 1


def test_an_account_that_is_refused_is_not_the_messages_fault() -> None:
    with (
        provider_server(lambda r: (403, {"Code": "InvalidAccessKeyId.NotFound"})) as server,
        pytest.raises(Unavailable, match="InvalidAccessKeyId"),
    ):
        aliyun(server).send(texts(3), deadline=FAR)


def test_one_bad_number_does_not_spoil_the_others() -> None:
    def script(request: Request) -> Reply:
        numbers = json.loads(request.form["PhoneNumberJson"])
        return 200, {"Code": "isv.MOBILE_NUMBER_ILLEGAL" if "13800000005" in numbers else "OK", "BizId": "b"}

    with provider_server(script) as server:
        outcomes = aliyun(server).send(texts(20), deadline=FAR)
    bad = [o.key for o in outcomes if o.is_bad_address]
    assert bad == ["m5.x"]
    assert Counter(o.status for o in outcomes)[Status.ACCEPTED] == 19


def test_nothing_left_when_nobody_listens() -> None:
    adapter = AliyunSms(Account(kind="aliyun", settings={"endpoint": "http://127.0.0.1:1"}, secret="s"))
    with pytest.raises(Unavailable):
        adapter.send(texts(2), deadline=FAR)


def test_a_kept_connection_that_was_closed_is_opened_anew() -> None:
    closing = [True, False]

    def script(request: Request) -> Reply:
        return 200, {"Code": "OK", "BizId": "b"}

    with provider_server(script) as server:
        adapter = aliyun(server)
        assert adapter.send(texts(1), deadline=FAR)[0].status is Status.ACCEPTED
        connection = adapter.client._idle[0][1]
        assert connection.sock is not None
        connection.sock.shutdown(2)
        assert adapter.send(texts(1), deadline=FAR)[0].status is Status.ACCEPTED
    assert closing


def tencent(server: ProviderServer) -> TencentSms:
    settings = {"endpoint": server.url, "key_id": "AKID", "app_id": "1400", "sign_name": "杏林医院"}
    return TencentSms(Account(kind="tencent", settings={**settings, "timeout": 2}, secret="k"))


def test_tencent_answers_for_every_number() -> None:
    codes = {
        "+8613800000000": "Ok",
        "+8613800000001": "LimitExceeded.PhoneNumberDailyLimit",
        "+8613800000002": "InvalidParameterValue.IncorrectPhoneNumber",
        "+8613800000003": "InternalError.OtherError",
        "+8613800000004": "FailedOperation.TemplateIncorrectOrUnapproved",
    }

    def script(request: Request) -> Reply:
        rows = [
            {"PhoneNumber": number, "Code": codes[number], "Message": "", "SerialNo": f"2028:{number[-1]}"}
            for number in request.json["PhoneNumberSet"]
            if number in codes
        ]
        return 200, {"Response": {"SendStatusSet": rows, "RequestId": "R"}}

    with provider_server(script) as server:
        outcomes = tencent(server).send(texts(6), deadline=FAR)
    assert [o.status for o in outcomes] == [
        Status.ACCEPTED, Status.LATER, Status.REJECTED, Status.UNKNOWN, Status.REJECTED, Status.UNKNOWN,
    ]  # fmt: skip
    assert outcomes[0].provider_id == "2028:0"
    assert outcomes[2].is_bad_address
    request = server.requests[0]
    assert len(server.requests) == 1
    assert request.json["TemplateParamSet"] == ["王女士"]
    assert (request.json["SmsSdkAppId"], request.json["SessionContext"]) == ("1400", "p1")
    assert request.headers["x-tc-action"] == "SendSms"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("RequestLimitExceeded", Status.LATER),
        ("LimitExceeded.AppDailyLimit", Status.LATER),
        ("InternalError", Status.UNKNOWN),
        ("InvalidParameter", Status.REJECTED),
    ],
)
def test_tencents_errors_of_a_whole_request(code: str, status: Status) -> None:
    with provider_server(lambda r: (200, {"Response": {"Error": {"Code": code, "Message": ""}}})) as server:
        outcomes = tencent(server).send(texts(2), deadline=FAR)
    assert {o.status for o in outcomes} == {status}


def test_a_gateway_gets_what_its_template_says() -> None:
    def script(request: Request) -> Reply:
        return 200, {"code": 0, "data": {"sid": "s1"}}

    body = '{"mobile": "{{to}}", "content": ["{{text}}"], "ref": "{{key}}", "vip": "{{name}}"}'
    with provider_server(script) as server:
        settings = {
            "endpoint": f"{server.url}/v2/send?x=1",
            "body": body,
            "ok_field": "code",
            "id_field": "data.sid",
        }
        adapter = HttpSms(Account(kind="http", settings=settings, secret="k"))
        one = texts(1, params={"name": '"}],"evil":"1'})
        outcome = adapter.send(one, deadline=FAR)[0]
        adapter.close()
    request = server.requests[0]
    assert (outcome.status, outcome.provider_id) == (Status.ACCEPTED, "s1")
    assert request.json == {
        "mobile": "13800000000",
        "content": ["第 0 条"],
        "ref": "m0.x",
        "vip": '"}],"evil":"1',
    }
    stamp = request.headers["x-timestamp"]
    assert request.headers["x-signature"] == signature(secret="k", timestamp=stamp, body=request.body)
    assert request.headers["idempotency-key"] == "m0.x"
    assert (request.path, request.query) == ("/v2/send", {"x": "1"})


def test_a_gateway_that_refuses_is_believed() -> None:
    with provider_server(lambda r: (200, {"code": 7})) as server:
        settings = {"endpoint": server.url, "ok_field": "code"}
        outcome = HttpSms(Account(kind="http", settings=settings)).send(texts(1), deadline=FAR)[0]
        assert outcome.status is Status.REJECTED
    with provider_server(lambda r: (401, b"")) as server, pytest.raises(Unavailable):
        HttpSms(Account(kind="http", settings={"endpoint": server.url})).send(texts(1), deadline=FAR)
