"""A callback's request as what it tells, by the provider's kind.

Alibaba Cloud, Tencent Cloud and mail servers sign nothing: a secret in the address, known to them and us
alone, stands for it. WeChat and WeCom sign and encrypt. The generic form is signed with HMAC over time and
body.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import HMAC, compare_digest
from typing import Any
from zoneinfo import ZoneInfo

from xinglin.outreach.receipts import weixin_crypto
from xinglin.outreach.receipts.dsn import read_report
from xinglin.outreach.receipts.told import Delivery, Forged, Grant, Malformed, Told, Word
from xinglin.outreach.receipts.xml import read_xml

CHINA = ZoneInfo("Asia/Shanghai")
#: How old a signed callback may be, and how far ahead its clock.
WINDOW = timedelta(minutes=10)
#: What each provider wants to hear when all is well: body and content type.
ACKNOWLEDGEMENT = {
    "aliyun": ('{"code": 0, "msg": "成功"}', "application/json; charset=utf-8"),
    "tencent": ('{"result": 0, "errmsg": "OK"}', "application/json; charset=utf-8"),
    "http": ('{"ok": true}', "application/json; charset=utf-8"),
    "wechat": ("success", "text/plain; charset=utf-8"),
    "miniapp": ("success", "text/plain; charset=utf-8"),
    "wecom": ("success", "text/plain; charset=utf-8"),
    "smtp": ("ok", "text/plain; charset=utf-8"),
}
#: Receipts that blame the number: switched off for good or never given out (operators' state codes).
_DEAD_NUMBERS = (
    "MOBILE_NOT_ON_SERVICE",
    "MK:0001",
    "MK:0000",
    "MI:0000",
    "MK:0011",
    "ID:0013",
    "USER_NOT_EXIST",
    "EMPTY_NUMBER",
    "MOBILE_NUMBER_ILLEGAL",
    "UNDELIV_EMPTY",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request of a provider, and what it is checked against."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    secret: str  # in the address
    token: str
    key: str
    receive_id: str
    now: datetime


def read(kind: str, call: Call) -> Told:
    """What the call tells. Raises Forged, or Malformed when it was signed but makes no sense."""
    return _READERS[kind](call)


def _need_secret(call: Call) -> None:
    if not call.token or not compare_digest(call.secret.encode(), call.token.encode()):
        raise Forged("the secret in the address")


def _rows(body: bytes) -> list[dict[str, Any]]:
    try:
        found = json.loads(body)
    except ValueError as error:
        raise Malformed("not JSON") from error
    rows = found if isinstance(found, list) else [found]
    if len(rows) > 5000 or not all(isinstance(row, dict) for row in rows):
        raise Malformed("not a list of objects")
    return rows


def _moment(text: object, now: datetime) -> datetime:
    """China's wall clock as an aware time; the present where it is missing or lies ahead."""
    try:
        at = datetime.strptime(str(text), "%Y-%m-%d %H:%M:%S").replace(tzinfo=CHINA)
    except ValueError:
        return now
    return min(at, now)


def _seconds(text: object, now: datetime) -> datetime:
    try:
        return min(datetime.fromtimestamp(int(str(text)), UTC), now)
    except (ValueError, OverflowError, OSError):
        return now


def aliyun(call: Call) -> Told:
    """SmsReport and SmsUp: JSON lists, told apart by their fields."""
    _need_secret(call)
    deliveries, words, ids = [], [], []
    for row in _rows(call.body):
        number = str(row.get("phone_number") or "")
        if "content" in row and "success" not in row:
            at = _moment(row.get("send_time"), call.now)
            words.append(Word(at=at, address=number, text=str(row.get("content") or "")))
            ids.append(f"up:{row.get('sequence_id') or ''}:{number}:{row.get('send_time')}")
            continue
        if "success" not in row:
            raise Malformed("neither a receipt nor a reply")
        good = row.get("success") in (True, "true")
        error = f"{row.get('err_code') or ''} {row.get('err_msg') or ''}".strip()
        deliveries.append(
            Delivery(
                at=_moment(row.get("report_time"), call.now),
                is_delivered=good,
                provider_id=str(row.get("biz_id") or ""),
                part=str(row.get("out_id") or ""),
                address=number,
                error="" if good else error[:200],
                is_bad_address=not good and str(row.get("err_code") or "").startswith(_DEAD_NUMBERS),
            )
        )
    return Told(deliveries=tuple(deliveries), words=tuple(words), ids=tuple(ids))


