"""What the gate knows of each channel's provider: its rules, its template of ours, its limits."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from xinglin.outreach.gate.context import ChannelFacts
from xinglin.outreach.models import Channel, Provider, ProviderTemplate, TemplateVersion
from xinglin.outreach.rules.channels import Finding, Policy, judge, shipped_channels
from xinglin.outreach.rules.template_text import variable_names

if TYPE_CHECKING:
    from xinglin.outreach.gate.wording import Wording

Status = ProviderTemplate.Status


def providers_of(organization_id: int) -> dict[str, Provider]:
    """The enabled providers of a hospital by channel."""
    rows = Provider.objects.filter(organization_id=organization_id, is_enabled=True)
    return {row.channel: row for row in rows}


def rules_of_channels(organization_id: int) -> dict[str, str]:
    """The version of each channel's own rules in force; the built-in sink's where nobody has an account."""
    known = providers_of(organization_id)
    return {channel: _stamp(known.get(channel)) for channel in Channel.values}


def _stamp(provider: Provider | None) -> str:
    if provider is None:
        return shipped_channels().stamp_of("sink")
    return shipped_channels().stamp_of(provider.kind, provider.settings)


def find_template(
    *, provider: Provider, version: TemplateVersion | None, category: str
) -> ProviderTemplate | None:
    """What a provider knows of a wording; of a shipped text by its occasion."""
    rows = ProviderTemplate.objects.filter(provider=provider)
    if version is not None:
        return rows.filter(template_version=version).first()
    return rows.filter(template_version__isnull=True, category=category).first()


def facts_of(
    *,
    organization_id: int,
    channels: tuple[str, ...],
    wording: "Wording | None",
    version: TemplateVersion | None,
    category: str,
    purpose: str,
    providers: Mapping[str, Provider] | None = None,
) -> tuple[ChannelFacts, ...]:
    """One entry a channel, in their order; channels of the built-in sink carry no constraints."""
    known = providers_of(organization_id) if providers is None else providers
    return tuple(_facts(name, known.get(name), wording, version, category, purpose) for name in channels)


def _facts(
    channel: str,
    provider: Provider | None,
    wording: "Wording | None",
    version: TemplateVersion | None,
    category: str,
    purpose: str,
) -> ChannelFacts:
    if provider is None or wording is None or channel not in wording.bodies:
        return ChannelFacts(channel=channel, rules=_stamp(provider))
    policy = shipped_channels().policy(provider.kind, provider.settings)
    template = find_template(provider=provider, version=version, category=category)
    approved = template if template is not None and template.status == Status.APPROVED else None
    wanted = policy.template == "required"
    if policy.template == "optional" and purpose in (policy.template_purposes or ()):
        wanted = approved is not None or provider.settings.get("free_text") is not True
    findings = findings_of(
        policy=policy, wording=wording, channel=channel, template=template, purpose=purpose, category=category
    )
    return ChannelFacts(
        channel=channel,
        provider_id=provider.pk,
        has_template=not wanted or approved is not None,
        findings=tuple(finding.code for finding in findings),
        grant_code=approved.code if approved is not None and policy.grant == "required" else "",
        needs_word=policy.template == "optional" and not wanted,
        per_person_per_day=policy.per_person_per_day,
        hours=policy.hours,
        rules=_stamp(provider),
    )


def findings_of(
    *,
    policy: Policy,
    wording: "Wording",
    channel: str,
    template: ProviderTemplate | None,
    purpose: str,
    category: str,
) -> list[Finding]:
    """What a provider has against a wording in one channel."""
    body = wording.bodies[channel]["body"]
    values = " ".join(str(row.get("value", "")) for row in template.params) if template is not None else ""
    return judge(
        policy,
        purpose=purpose,
        category=category,
        text=body,
        names=variable_names(body),
        sent_as=variable_names(values),
    )


def is_open_to(provider: Provider | None, *, purpose: str) -> bool:
    """Whether a channel's provider takes this purpose at all."""
    if provider is None:
        return True
    policy = shipped_channels().policy(provider.kind, provider.settings)
    classes = shipped_channels().classes
    return not any(purpose in classes[name].purposes for name in policy.forbids)


__all__ = ["facts_of", "find_template", "findings_of", "is_open_to", "providers_of", "rules_of_channels"]
