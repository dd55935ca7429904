"""SMS by Tencent Cloud (sms 2021-01-11): SendSms, PullSmsSendStatusByPhoneNumber, DescribeSmsTemplateList.

Requests are signed with TC3-HMAC-SHA256 (Tencent Cloud API 3.0, signature v3).
"""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from hmac import HMAC
from typing import Any

from xinglin.outreach.channels.base import Asked, Found, Outcome, Outgoing, Status, Unavailable
from xinglin.outreach.channels.calls import (
    HttpAdapter,
    NoAnswer,
    NotSent,
    all_of,
    by_status,
    read_json,
    unknown,
    untried,
)
from xinglin.outreach.channels.groups import by_values, international, is_number

VERSION = "2021-01-11"
LATER = ("LimitExceeded", "RequestLimitExceeded", "FailedOperation.InsufficientBalanceInSmsPackage",
         "FailedOperation.AccountArrears", "UnauthorizedOperation.SmsMessagesQpsOverLimit")  # fmt: skip
BAD_NUMBER = ("InvalidParameterValue.IncorrectPhoneNumber", "FailedOperation.PhoneNumberInBlacklist",
              "UnsupportedOperation.UnsupportedRegion")  # fmt: skip
ACCOUNT = (
    "AuthFailure",
    "UnauthorizedOperation.RequestIpNotInWhitelist",
    "UnauthorizedOperation.SdkAppId",
    "UnauthorizedOperation.RequestPermissionDeny",
    "InvalidParameterValue.SdkAppIdNotExist",
)


def sign(
    *, action: str, body: bytes, host: str, key_id: str, secret: str, at: datetime, region: str
) -> dict[str, str]:
    """Headers of a signed POST to "/"; ``at`` is aware."""
    moment = str(int(at.timestamp()))
    day = at.astimezone(UTC).strftime("%Y-%m-%d")
    kind = "application/json; charset=utf-8"
    names = "content-type;host;x-tc-action"
    lines = f"content-type:{kind}\nhost:{host}\nx-tc-action:{action.lower()}\n"
    canonical = "\n".join(["POST", "/", "", lines, names, sha256(body).hexdigest()])
    scope = f"{day}/sms/tc3_request"
    to_sign = "\n".join(["TC3-HMAC-SHA256", moment, scope, sha256(canonical.encode()).hexdigest()])
    key = f"TC3{secret}".encode()
    for part in (day, "sms", "tc3_request"):
        key = HMAC(key, part.encode(), sha256).digest()
    signature = HMAC(key, to_sign.encode(), sha256).hexdigest()
    return {
        "Authorization": f"TC3-HMAC-SHA256 Credential={key_id}/{scope}, SignedHeaders={names}, "
        f"Signature={signature}",
        "Content-Type": kind,
        "X-TC-Action": action,
        "X-TC-Timestamp": moment,
        "X-TC-Version": VERSION,
        "X-TC-Region": region,
    }


