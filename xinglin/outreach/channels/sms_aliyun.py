"""SMS by Alibaba Cloud (Dysmsapi 2017-05-25): SendBatchSms, QuerySendDetails, QuerySmsTemplate.

Requests are signed with ACS3-HMAC-SHA256 (Alibaba Cloud, request structure and signature V3). The service
takes no idempotency key, so an answer that did not come is looked up and never asked for again.
"""

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import HMAC
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from xinglin.core.outbound import Answer
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
from xinglin.outreach.channels.groups import by_template, is_number

CHINA = ZoneInfo("Asia/Shanghai")
VERSION = "2017-05-25"
#: Come again later: flow control, and the provider's own faults before it took the request.
LATER = ("isv.BUSINESS_LIMIT_CONTROL", "Throttling", "isv.DAY_LIMIT_CONTROL", "isv.MONTH_LIMIT_CONTROL",
         "isv.AMOUNT_NOT_ENOUGH", "isv.OUT_OF_SERVICE", "ServiceUnavailable")  # fmt: skip
BAD_NUMBER = ("isv.MOBILE_NUMBER_ILLEGAL",)
#: Our account or its keys are at fault: nothing is to be judged by it.
ACCOUNT = (
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "SignatureNonceUsed",
    "InvalidTimeStamp",
    "Forbidden",
    "isv.ACCOUNT_NOT_EXISTS",
    "isv.ACCOUNT_ABNORMAL",
    "isv.PRODUCT_UN_SUBSCRIPT",
    "isp.RAM_PERMISSION_DENY",
    "isv.DENY_IP_RANGE",
)


def sign(
    *, action: str, query: Mapping[str, str], body: bytes, host: str, key_id: str, secret: str,
    at: datetime, nonce: str,
) -> dict[str, str]:  # fmt: skip
    """Headers of a signed POST to "/"; ``at`` is aware."""
    digest = sha256(body).hexdigest()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "host": host,
        "x-acs-action": action,
        "x-acs-content-sha256": digest,
        "x-acs-date": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "x-acs-signature-nonce": nonce,
        "x-acs-version": VERSION,
    }
    headers["Authorization"] = authorization(headers=headers, query=query, key_id=key_id, secret=secret)
    del headers["host"]
    return headers


def authorization(*, headers: Mapping[str, str], query: Mapping[str, str], key_id: str, secret: str) -> str:
    """The Authorization header of a POST to "/" with these headers, all of which are signed."""
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name].strip()}\n" for name in sorted(headers))
    digest = headers["x-acs-content-sha256"]
    canonical = "\n".join(["POST", "/", canonical_query(query), lines, names, digest])
    to_sign = f"ACS3-HMAC-SHA256\n{sha256(canonical.encode()).hexdigest()}"
    signature = HMAC(secret.encode(), to_sign.encode(), sha256).hexdigest()
    return f"ACS3-HMAC-SHA256 Credential={key_id},SignedHeaders={names},Signature={signature}"


def canonical_query(query: Mapping[str, str]) -> str:
    """Sorted, percent-encoded by RFC 3986."""
    return "&".join(f"{quote(name, safe='~')}={quote(query[name], safe='~')}" for name in sorted(query))


