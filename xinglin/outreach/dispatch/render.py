"""Claimed rows as messages for a provider: wording, names, links, addresses."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.apps import apps

from xinglin.outreach.channels.base import Outcome, Outgoing, Status
from xinglin.outreach.dispatch import links
from xinglin.outreach.dispatch.acknowledge import fail
from xinglin.outreach.dispatch.claim import Lane
from xinglin.outreach.dispatch.recipients import Recipient, for_child, names_of, recipients
from xinglin.outreach.gate.channels import find_template, providers_of
from xinglin.outreach.gate.wording import Wording, wording_of
from xinglin.outreach.models import Campaign, Message, ProviderTemplate
from xinglin.outreach.rules.template_text import render as fill
from xinglin.outreach.rules.tokens import message_key

#: Channels in which everybody gets the same text, so that links tell nobody apart.
ONE_TEXT = frozenset({"wecom"})


@dataclass(frozen=True, slots=True)
class Rendered:
    message: Message
    outgoing: Outgoing


@dataclass(frozen=True, slots=True)
class _Wording:
    """A wording with its addresses replaced by links of one campaign."""

    wording: Wording
    links: Mapping[str, int]
    landing: int
    landing_url: str = ""
    code: str = ""
    params: tuple[tuple[str, str], ...] = ()


def render(rows: Sequence[Message], *, lane: Lane, now: datetime) -> list[Rendered]:
    """The messages that can be sent; rows without text or address are written as failed."""
    people = recipients(
        organization_id=lane.organization_id,
        channel=lane.channel,
        patient_ids=[row.recipient_id for row in rows if row.recipient_id is not None],
    )
    children = names_of([row.patient_id for row in rows if row.guardian_id and row.patient_id])
    organization = apps.get_model("directory", "Organization").objects.get(pk=lane.organization_id)
    shared = _campaign_variables(lane.campaign_id)
    prepared: dict[tuple[int | None, str], _Wording | None] = {}
    part = f"p{secrets.token_hex(10)}"
    ready: list[Rendered] = []
    broken: list[tuple[Message, Outcome]] = []
    for row in rows:
        key = (row.template_version_id, row.category)
        if key not in prepared:
            prepared[key] = _prepare(row, lane=lane, slug=organization.slug, now=now)
        found = prepared[key]
        to = people.get(row.recipient_id) if row.recipient_id is not None else _stranger(row)
        if to is not None and row.guardian_id and row.patient_id:
            to = for_child(to, children.get(row.patient_id, ""))
        if found is None or to is None:
            error = "no text for this channel" if found is None else "no address"
            broken.append((row, Outcome(key="", status=Status.REJECTED, error=error)))
            continue
        outgoing = _one(row, found, to, organization.short_name or organization.name, shared, part)
        ready.append(Rendered(row, outgoing))
    if broken:
        _fail(broken, now=now)
    return ready


def _fail(broken: list[tuple[Message, Outcome]], *, now: datetime) -> None:
    from django.db import transaction

    with transaction.atomic():
        fail(broken, reason="unsendable", now=now)


def _stranger(row: Message) -> Recipient | None:
    return Recipient(row.address, "", "") if row.address else None


def _campaign_variables(campaign_id: int | None) -> dict[str, str]:
    if campaign_id is None:
        return {}
    values = Campaign.objects.values_list("variables", flat=True).get(pk=campaign_id)
    return {str(name): str(value) for name, value in (values or {}).items()}


def _prepare(row: Message, *, lane: Lane, slug: str, now: datetime) -> _Wording | None:
    version = row.template_version
    wording = wording_of(version=version, category=row.category, at=now)
    if wording is None or lane.channel not in wording.bodies:
        return None
    found: dict[str, int] = {}
    landing, url = 0, ""
    if row.is_marketing:
        body = dict(wording.bodies[lane.channel])
        if lane.channel not in ONE_TEXT:
            body["body"], found = links.tracked_body(body["body"], message=row)
        wording = replace(wording, bodies={lane.channel: body})
        url, content_id = links.landing_address(version, slug)
        landing = links.link_id(
            organization_id=row.organization_id, campaign_id=row.campaign_id, url=url, content_id=content_id
        )
    code, params = _at_provider(row, lane)
    return _Wording(wording, found, landing, url, code, params)


def _at_provider(row: Message, lane: Lane) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The template's code at the provider, and its values in the provider's order."""
    provider = providers_of(lane.organization_id).get(lane.channel)
    if provider is None:
        return "", ()
    template = find_template(provider=provider, version=row.template_version, category=row.category)
    if template is None or template.status != ProviderTemplate.Status.APPROVED:
        return "", ()
    return template.code, tuple((str(p["name"]), str(p["value"])) for p in template.params)


def codes_of(rows: Sequence[Message], *, channel: str) -> dict[tuple[int | None, str], str]:
    """The provider's template codes of messages of one hospital, by version and occasion."""
    if not rows:
        return {}
    lane = Lane(rows[0].organization_id, None, channel)
    kinds = {(row.template_version_id, row.category): row for row in rows}
    return {key: _at_provider(row, lane)[0] for key, row in kinds.items()}


def _one(
    row: Message, found: _Wording, to: Recipient, hospital: str, shared: Mapping[str, str], part: str
) -> Outgoing:
    own = json.loads(row.variables) if row.variables else {}
    name = to.name or str(own.get("patient", ""))
    variables = {
        **shared,
        "姓名": name,
        "称呼": to.salutation or name,
        "院名": hospital,
        "patient": to.salutation or name,
        "hospital": hospital,
        **{str(key): str(value) for key, value in own.items()},
    }
    unsubscribe = ""
    if row.is_marketing:
        unsubscribe = links.unsubscribe_url(row.pk)
        url = found.landing_url if row.channel in ONE_TEXT else links.link_url(row.pk, found.landing)
        variables["链接"] = variables["link"] = url
        variables |= {key: links.link_url(row.pk, link) for key, link in found.links.items()}
    composed = found.wording.compose(
        channel=row.channel,
        variables=variables,
        hospital=hospital,
        purpose=row.purpose,
        unsubscribe_url=unsubscribe,
    )
    html = composed.html
    if html and row.is_marketing:
        mark = f'<img src="{links.open_url(row.pk)}" width="1" height="1" alt="">'
        html = html.replace("</body>", f"{mark}</body>", 1)
    return Outgoing(
        key=message_key(row.pk),
        channel=row.channel,
        address=to.address,
        text=composed.text,
        subject=composed.subject,
        html=html,
        unsubscribe_url=unsubscribe,
        organization_id=row.organization_id,
        patient_id=row.recipient_id,
        message_id=row.pk,
        purpose=row.purpose,
        part=part,
        url=variables.get("link", "") or variables.get("链接", ""),
        template_code=found.code,
        params={name: fill(value, {**found.wording.defaults, **variables}) for name, value in found.params},
    )