class TencentSms(HttpAdapter):
    """Up to 200 numbers a request, all with the same values in the template's order.

    Settings: ``key_id``, ``app_id`` (SmsSdkAppId), ``sign_name``, ``region``, ``extend``. The account's
    secret is the SecretKey.
    """

    name = "tencent"
    usual_endpoint = "https://sms.tencentcloudapi.com"
    part = 200
    workers = 8

    def call(self, action: str, data: dict[str, Any]) -> dict[str, Any] | None:
        """The ``Response`` of an action; None where there is none to be read."""
        return (read_json(self._exchange(action, data)) or {}).get("Response")

    def _exchange(self, action: str, data: dict[str, Any]) -> Any:
        body = json.dumps(data, ensure_ascii=False).encode()
        headers = sign(
            action=action,
            body=body,
            host=self.client.base.authority,
            key_id=self.text("key_id"),
            secret=self.account.secret,
            at=datetime.now(UTC),
            region=self.text("region", "ap-guangzhou"),
        )
        return self.post("/", body, headers)

    def send(self, batch: Sequence[Outgoing], *, deadline: float) -> list[Outcome]:
        self._refused_account = ""
        outcomes = self.one_by_one(
            by_values(batch, size=200), self._send_some, deadline=deadline, untried=untried
        )
        if self._refused_account and all(one.status is Status.UNTRIED for one in outcomes):
            raise Unavailable(self._refused_account)
        found = {one.key: one for one in outcomes}
        return [found[one.key] for one in batch]

    _refused_account = ""

    def _send_some(self, some: list[Outgoing]) -> list[Outcome]:
        good = [one for one in some if is_number(one.address)]
        bad = [
            Outcome(key=one.key, status=Status.REJECTED, error="not a phone number", is_bad_address=True)
            for one in some
            if not is_number(one.address)
        ]
        if not good:
            return bad
        if not good[0].template_code:
            return bad + all_of(good, Status.REJECTED, error="no template at the provider")
        if self._refused_account:
            return bad + untried(good)
        data = {
            "PhoneNumberSet": [international(one.address) for one in good],
            "SmsSdkAppId": self.text("app_id"),
            "SignName": self.text("sign_name"),
            "TemplateId": good[0].template_code,
            "TemplateParamSet": list(good[0].params.values()),
            "SessionContext": good[0].part,
        }
        if extend := self.text("extend"):
            data["ExtendCode"] = extend
        try:
            answer = self._exchange("SendSms", data)
        except NoAnswer as error:
            return bad + unknown(good, error)
        response = (read_json(answer) or {}).get("Response")
        if not isinstance(response, dict):
            return bad + (by_status(answer, good) or unknown(good, f"HTTP {answer.status}"))
        if "Error" in response:
            return bad + self._refused(response["Error"], good)
        return bad + self._each(response.get("SendStatusSet") or [], good)

    def _refused(self, error: dict[str, Any], some: list[Outgoing]) -> list[Outcome]:
        code = str(error.get("Code", ""))
        words = f"{code} {error.get('Message', '')}"
        if code.startswith(ACCOUNT):
            self._refused_account = words[:200]
            return all_of(some, Status.UNTRIED, error=words)
        if code.startswith(LATER):
            return all_of(some, Status.LATER, error=words)
        if code.startswith("InternalError"):
            return unknown(some, words)
        return all_of(some, Status.REJECTED, error=words)

    def _each(self, rows: list[dict[str, Any]], some: list[Outgoing]) -> list[Outcome]:
        by_number = {str(row.get("PhoneNumber")): row for row in rows}
        return [_outcome(one, by_number.get(international(one.address))) for one in some]

    def query(self, asked: Iterable[Asked]) -> dict[str, Found] | None:
        """Taken where the number's records show a message in that time; they never prove the contrary.

        Throttled, or refused as an account, it asks no further until the next round.
        """
        found: dict[str, Found] = {}
        for one in asked:
            data = {
                "BeginTime": int(one.since.timestamp()) - 60,
                "EndTime": int(one.until.timestamp()) + 60,
                "Offset": 0,
                "Limit": 100,
                "PhoneNumber": international(one.address),
                "SmsSdkAppId": self.text("app_id"),
            }
            try:
                response = self.call("PullSmsSendStatusByPhoneNumber", data) or {}
            except (NoAnswer, NotSent):
                continue
            if str((response.get("Error") or {}).get("Code", "")).startswith((*LATER, *ACCOUNT)):
                break
            if record := _record_of(one, response.get("PullSmsSendStatusSet") or []):
                found[one.key] = record
        return found

    def template_state(self, code: str) -> tuple[str, str] | None:
        """(state, reason) of a template; None when it cannot be told."""
        if not code.isdecimal():
            return None
        data = {"TemplateIdSet": [int(code)], "International": 0}
        try:
            response = self.call("DescribeSmsTemplateList", data) or {}
        except (NoAnswer, NotSent):
            return None
        for row in response.get("DescribeTemplateStatusSet") or []:
            state = {0: "approved", 1: "submitted", -1: "rejected"}.get(int(row.get("StatusCode", 9)))
            return (state, str(row.get("ReviewReply") or "")) if state else None
        return None


def _record_of(one: Asked, rows: list[dict[str, Any]]) -> Found | None:
    """What is on record of it; our reference decides where a record carries one."""
    mine = [row for row in rows if not row.get("SessionContext") or row["SessionContext"] == one.part]
    if not mine:
        return None
    state = {"SUCCESS": True, "FAIL": False}.get(str(mine[0].get("ReportStatus")))
    return Found(
        is_delivered=state, error=str(mine[0].get("Description") or "")[:200] if state is False else ""
    )


def _outcome(one: Outgoing, row: dict[str, Any] | None) -> Outcome:
    if row is None:
        return Outcome(key=one.key, status=Status.UNKNOWN, error="the answer leaves this number out")
    code = str(row.get("Code", ""))
    if code == "Ok":
        return Outcome(key=one.key, status=Status.ACCEPTED, provider_id=str(row.get("SerialNo", ""))[:120])
    error = f"{code} {row.get('Message', '')}"[:200]
    if code.startswith(LATER):
        return Outcome(key=one.key, status=Status.LATER, error=error)
    if code.startswith("InternalError"):
        return Outcome(key=one.key, status=Status.UNKNOWN, error=error)
    return Outcome(
        key=one.key, status=Status.REJECTED, error=error, is_bad_address=code.startswith(BAD_NUMBER)
    )
