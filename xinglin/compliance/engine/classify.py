"""Which of the lawful classes a text belongs to, with the reason: decided before any word is judged."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CLASSES = ("ad", "disclosure", "science", "service", "community")
_OFFER = re.compile(
    r"下单|立减|团购|特价|优惠|秒杀|限时|名额有限|折扣|[0-9一二三四五六七八九]折|抢购|大促|补贴|代金券|福利价|"
    r"预存|拼团|专场价|原价|现价|仅需|低至"
)
# A clip that plays a swindle in order to warn of it sells nothing.
_WARNS = re.compile(r"情景剧|96110|先别(?:下单|买)|这是骗局|都是骗局|反诈|防骗")
_SELLS = re.compile(r"加(?:我|客服)?微信|扫码|私信|(?:我们|咱)[家馆院]|来我院|评论区")


@dataclass(frozen=True, slots=True)
class Classification:
    """Proposed class and why; ``given`` when a person chose it."""

    text_class: str
    reason: str
    given: bool = False


def classify(*, kind: str, text: str, meta: Mapping[str, Any], signals: Mapping[str, int]) -> Classification:
    """Propose the class of a folded ``text``.

    Source: 医疗广告认定指南第二至八条, 医疗广告监管工作指南第二条; meta ``page_class`` is a person's choice.
    """
    given = meta.get("page_class")
    if given in CLASSES:
        return Classification(str(given), "作者选定", given=True)
    if kind == "ad":
        return Classification("ad", "按广告提交")
    if kind == "sms":
        return _message(text, meta)
    if kind == "community_post":
        return Classification("community", "社群里的发言")
    science, notice = signals.get("science", 0), signals.get("notice", 0)
    warns = kind == "video_script" and _WARNS.search(text) and not _SELLS.search(text)
    if kind == "video_script" and not warns and (_OFFER.search(text) or signals.get("purchase", 0)):
        return Classification("ad", "有价格或购买入口，推销具体服务")
    if kind == "web_page":
        if science > notice:
            return Classification("science", "讲健康知识")
        return Classification("disclosure", "本机构网站上公开的事实")
    if notice > science:
        return Classification("disclosure", "通知、公示或办事说明")
    return Classification("science", "以文章、视频或病例形式讲健康知识")


def _message(text: str, meta: Mapping[str, Any]) -> Classification:
    purpose = meta.get("purpose")
    if purpose == "service":
        return Classification("service", "发送目的是服务通知")
    if purpose == "marketing":
        return Classification("ad", "发送目的是营销")
    if _OFFER.search(text):
        return Classification("ad", "目的未填，内容在推销")
    return Classification("service", "目的未填，内容像服务通知")
