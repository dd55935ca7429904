"""What official account, mini-program and WeCom share: the pass in the query, error codes in a 200."""

from collections.abc import Sequence
from typing import Any

from xinglin.core.outbound import Answer, NotAllowed
from xinglin.outreach.channels.base import Outcome, Outgoing, Status, Token, Unavailable
from xinglin.outreach.channels.calls import (
    HttpAdapter,
    NoAnswer,
    NotSent,
    all_of,
    read_json,
    unknown,
    untried,
)

#: The pass is wrong or has expired (40001 also stands for a wrong AppSecret).
BAD_TOKEN = frozenset({40001, 40014, 41001, 42001})
#: Too often, or the service is busy: nothing was taken. -1 is "busy, try again later".
LATER = frozenset({-1, 45009, 45011, 45033, 43108})
ACCOUNT = frozenset({40002, 40013, 40125, 40164, 48001, 48004, 50002, 60020, 61004, 301002})


class WeixinAdapter(HttpAdapter):
    """An adapter whose calls carry ``access_token``; see ``NeedsToken``."""

    usual_endpoint = "https://api.weixin.qq.com"
    workers = 8

    token = ""
    refused = ""

    def fetch_token(self, *, fresh: bool) -> Token:
        """By ``stable_token``, which does not invalidate the pass of other processes."""
        data = {
            "grant_type": "client_credential",
            "appid": self.text("app_id"),
            "secret": self.account.secret,
            "force_refresh": fresh,
        }
        try:
            found = read_json(self.post_json("/cgi-bin/stable_token", data))
        except (NotSent, NoAnswer) as error:
            raise Unavailable(str(error)) from error
        return self.token_of(found)

    def token_of(self, found: dict[str, Any] | None) -> Token:
        value = str((found or {}).get("access_token") or "")
        if not value:
            raise Unavailable(_error(found))
        return Token(value, int((found or {}).get("expires_in") or 7200))

    def call(self, path: str, data: object) -> dict[str, Any]:
        """The answer's object, ``errcode`` included. NotSent or NoAnswer (which a broken answer is too)."""
        return self.answered(self.post_json(self.with_pass(path), data))

    def with_pass(self, path: str) -> str:
        return f"{path}{'&' if '?' in path else '?'}access_token={self.token}"

    def answered(self, answer: Answer) -> dict[str, Any]:
        """The object in an answer; NoAnswer where it is none."""
        found = read_json(answer)
        if answer.status in (429, 503):
            return {"errcode": 45009, "errmsg": f"HTTP {answer.status}"}
        if found is None or answer.status >= 500:
            raise NoAnswer(f"HTTP {answer.status}")
        return found

    def judge(self, found: dict[str, Any], some: Sequence[Outgoing], *, bad: frozenset[int]) -> list[Outcome]:
        """Outcomes of a call that was answered; ``bad`` are the codes that blame the person's address."""
        code = int(found.get("errcode") or 0)
        error = _error(found)
        if code in BAD_TOKEN:
            self.refused = self.token
            return untried(some)
        if code in ACCOUNT:
            self.account_error = error
            return untried(some)
        if code in LATER:
            return all_of(some, Status.LATER, error=error)
        if code:
            return all_of(some, Status.REJECTED, error=error, is_bad_address=code in bad)
        return all_of(some, Status.ACCEPTED, provider_id=str(found.get("msgid") or ""))

    account_error = ""

    def guarded(self, path: str, data: object, some: list[Outgoing], *, bad: frozenset[int]) -> list[Outcome]:
        """One call about some messages."""
        if self.refused or self.account_error:
            return untried(some)
        try:
            return self.judge(self.call(path, data), some, bad=bad)
        except NoAnswer as error:
            return unknown(some, error)

    def checked(self, outcomes: list[Outcome]) -> list[Outcome]:
        """Unavailable when our account is at fault and nothing was taken."""
        error, self.account_error = self.account_error, ""
        if error and all(one.status is Status.UNTRIED for one in outcomes):
            raise Unavailable(error)
        return outcomes


def _error(found: dict[str, Any] | None) -> str:
    if found is None:
        return "no answer to be read"
    return f"{found.get('errcode')} {found.get('errmsg', '')}"[:200]


__all__ = ["NotAllowed", "WeixinAdapter"]
