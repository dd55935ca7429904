"""WeCom (企业微信) mass messages to external contacts: every one waits for a colleague to tap *send*.

Source: developer.work.weixin.qq.com, 创建企业群发, 提醒成员群发, 停止企业群发, 获取企业群发成员执行结果.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xinglin.outreach.channels.base import Asked, Outcome, Outgoing, Status, Token, Unavailable
from xinglin.outreach.channels.calls import NoAnswer, NotSent, all_of, read_json, untried
from xinglin.outreach.channels.groups import by_text
from xinglin.outreach.channels.weixin import ACCOUNT, BAD_TOKEN, LATER, WeixinAdapter

#: 84061 not an external contact any more, 40096 unknown external userid.
BAD_CONTACT = frozenset({84061, 40096})


@dataclass(frozen=True, slots=True)
class Reached:
    """One customer or group of a mass message: 0 waiting, 1 sent, 2 no friend, 3 has had enough."""

    staff: str
    target: str
    status: int


class Refused(Exception):
    """WeCom said no; the text is its own."""


class WecomAdapter(WeixinAdapter):
    """Settings: ``corp_id``, ``sender`` (the colleague's userid; empty: whoever has the customer),
    ``substitute`` (who takes over), ``chase_hours``, ``substitute_hours``, ``expire_hours``.
    """

    name = "wecom"
    usual_endpoint = "https://qyapi.weixin.qq.com"
    workers = 4
    part = 500

    def fetch_token(self, *, fresh: bool) -> Token:
        path = f"/cgi-bin/gettoken?corpid={self.text('corp_id')}&corpsecret={self.account.secret}"
        try:
            found = read_json(self.client.get(path))
        except (NotSent, NoAnswer) as error:
            raise Unavailable(str(error)) from error
        return self.token_of(found)

    def send(self, batch: Sequence[Outgoing], *, deadline: float) -> list[Outcome]:
        """One mass message for every text; its id is the provider's id of all its people."""
        outcomes = self.checked(
            self.one_by_one(by_text(batch, size=10_000), self._send_some, deadline=deadline, untried=untried)
        )
        found = {one.key: one for one in outcomes}
        return [found[one.key] for one in batch]

    def _send_some(self, some: list[Outgoing]) -> list[Outcome]:
        data = self._task(some[0].text, [one.address for one in some], self.text("sender"))
        if self.refused or self.account_error:
            return untried(some)
        try:
            found = self.call("/cgi-bin/externalcontact/add_msg_template", data)
        except NoAnswer as error:
            return all_of(some, Status.UNKNOWN, error=str(error))
        if int(found.get("errcode") or 0):
            return self.judge(found, some, bad=BAD_CONTACT)
        failed = set(found.get("fail_list") or [])
        return [
            Outcome(key=one.key, status=Status.REJECTED, error="no such contact", is_bad_address=True)
            if one.address in failed
            else Outcome(
                key=one.key, status=Status.WAITING, provider_id=str(found.get("msgid"))[:120], text=one.text
            )
            for one in some
        ]

    def _task(self, text: str, targets: list[str], sender: str) -> dict[str, object]:
        data: dict[str, object] = {
            "chat_type": "single", "external_userid": targets, "text": {"content": text}
        }  # fmt: skip
        return data | ({"sender": sender} if sender else {})

    def again(self, *, text: str, targets: list[str], sender: str) -> str:
        """The same to these people by another colleague; the new id. Refused, NotSent or NoAnswer."""
        return self._begun(self._task(text, targets, sender))

    def to_groups(self, *, text: str, chats: list[str], sender: str) -> str:
        """A mass message to customer groups; its id. Refused, NotSent or NoAnswer."""
        data = {"chat_type": "group", "sender": sender, "chat_id_list": chats, "allow_select": False,
                "text": {"content": text}}  # fmt: skip
        return self._begun(data)

    def _begun(self, data: object) -> str:
        task = str(self._asked("add_msg_template", data).get("msgid") or "")
        if not task:
            raise NoAnswer("a mass message without an id")
        return task[:120]

    def remind(self, task: str) -> None:
        """Ping the colleagues once more; WeCom allows three a day. Refused, NotSent or NoAnswer."""
        self._asked("remind_groupmsg_send", {"msgid": task})

    def cancel(self, task: str) -> None:
        """Stop what has not been sent. Refused, NotSent or NoAnswer."""
        self._asked("cancel_groupmsg_send", {"msgid": task})

    def results(self, task: str) -> list[Reached]:
        """What became of everybody in a mass message. Refused, NotSent or NoAnswer."""
        found = []
        for staff in self._pages("get_groupmsg_task", {"msgid": task}, "task_list"):
            userid = str(staff.get("userid") or "")
            asked = {"msgid": task, "userid": userid}
            for row in self._pages("get_groupmsg_send_result", asked, "send_list"):
                target = str(row.get("external_userid") or row.get("chat_id") or "")
                found.append(Reached(userid, target, int(row.get("status") or 0)))
        return found

    def _pages(self, name: str, data: Mapping[str, object], rows: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        cursor = ""
        for _page in range(200):
            page = self._asked(
                name, {**data, "limit": 1000 if rows == "task_list" else 500, "cursor": cursor}
            )
            found += page.get(rows) or []
            cursor = str(page.get("next_cursor") or "")
            if not cursor:
                break
        return found

    def _asked(self, name: str, data: object) -> dict[str, Any]:
        found = self.call(f"/cgi-bin/externalcontact/{name}", data)
        code = int(found.get("errcode") or 0)
        words = f"{code} {found.get('errmsg', '')}"[:200]
        if code in BAD_TOKEN:
            self.refused = self.token
        if code in BAD_TOKEN | LATER | ACCOUNT:  # nothing was taken, and it may go well another time
            raise NotSent(words)
        if code:
            raise Refused(words)
        return found

    def query(self, asked: Iterable[Asked]) -> dict[str, bool] | None:
        return None
