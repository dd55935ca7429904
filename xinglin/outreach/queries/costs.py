"""What a campaign's messages cost, channel by channel, at the prices of the hospital's accounts."""

from dataclasses import dataclass

from django.apps import apps

from xinglin.outreach.gate.channels import providers_of
from xinglin.outreach.gate.wording import wording_of
from xinglin.outreach.models import Campaign, TemplateVersion
from xinglin.outreach.queries.choices import CHANNEL_LABELS
from xinglin.outreach.queries.template_preview import Draft, composed_of, sample_values
from xinglin.outreach.rules.sms import sms_size
from xinglin.scores.queries import has_skill


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPrice:
    """What one message of a channel costs: the account's price, for SMS times the billed segments."""

    code: str
    label: str
    #: Billed segments of the longest wording; 0 where a message is billed as one.
    segments: int
    each_fen: int


def channel_prices(campaign: Campaign) -> list[ChannelPrice]:
    """The campaign's channels whose account has a price, in the campaign's order."""
    version = campaign.template_version
    if version is None:
        return []
    versions = [version, *(one.template_version for one in campaign.variants.exclude(number=0))]
    providers = providers_of(campaign.organization_id)
    found = []
    for channel in campaign.channels:
        provider = providers.get(channel)
        if provider is None or not provider.unit_cost_fen:
            continue
        segments = max(_segments(campaign, one) for one in versions) if channel == "sms" else 0
        found.append(
            ChannelPrice(
                code=channel,
                label=str(CHANNEL_LABELS[channel]),
                segments=segments,
                each_fen=provider.unit_cost_fen * max(segments, 1),
            )
        )
    return found


def dearest_fen(prices: list[ChannelPrice]) -> int:
    """What a message costs at most, so that a budget counted by it is never exceeded; 0 without prices."""
    return max((one.each_fen for one in prices), default=0)


def _segments(campaign: Campaign, version: TemplateVersion) -> int:
    """Billed segments with the values that the template editor shows."""
    wording = wording_of(version=version, category="", at=version.created_at)
    if wording is None or "sms" not in wording.bodies:
        return 0
    organization = apps.get_model("directory", "Organization").objects.get(pk=campaign.organization_id)
    draft = Draft(
        channel="sms",
        purpose=version.template.purpose,
        subject="",
        body=wording.bodies["sms"]["body"],
        custom={**wording.defaults, **{str(name): str(value) for name, value in campaign.variables.items()}},
        hospital=organization.short_name or organization.name,
    )
    return sms_size(composed_of(draft, sample_values(draft)).text).segments


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelCost:
    """People of one channel and what they cost as the campaign counts; the account's price beside it."""

    code: str
    label: str
    people: int
    cost_fen: int
    price: ChannelPrice | None
    #: How many of the people it is the best channel of, where that goes first.
    own: int = 0

    @property
    def is_dearer(self) -> bool:
        """The account asks more than the campaign counts with."""
        return self.price is not None and self.price.each_fen * self.people > self.cost_fen


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnChannels:
    """People ``taken`` by their best channel, ``barred`` from it, and those of whom none is known."""

    taken: int
    barred: int
    unknown: int
    has_skill: bool


def own_channels(campaign: Campaign) -> OwnChannels | None:
    """How the newest pre-flight came to its channels; None where the order is the same for everybody."""
    found = campaign.preflight
    if not campaign.by_best_channel or "own_channel" not in found:
        return None
    taken, barred = sum(found["own_channel"].values()), found["own_barred"]
    return OwnChannels(
        taken=taken,
        barred=barred,
        unknown=found["send"] + found["waiting"] - taken - barred,
        has_skill=bool(taken or barred) or has_skill(campaign.organization_id, "best_channel"),
    )


def channel_costs(campaign: Campaign) -> list[ChannelCost]:
    """What the newest pre-flight comes to in each channel; the sum is the pre-flight's cost."""
    prices = {one.code: one for one in channel_prices(campaign)}
    people: dict[str, int] = campaign.preflight.get("by_channel") or campaign.preflight.get("channels", {})
    own: dict[str, int] = campaign.preflight.get("own_channel", {})
    return [
        ChannelCost(
            code=code,
            label=str(CHANNEL_LABELS[code]),
            people=people[code],
            cost_fen=people[code] * campaign.unit_cost_fen,
            price=prices.get(code),
            own=own.get(code, 0),
        )
        for code in CHANNEL_LABELS
        if people.get(code)
    ]
