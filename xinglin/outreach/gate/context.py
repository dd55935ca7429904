from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from xinglin.outreach.rules.channels import Hours


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelFacts:
    """What the provider of one channel makes of a message.

    ``findings`` are what its rules have against the text; ``grant_code`` is the template for which the
    person must have given a grant; ``needs_word``: only within 48 hours of a word from the person.
    ``rules`` is the version of the provider's rules that say so.
    """

    channel: str
    provider_id: int | None = None
    has_template: bool = True
    findings: tuple[str, ...] = ()
    grant_code: str = ""
    needs_word: bool = False
    per_person_per_day: int | None = None
    hours: Hours | None = None
    rules: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What is asked of the gate for any number of people: which message, when, for what purpose.

    ``stage`` is "plan" (messages still waiting count against the caps) or "claim" (only those taken
    count). ``content_version_ids`` are the template versions with the same content.
    ``units_left`` is how many messages the budget still pays for, None without a limit.
    ``facts`` has an entry for every channel, or is empty where no provider has a say.
    ``by_best_channel``: the recipient's best channel, if one is known and among them, before the others.
    """

    organization_id: int
    purpose: str
    channels: tuple[str, ...]
    at: datetime
    until: datetime | None = None
    zone: str = "Asia/Shanghai"
    template_ok: bool = True
    compliance_ok: bool = True
    content_version_ids: tuple[int, ...] = ()
    units_left: int | None = None
    seed: int = 0
    holdout_share: float = 0.0
    stage: Literal["plan", "claim"] = "plan"
    facts: tuple[ChannelFacts, ...] = ()
    by_best_channel: bool = False

    @property
    def prefers(self) -> bool:
        """Whether people differ in the order of the channels."""
        return self.by_best_channel and len(self.channels) > 1

    def fact(self, n: int) -> ChannelFacts:
        """What the provider of the channel at place ``n`` makes of it."""
        return self.facts[n] if self.facts else ChannelFacts(channel=self.channels[n])

    def channel_rules(self, channel: str) -> str:
        """The version of a channel's own rules, "" where no provider was asked."""
        return next((fact.rules for fact in self.facts if fact.channel == channel), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """The gate's answer for one person: allow, hold until ``due_at``, or refuse with a reason."""

    patient_id: int | None
    channel: str
    reason: str
    failed_checks: int
    due_at: datetime
    rules_version: str
    arm: int = 1
    #: Who gets it in a minor's stead, by consent and address of their own; None for everybody else.
    guardian_id: int | None = None
    #: ``CampaignMember.Own``: whether the channel is the recipient's best one.
    own: int = 0
    reasons: tuple[str, ...] = field(default=())

    @property
    def is_allowed(self) -> bool:
        return not self.reason