def tencent(call: Call) -> Told:
    """Status and reply callbacks, told apart by their fields."""
    _need_secret(call)
    deliveries, words, ids = [], [], []
    for row in _rows(call.body):
        number = str(row.get("mobile") or "")
        if "report_status" in row:
            good = row["report_status"] == "SUCCESS"
            error = f"{row.get('errmsg') or ''} {row.get('description') or ''}".strip()
            deliveries.append(
                Delivery(
                    at=_moment(row.get("user_receive_time"), call.now),
                    is_delivered=good,
                    provider_id=str(row.get("sid") or ""),
                    address=number,
                    error="" if good else error[:200],
                    is_bad_address=not good and str(row.get("errmsg") or "").startswith(_DEAD_NUMBERS),
                )
            )
        elif "text" in row:
            words.append(
                Word(at=_seconds(row.get("time"), call.now), address=number, text=str(row.get("text") or ""))
            )
            ids.append(f"up:{number}:{row.get('time')}:{row.get('text')}")
        else:
            raise Malformed("neither a status nor a reply")
    return Told(deliveries=tuple(deliveries), words=tuple(words), ids=tuple(ids))


def generic(call: Call) -> Told:
    """``{"receipts": [{id, status, at, error, bad_address}], "replies": [{id, from, text, at}]}``.

    ``X-Signature`` is hex HMAC-SHA256 of ``timestamp.body`` under the shared secret, ``X-Timestamp`` seconds.
    """
    stamp, given = call.headers.get("x-timestamp", ""), call.headers.get("x-signature", "")
    wanted = HMAC(call.token.encode(), stamp.encode() + b"." + call.body, sha256).hexdigest()
    if not call.token or not compare_digest(wanted.encode(), given.encode()):
        raise Forged("signature")
    _need_fresh(stamp, call.now)
    row = _rows(call.body)[0]
    receipts, replies = row.get("receipts") or [], row.get("replies") or []
    if not isinstance(receipts, list) or not isinstance(replies, list) or len(receipts) + len(replies) > 5000:
        raise Malformed("receipts and replies are lists")
    return Told(
        deliveries=tuple(_generic_delivery(one, call.now) for one in receipts),
        words=tuple(
            Word(
                at=_iso(one.get("at"), call.now),
                address=str(one.get("from") or ""),
                text=str(one.get("text") or ""),
            )
            for one in replies
        ),
        ids=tuple(f"up:{one.get('id') or ''}:{one.get('from')}:{one.get('at')}" for one in replies),
    )  # fmt: skip


def _generic_delivery(row: dict[str, Any], now: datetime) -> Delivery:
    good = row.get("status") == "delivered"
    if not good and row.get("status") != "failed":
        raise Malformed("status is delivered or failed")
    return Delivery(
        at=_iso(row.get("at"), now),
        is_delivered=good,
        key=str(row.get("id") or ""),
        provider_id=str(row.get("provider_id") or ""),
        error=str(row.get("error") or "")[:200],
        is_bad_address=bool(row.get("bad_address")),
    )


def _iso(text: object, now: datetime) -> datetime:
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return now
    return min(at if at.tzinfo else at.replace(tzinfo=CHINA), now)


