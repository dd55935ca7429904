"""What the gate is asked in each situation: planning a campaign, one message, a message being claimed."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.apps import apps

from xinglin.outreach.gate.channels import facts_of
from xinglin.outreach.gate.context import Context
from xinglin.outreach.gate.wording import Wording, is_blocked_text, wording_of
from xinglin.outreach.models import Campaign, Message, TemplateVersion
from xinglin.outreach.rules.gate import affordable
from xinglin.scores.queries import has_skill

SAMPLE_NAME = "王女士"


def hospital_of(organization_id: int) -> tuple[str, str]:
    """(name for 【】, time zone) of a hospital."""
    row = apps.get_model("directory", "Organization").objects.get(pk=organization_id)
    return row.short_name or row.name, row.timezone


def same_content(version: TemplateVersion | None) -> tuple[int, ...]:
    """This version and those of the hospital with the same wording."""
    if version is None:
        return ()
    if not version.content_hash:
        return (version.pk,)
    same = TemplateVersion.objects.filter(
        organization_id=version.organization_id, content_hash=version.content_hash
    )
    return tuple(sorted({version.pk, *same.values_list("pk", flat=True)}))


def _is_lawful(
    wording: Wording,
    channel: str,
    variables: Mapping[str, str],
    hospital: str,
    purpose: str,
    organization_id: int,
) -> bool:
    composed = wording.compose(channel=channel, variables=variables, hospital=hospital, purpose=purpose)
    text = composed.text if channel != "email" else f"{composed.subject}\n{composed.text}"
    # Mail carries the refusal as a link, which the sender adds; the words stand in for it here.
    text = text if channel == "sms" or purpose == "service" else f"{text} 退订"
    return not is_blocked_text(text, purpose, organization_id=organization_id)


def campaign_context(
    campaign: Campaign, *, version: TemplateVersion | None = None, now: datetime, units_used: int = 0
) -> Context:
    """What planning a campaign asks about those in its audience who get ``version``, its own by default."""
    version = version or campaign.template_version
    assert version is not None
    hospital, zone = hospital_of(campaign.organization_id)
    at = max(now, campaign.starts_at) if campaign.starts_at else now
    purpose = version.template.purpose
    wording = wording_of(version=version, category="", at=at)
    assert wording is not None
    channels = tuple(name for name in campaign.channels if name in wording.channels)
    sample = {
        **{str(k): str(v) for k, v in campaign.variables.items()},
        "姓名": SAMPLE_NAME,
        "patient": SAMPLE_NAME,
    }
    chosen = channels or tuple(campaign.channels[:1]) or ("email",)
    units = affordable(budget_cap_fen=campaign.budget_cap_fen, unit_cost_fen=campaign.unit_cost_fen)
    return Context(
        organization_id=campaign.organization_id,
        purpose=purpose,
        channels=chosen,
        facts=facts_of(
            organization_id=campaign.organization_id,
            channels=chosen,
            wording=wording,
            version=version,
            category="",
            purpose=purpose,
        ),
        at=at,
        until=campaign.send_until,
        zone=zone,
        template_ok=wording.is_approved and bool(channels),
        compliance_ok=not wording.is_blocked
        and all(
            _is_lawful(wording, name, sample, hospital, purpose, campaign.organization_id)
            for name in channels
        ),
        content_version_ids=same_content(version),
        units_left=None if units is None else max(units - units_used, 0),
        by_best_channel=campaign.by_best_channel and has_skill(campaign.organization_id, "best_channel"),
        seed=campaign.seed,
        holdout_share=campaign.holdout_share,
    )


def message_context(
    *,
    organization_id: int,
    wording: Wording | None,
    version: TemplateVersion | None,
    category: str,
    purpose: str,
    channels: tuple[str, ...],
    variables: Mapping[str, str],
    at: datetime,
    until: datetime | None = None,
) -> Context:
    """What queueing one message asks; ``channels`` in order of preference."""
    hospital, zone = hospital_of(organization_id)
    usable = tuple(name for name in channels if wording is not None and name in wording.channels)
    chosen = usable or channels[:1] or ("sms",)
    return Context(
        organization_id=organization_id,
        purpose=purpose,
        channels=chosen,
        facts=facts_of(
            organization_id=organization_id,
            channels=chosen,
            wording=wording,
            version=version,
            category=category,
            purpose=purpose,
        ),
        at=at,
        until=until,
        zone=zone,
        template_ok=wording is not None and wording.is_approved and bool(usable),
        compliance_ok=wording is None
        or (
            not wording.is_blocked
            and all(
                _is_lawful(wording, name, variables, hospital, purpose, organization_id) for name in usable
            )
        ),
        content_version_ids=same_content(version),
    )


def claim_context(*, message: Message, now: datetime) -> Context:
    """What is asked again when messages like this one are claimed; budget and holdout are settled."""
    version = message.template_version
    wording = wording_of(version=version, category=message.category, at=now)
    _, zone = hospital_of(message.organization_id)
    return Context(
        organization_id=message.organization_id,
        purpose=message.purpose,
        channels=(message.channel,),
        facts=facts_of(
            organization_id=message.organization_id,
            channels=(message.channel,),
            wording=wording,
            version=version,
            category=message.category,
            purpose=message.purpose,
        ),
        at=now,
        zone=zone,
        template_ok=wording is not None and wording.is_approved,
        compliance_ok=wording is None or not wording.is_blocked,
        content_version_ids=same_content(version),
        stage="claim",
    )


def fallback_context(*, message: Message, channels: tuple[str, ...], now: datetime) -> Context | None:
    """What is asked about people whom a message like this one did not reach, for the channels that come
    after its own; None where its text goes by none of them."""
    version = message.template_version
    wording = wording_of(version=version, category=message.category, at=now)
    usable = tuple(name for name in channels if wording is not None and name in wording.channels)
    if not usable:
        return None
    facts = facts_of(
        organization_id=message.organization_id,
        channels=usable,
        wording=wording,
        version=version,
        category=message.category,
        purpose=message.purpose,
    )
    return replace(claim_context(message=message, now=now), channels=usable, facts=facts)
