"""Any gateway that takes a message by HTTP: body by a template, signed with HMAC, our key named."""

import json
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from hmac import HMAC
from typing import Any
from urllib.parse import quote, urlencode

from xinglin.core.outbound import Answer, NotAllowed
from xinglin.outreach.channels.base import Account, Asked, Found, Outcome, Outgoing, Status, Unavailable
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

USUAL_BODY = '{"id": "{{key}}", "to": "{{to}}", "text": "{{text}}"}'
_PLACE = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def fill(shape: Any, values: Mapping[str, str]) -> Any:
    """The shape with every ``{{name}}`` in its texts replaced; a value never becomes structure."""
    if isinstance(shape, str):
        return _PLACE.sub(lambda found: values.get(found[1], ""), shape)
    if isinstance(shape, list):
        return [fill(part, values) for part in shape]
    if isinstance(shape, dict):
        return {name: fill(part, values) for name, part in shape.items()}
    return shape


def signature(*, secret: str, timestamp: str, body: bytes) -> str:
    """Hex HMAC-SHA256 over ``timestamp.body``."""
    return HMAC(secret.encode(), timestamp.encode() + b"." + body, sha256).hexdigest()


class HttpSms(HttpAdapter):
    """Settings: ``endpoint``, ``body`` (JSON with ``{{to}} {{text}} {{key}} {{template}}`` and the template's
    own names), ``format`` (json or form), ``id_field`` and ``ok_field``/``ok_value`` (dotted paths in the
    answer), ``batch`` (messages a request: then the body is a list and the answer lists ``results``),
    ``status_path`` (asked with ``{key}``; 200 taken, 404 not), ``status_field`` (dotted path to its state in
    that answer), ``status_delivered`` and ``status_failed`` (its values), ``is_log_complete``.

    Sent with ``X-Timestamp``, ``X-Signature`` (see ``signature``) and ``Idempotency-Key``.
    """

    name = "http"
    workers = 8
    tracks = False

    def __init__(self, account: Account) -> None:
        super().__init__(account)
        self.shape = json.loads(self.text("body", USUAL_BODY))
        self.batch = max(1, min(500, int(self.text("batch", "1"))))
        self.part = max(50, self.batch)
        self.tracks = bool(self.text("id_field"))

    def send(self, batch: Sequence[Outgoing], *, deadline: float) -> list[Outcome]:
        pieces = [list(batch[n : n + self.batch]) for n in range(0, len(batch), self.batch)]
        self._refused_account = ""
        outcomes = self.one_by_one(pieces, self._send_some, deadline=deadline, untried=untried)
        if self._refused_account and all(one.status is Status.UNTRIED for one in outcomes):
            raise Unavailable(self._refused_account)
        return outcomes

    _refused_account = ""

    def _body(self, some: list[Outgoing]) -> tuple[bytes, str]:
        filled = [fill(self.shape, _values(one)) for one in some]
        if self.text("format", "json") == "form":
            return urlencode(filled[0]).encode(), "application/x-www-form-urlencoded"
        data = filled if self.batch > 1 else filled[0]
        return json.dumps(data, ensure_ascii=False).encode(), "application/json; charset=utf-8"

    def _send_some(self, some: list[Outgoing]) -> list[Outcome]:
        if self._refused_account:
            return untried(some)
        body, kind = self._body(some)
        now = str(int(time.time()))
        headers = {"Content-Type": kind, "Idempotency-Key": some[0].key, "X-Timestamp": now}
        if self.account.secret:
            headers["X-Signature"] = signature(secret=self.account.secret, timestamp=now, body=body)
        try:
            answer = self.post(self.client.base.path, body, headers)
        except NoAnswer as error:
            return unknown(some, error)
        return by_status(answer, some) or self._outcomes(answer, some)

    def _outcomes(self, answer: Answer, some: list[Outgoing]) -> list[Outcome]:
        error = f"HTTP {answer.status} {answer.body[:120].decode('utf-8', 'replace')}"
        if answer.status in (401, 403):
            self._refused_account = error
            return untried(some)
        if answer.status == 408:
            return all_of(some, Status.LATER, error=error)
        if answer.status >= 300:
            return all_of(some, Status.REJECTED, error=error)
        data = read_json(answer)
        if self.batch > 1:
            return _results(data, some)
        field = self.text("ok_field")
        if field and str(_at(data, field)) != self.text("ok_value", "0"):
            return all_of(some, Status.REJECTED, error=error)
        given = _at(data, self.text("id_field")) if self.text("id_field") else ""
        return all_of(some, Status.ACCEPTED, provider_id=str(given or ""))

    def query(self, asked: Iterable[Asked]) -> dict[str, bool | Found] | None:
        """Ask for one after the other; a gateway that throttles us is left alone until the next round."""
        path = self.text("status_path")
        if not path:
            return None
        found: dict[str, bool | Found] = {}
        for one in asked:
            try:
                answer = self.client.get(path.replace("{key}", quote(one.key, safe="")))
            except (NoAnswer, NotSent, NotAllowed):
                continue
            if answer.status in (429, 503):
                break
            if answer.status == 200:
                found[one.key] = self._found(answer)
            elif answer.status == 404 and self.account.settings.get("is_log_complete"):
                found[one.key] = False
        return found

    def _found(self, answer: Answer) -> Found:
        field = self.text("status_field")
        data = read_json(answer) if field else None
        state = str(_at(data, field)) if field else ""
        if state == self.text("status_delivered", "delivered"):
            return Found(is_delivered=True)
        if state == self.text("status_failed", "failed"):
            return Found(is_delivered=False, error=str((data or {}).get("error") or state)[:200])
        return Found()


def _values(one: Outgoing) -> dict[str, str]:
    return {
        **one.params,
        "key": one.key,
        "to": one.address,
        "text": one.text,
        "template": one.template_code,
        "part": one.part,
    }


def _at(data: Any, path: str) -> Any:
    """The value at a dotted path; None where it ends early."""
    for name in path.split("."):
        data = data.get(name) if isinstance(data, dict) else None
    return data


def _results(data: dict[str, Any] | None, some: list[Outgoing]) -> list[Outcome]:
    """One line a message: ``{"id": key, "status": "accepted|rejected|later", "error": ""}``."""
    rows = {str(row.get("id")): row for row in (data or {}).get("results") or [] if isinstance(row, dict)}
    states = {"accepted": Status.ACCEPTED, "rejected": Status.REJECTED, "later": Status.LATER}
    return [
        Outcome(
            key=one.key,
            status=states.get(str(rows.get(one.key, {}).get("status")), Status.UNKNOWN),
            error=str(rows.get(one.key, {}).get("error") or "")[:200],
        )
        for one in some
    ]