def _need_fresh(stamp: str, now: datetime) -> None:
    try:
        at = datetime.fromtimestamp(int(stamp), UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise Forged("timestamp") from error
    if abs(now - at) > WINDOW:
        raise Forged("too old, or from the future")


def _opened(call: Call) -> dict[str, Any] | str:
    """The callback's XML as values; for the handshake of setting up, the text to echo."""
    query = call.query
    stamp, nonce = query.get("timestamp", ""), query.get("nonce", "")
    if not call.token:
        raise Forged("no token in the settings")
    if call.method == "GET":
        if "msg_signature" in query:
            weixin_crypto.check(query["msg_signature"], call.token, stamp, nonce, query.get("echostr", ""))
            _need_fresh(stamp, call.now)
            return weixin_crypto.decrypt(
                query.get("echostr", ""), encoding_aes_key=call.key, receive_id=call.receive_id
            )
        weixin_crypto.check(query.get("signature", ""), call.token, stamp, nonce)
        _need_fresh(stamp, call.now)
        return query.get("echostr", "")
    try:
        body = call.body.decode()
    except UnicodeDecodeError as error:
        raise Malformed("not UTF-8") from error
    if not call.key:
        raise Forged("no EncodingAESKey in the settings: an unencrypted body is not signed")
    encrypted = str(read_xml(body).get("Encrypt") or "")
    weixin_crypto.check(query.get("msg_signature", ""), call.token, stamp, nonce, encrypted)
    _need_fresh(stamp, call.now)
    return read_xml(weixin_crypto.decrypt(encrypted, encoding_aes_key=call.key, receive_id=call.receive_id))


def weixin(call: Call) -> Told:
    """Official account and mini-program: words, follows, template results, subscription grants."""
    found = _opened(call)
    if isinstance(found, str):
        return Told(echo=found)
    who, at = str(found.get("FromUserName") or ""), _seconds(found.get("CreateTime"), call.now)
    kind, event = str(found.get("MsgType") or ""), str(found.get("Event") or "")
    identity = str(found.get("MsgId") or f"{who}:{found.get('CreateTime')}:{event}")
    if kind != "event":
        return Told(words=(Word(at=at, address=who, text=str(found.get("Content") or "")),), ids=(identity,))
    if event == "TEMPLATESENDJOBFINISH":
        status = str(found.get("Status") or "")
        return Told(
            deliveries=(
                Delivery(
                    at=at,
                    is_delivered=status == "success",
                    provider_id=str(found.get("MsgID") or found.get("MsgId") or ""),
                    error="" if status == "success" else status[:200],
                    is_bad_address="user block" in status,
                ),
            )
        )
    if event in ("subscribe", "unsubscribe"):
        word = Word(at=at, address=who, event="leave" if event == "unsubscribe" else "join")
        return Told(words=(word,), ids=(identity,))
    if event.startswith("subscribe_msg_"):
        return _grants(found, event=event, who=who, at=at, identity=identity)
    return Told()


def _grants(found: dict[str, Any], *, event: str, who: str, at: datetime, identity: str) -> Told:
    """Consents and withdrawals of subscription messages, and whether one got there."""
    inside = next((v for k, v in found.items() if k.startswith("SubscribeMsg") and isinstance(v, dict)), {})
    rows = inside.get("List") or []
    rows = rows if isinstance(rows, list) else [rows]
    if event == "subscribe_msg_sent_event":
        return Told(
            deliveries=tuple(
                Delivery(
                    at=at,
                    is_delivered=str(row.get("ErrorCode")) == "0",
                    provider_id=str(row.get("MsgID") or ""),
                    error="" if str(row.get("ErrorCode")) == "0" else str(row.get("ErrorStatus") or "")[:200],
                )
                for row in rows
                if isinstance(row, dict)
            )
        )
    return Told(
        grants=tuple(
            Grant(
                at=at,
                address=who,
                code=str(row.get("TemplateId") or ""),
                status="accept" if row.get("SubscribeStatusString") == "accept" else "reject",
            )
            for row in rows
            if isinstance(row, dict)
        ),
        ids=tuple(f"{identity}:{n}" for n in range(len(rows))),
    )


def wecom(call: Call) -> Told:
    """WeCom: customers who left; the results of mass messages are asked for, not told."""
    found = _opened(call)
    if isinstance(found, str):
        return Told(echo=found)
    at = _seconds(found.get("CreateTime"), call.now)
    if found.get("Event") == "change_external_contact":
        who, change = str(found.get("ExternalUserID") or ""), str(found.get("ChangeType") or "")
        identity = f"{who}:{found.get('UserID')}:{change}:{found.get('CreateTime')}"
        if change in ("del_follow_user", "add_external_contact"):
            word = Word(at=at, address=who, event="leave" if change == "del_follow_user" else "join")
            return Told(words=(word,), ids=(identity,))
    return Told()


def smtp(call: Call) -> Told:
    """A mail that came back, whole, as the mail server hands it over."""
    _need_secret(call)
    return read_report(call.body, now=call.now)


_READERS: Mapping[str, Callable[[Call], Told]] = {
    "aliyun": aliyun,
    "tencent": tencent,
    "http": generic,
    "wechat": weixin,
    "miniapp": weixin,
    "wecom": wecom,
    "smtp": smtp,
}
KINDS = frozenset(_READERS)
