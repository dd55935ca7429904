"""What providers let through, as plain values, and the judgement of a text by it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import yaml
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field, model_validator

#: Our names of values that are addresses of pages.
LINKS = frozenset({"链接", "link"})
#: Which policy an adapter's kind falls under; a gateway may name another in its settings.
POLICY_OF = {
    "aliyun": "aliyun",
    "tencent": "tencent",
    "http": "gateway",
    "wechat": "wechat",
    "wecom": "wecom",
    "miniapp": "miniapp",
    "smtp": "smtp",
    "inapp": "local",
    "calls": "local",
    "letters": "local",
    "sink": "local",
}


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Named(_Part):
    label_zh: str = Field(alias="label")
    label_en: str

    @property
    def label(self) -> str:
        """The name in the reader's language."""
        return self.label_zh if (get_language() or "zh").startswith("zh") else self.label_en


class ContentClass(_Named):
    """A kind of content, known by purpose, occasion or words."""

    purposes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def holds(self, *, purpose: str, category: str, text: str) -> bool:
        return (
            purpose in self.purposes
            or category.partition(".")[0] in self.categories
            or any(word in text for word in self.words)
        )


class Hours(_Part):
    starts: time = Field(alias="from")
    ends: time = Field(alias="until")
    purposes: tuple[str, ...]


class Policy(_Named):
    """One provider's rules; ``variables_for`` names the purposes whose texts may differ by person."""

    source: str
    template: Literal["required", "optional", "none"] = "none"
    template_purposes: tuple[str, ...] | None = None
    grant: Literal["required", "none"] = "none"
    forbids: tuple[str, ...] = ()
    variables_for: tuple[str, ...] | None = None
    link_in_variable: bool = True
    max_length: int | None = None
    per_person_per_day: int | None = None
    hours: Hours | None = None


class ChannelRules(_Part):
    id: str
    version: str
    effective_from: date
    classes: dict[str, ContentClass]
    policies: dict[str, Policy]

    @model_validator(mode="after")
    def _classes_are_known(self) -> "ChannelRules":
        unknown = {name for one in self.policies.values() for name in one.forbids} - set(self.classes)
        if unknown:
            raise ValueError(f"unknown classes: {', '.join(sorted(unknown))}")
        if missing := set(POLICY_OF.values()) - set(self.policies):
            raise ValueError(f"no policy for {', '.join(sorted(missing))}")
        return self

    @property
    def stamp(self) -> str:
        return f"{self.id}@{self.version}"

    def policy(self, kind: str, settings: Mapping[str, object] | None = None) -> Policy:
        """The rules of an adapter's kind; a gateway's ``policy`` setting may name a provider behind it."""
        return self.policies[self.name_of(kind, settings)]

    def name_of(self, kind: str, settings: Mapping[str, object] | None = None) -> str:
        """Which policy holds for an adapter's kind."""
        named = str((settings or {}).get("policy") or "")
        return named if kind == "http" and named in self.policies else POLICY_OF[kind]

    def stamp_of(self, kind: str, settings: Mapping[str, object] | None = None) -> str:
        """``outreach.channels@2026.1/aliyun``: the version, and whose rules of it."""
        return f"{self.stamp}/{self.name_of(kind, settings)}"


def parse_channels(text: str) -> ChannelRules:
    """Rules from YAML; pydantic's ValidationError names what is wrong with it."""
    return ChannelRules.model_validate(yaml.safe_load(text))


@cache
def shipped_channels() -> ChannelRules:
    """The policies that come with Xinglin."""
    return parse_channels(Path(__file__).with_name("channels.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a provider does not let through; ``code`` is stable, ``words`` for people."""

    code: str
    words: str
    source: str


def judge(
    policy: Policy,
    *,
    purpose: str,
    category: str,
    text: str,
    names: Collection[str],
    sent_as: Sequence[str] = (),
) -> list[Finding]:
    """What ``policy`` has against a text; ``names`` are its variables, ``sent_as`` those of them that go into
    the provider's own template as values.
    """
    who, rules = policy.label, shipped_channels()
    found: list[tuple[str, str]] = []
    for name in policy.forbids:
        one = rules.classes[name]
        if one.holds(purpose=purpose, category=category, text=text):
            found.append((name, _("%(who)s不发「%(what)s」类内容") % {"who": who, "what": one.label}))
    if policy.variables_for is not None and purpose not in policy.variables_for and set(names) - LINKS:
        found.append(("variables", _("%(who)s的这类消息不能带变量，所有人收到同一段文字") % {"who": who}))
    if not policy.link_in_variable and LINKS & set(sent_as):
        found.append(("link", _("%(who)s的模板变量里不能放链接") % {"who": who}))
    if policy.max_length is not None and len(text) > policy.max_length:
        words = _("%(who)s最多 %(n)s 字，现在 %(now)s 字")
        found.append(("length", words % {"who": who, "n": policy.max_length, "now": len(text)}))
    return [Finding(code, words, policy.source) for code, words in found]


def next_open(*, at: datetime, zone: str, hours: Hours | None, purpose: str) -> datetime:
    """``at``, or when the provider's sending hours begin again."""
    if hours is None or purpose not in hours.purposes:
        return at
    local = at.astimezone(ZoneInfo(zone))
    if hours.starts <= local.time() < hours.ends:
        return at
    day = local.date() + timedelta(days=1) if local.time() >= hours.ends else local.date()
    return datetime.combine(day, hours.starts, tzinfo=ZoneInfo(zone)).astimezone(at.tzinfo)
