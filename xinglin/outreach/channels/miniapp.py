"""Mini-program subscription messages: one for every grant that the person gave, or long-term where open."""

from collections.abc import Iterable, Sequence

from xinglin.outreach.channels.base import Asked, Outcome, Outgoing, Status
from xinglin.outreach.channels.calls import all_of, untried
from xinglin.outreach.channels.weixin import WeixinAdapter

BAD_OPENID = frozenset({40003})


class MiniApp(WeixinAdapter):
    """Settings: ``app_id``, ``page`` (opened by a tap), ``state`` (formal, trial, developer)."""

    name = "miniapp"

    def send(self, batch: Sequence[Outgoing], *, deadline: float) -> list[Outcome]:
        return self.checked(
            self.one_by_one([[one] for one in batch], self._send_one, deadline=deadline, untried=untried)
        )

    def _send_one(self, some: list[Outgoing]) -> list[Outcome]:
        one = some[0]
        if not one.template_code:
            return all_of(some, Status.REJECTED, error="no template at the provider")
        data: dict[str, object] = {
            "touser": one.address,
            "template_id": one.template_code,
            "miniprogram_state": self.text("state", "formal"),
            "lang": "zh_CN",
            "data": {name: {"value": value} for name, value in one.params.items()},
        }
        if page := self.text("page"):
            data["page"] = page
        return self.guarded("/cgi-bin/message/subscribe/send", data, some, bad=BAD_OPENID)

    def query(self, asked: Iterable[Asked]) -> dict[str, bool] | None:
        return None
