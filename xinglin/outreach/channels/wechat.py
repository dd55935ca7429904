"""WeChat official account: template messages, and customer-service texts within 48 h of a person's word."""

from collections.abc import Iterable, Sequence

from xinglin.outreach.channels.base import Asked, Outcome, Outgoing, Status
from xinglin.outreach.channels.calls import all_of, untried
from xinglin.outreach.channels.weixin import WeixinAdapter

#: 40003 unknown openid; 43004 and 43019 have unfollowed or blocked us.
BAD_OPENID = frozenset({40003, 43004, 43019})
#: The 48 hours are over, or the person has had the allowed number of answers.
NOT_TALKING = frozenset({45015, 45047})


class WechatAccount(WeixinAdapter):
    """Settings: ``app_id``; the account's secret is the AppSecret.

    With a template code a template message, whose ``client_msg_id`` is our key (the same key is not sent
    twice); without one a customer-service text, which only reaches people who wrote within 48 hours.
    """

    name = "wechat"

    def send(self, batch: Sequence[Outgoing], *, deadline: float) -> list[Outcome]:
        return self.checked(
            self.one_by_one([[one] for one in batch], self._send_one, deadline=deadline, untried=untried)
        )

    def _send_one(self, some: list[Outgoing]) -> list[Outcome]:
        one = some[0]
        if not one.template_code:
            data: dict[str, object] = {
                "touser": one.address, "msgtype": "text", "text": {"content": one.text}
            }  # fmt: skip
            found = self.guarded("/cgi-bin/message/custom/send", data, some, bad=BAD_OPENID)
            if found[0].error.startswith(tuple(str(code) for code in NOT_TALKING)):
                return all_of(some, Status.REJECTED, error=f"not within 48 hours of a word: {found[0].error}")
            return found
        data = {
            "touser": one.address,
            "template_id": one.template_code,
            "client_msg_id": one.key,
            "data": {name: {"value": value} for name, value in one.params.items()},
        }
        if one.url:
            data["url"] = one.url
        return self.guarded("/cgi-bin/message/template/send", data, some, bad=BAD_OPENID)

    def query(self, asked: Iterable[Asked]) -> dict[str, bool] | None:
        """WeChat offers no look-up; the TEMPLATESENDJOBFINISH event tells."""
        return None