class AliyunSms(HttpAdapter):
    """Up to 100 numbers a request, each with values of its own, one template a request.

    Settings: ``key_id``, ``sign_name`` (without 【】), ``extend`` (extension code for replies),
    ``is_log_complete`` (what the provider's records do not show was not taken). The account's secret is the
    AccessKey secret.
    """

    name = "aliyun"
    usual_endpoint = "https://dysmsapi.aliyuncs.com"
    part = 100

    def call(self, action: str, query: Mapping[str, str], form: Mapping[str, str]) -> Answer:
        body = urlencode(form).encode()
        headers = sign(
            action=action,
            query=query,
            body=body,
            host=self.client.base.authority,
            key_id=self.text("key_id"),
            secret=self.account.secret,
            at=datetime.now(UTC),
            nonce=secrets.token_hex(16),
        )
        path = f"/?{canonical_query(query)}" if query else "/"
        return self.post(path, body, headers)

    def send(self, batch: Sequence[Outgoing], *, deadline: float) -> list[Outcome]:
        self._refused_account = ""
        outcomes = self.one_by_one(
            by_template(batch, size=100), self._send_some, deadline=deadline, untried=untried
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
        names = self.text("sign_name")
        form = {
            "PhoneNumberJson": _json([one.address for one in good]),
            "SignNameJson": _json([names for _ in good]),
            "TemplateParamJson": _json([dict(one.params) for one in good]),
        }
        if extend := self.text("extend"):
            form["SmsUpExtendCodeJson"] = _json([extend for _ in good])
        query = {"TemplateCode": good[0].template_code, "OutId": good[0].part}
        try:
            answer = self.call("SendBatchSms", query, form)
        except NoAnswer as error:
            return bad + unknown(good, error)
        return bad + self._outcomes(answer, good)

    def _outcomes(self, answer: Answer, some: list[Outgoing]) -> list[Outcome]:
        data = read_json(answer)
        code = str((data or {}).get("Code", ""))
        if data is None or not code:
            return by_status(answer, some) or unknown(some, f"HTTP {answer.status}")
        if code == "OK":
            return all_of(some, Status.ACCEPTED, provider_id=str(data.get("BizId", "")))
        error = f"{code} {data.get('Message', '')}"
        if code.startswith(ACCOUNT):
            self._refused_account = error[:200]
            return all_of(some, Status.UNTRIED, error=error)
        if code.startswith(LATER) or answer.status in (429, 503):
            return all_of(some, Status.LATER, error=error)
        if code.startswith(BAD_NUMBER) and len(some) > 1:
            return self._each(some)
        if code.startswith("isp.") or answer.status >= 500:
            return unknown(some, error)
        return all_of(
            some, Status.REJECTED, error=error, is_bad_address=code.startswith(BAD_NUMBER) and len(some) == 1
        )

    def _each(self, some: list[Outgoing]) -> list[Outcome]:
        """One bad number fails the whole request: halve it until the bad one stands alone."""
        middle = len(some) // 2
        found = []
        for half in (some[:middle], some[middle:]):
            try:
                found += self._send_some(half)
            except NotSent as error:
                found += all_of(half, Status.UNTRIED, error=str(error))
        return found

    def query(self, asked: Iterable[Asked]) -> dict[str, bool | Found] | None:
        found: dict[str, bool | Found] = {}
        for one in asked:
            taken = self._was_taken(one)
            if taken is not None:
                found[one.key] = taken
        return found

    def _was_taken(self, one: Asked) -> bool | Found | None:
        """What the provider's records of that number show of it; None when they cannot be read."""
        days = {one.since.astimezone(CHINA).date(), one.until.astimezone(CHINA).date()}
        records: list[dict[str, Any]] = []
        for day in sorted(days):
            query = {
                "PhoneNumber": one.address,
                "SendDate": day.strftime("%Y%m%d"),
                "PageSize": "50",
                "CurrentPage": "1",
            }
            try:
                data = read_json(self.call("QuerySendDetails", query, {}))
            except (NoAnswer, NotSent):
                return None
            if data is None or data.get("Code") != "OK":
                return None
            records += (data.get("SmsSendDetailDTOs") or {}).get("SmsSendDetailDTO") or []
        mine = next((record for record in records if _is_it(record, one)), None)
        if mine is not None:
            state = {3: True, 2: False}.get(int(mine.get("SendStatus") or 1))
            error = str(mine.get("ErrCode") or "")[:200] if state is False else ""
            return Found(is_delivered=state, error=error)
        return False if self.account.settings.get("is_log_complete") and len(records) < 50 else None

    def template_state(self, code: str) -> tuple[str, str] | None:
        """(state, reason) of a template: submitted, approved or rejected; None when it cannot be told."""
        try:
            data = read_json(self.call("QuerySmsTemplate", {"TemplateCode": code}, {}))
        except (NoAnswer, NotSent):
            return None
        if data is None or data.get("Code") != "OK":
            return None
        state = {0: "submitted", 1: "approved", 2: "rejected"}.get(int(data.get("TemplateStatus", -1)))
        return (state, str(data.get("Reason") or "")) if state else None


def _is_it(record: Mapping[str, Any], one: Asked) -> bool:
    """Our reference decides where the record carries one; else template and time."""
    if record.get("OutId"):
        return bool(one.part) and record["OutId"] == one.part
    if one.template_code and record.get("TemplateCode") != one.template_code:
        return False
    try:
        at = datetime.strptime(str(record.get("SendDate")), "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError:
        return False
    return one.since - timedelta(minutes=1) <= at <= one.until + timedelta(minutes=1)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
