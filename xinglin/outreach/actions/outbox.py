"""Putting single messages into the outbox. The gate decides; nothing is sent here."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.apps import apps
from django.db import transaction

from xinglin.core.errors import NotFound
from xinglin.core.jobs import enqueue
from xinglin.ledger.actions import NewTouch, record
from xinglin.outreach import gate
from xinglin.outreach.gate.channels import rules_of_channels
from xinglin.outreach.gate.context import Context, Decision
from xinglin.outreach.gate.requests import message_context
from xinglin.outreach.gate.wording import Wording, wording_of
from xinglin.outreach.models import Message, TemplateVersion
from xinglin.outreach.queries.templates import find_approved_version
from xinglin.outreach.touches import MessageRefused

PREFERRED = ("sms", "wechat", "email", "inapp")
State = Message.State


@transaction.atomic
def queue_message(
    *,
    key: str,
    patient_id: int,
    template: str | int,
    now: datetime,
    variables: Mapping[str, object] | None = None,
    purpose: str = "service",
    organization_id: int | None = None,
    channel: str = "",
    hold_until: datetime | None = None,
    secret: bool = False,
) -> Message:
    """Ask the gate, then put its answer into the outbox: queued, held or refused, with reasons.

    ``template`` is an occasion (``appointment.booked``) or the id of a TemplateVersion. The same ``key``
    twice is one message. ``secret`` variables are wiped once the provider has them. A refusal is no
    error: look at the message's state. NotFound for an unknown patient.
    """
    patients = apps.get_model("patients", "Patient")._default_manager.filter(pk=patient_id)
    if organization_id is not None:
        patients = patients.filter(organization_id=organization_id)
    found = patients.values_list("organization_id", flat=True).first()
    if found is None:
        raise NotFound
    known = Message.objects.filter(organization_id=found, key=key).first()
    if known is not None:
        return known
    values = {str(name): str(value) for name, value in (variables or {}).items()}
    at = max(now, hold_until) if hold_until else now
    channels = (channel,) if channel else ()
    asked = _ask(found, patient_id, template, values, purpose, channels, at=at, now=now)
    message = _write(key, asked, values, secret, now)
    _tell(message, now)
    return message


@transaction.atomic
def send_code(
    *, organization_id: int, phone: str, code: str, minutes: int, language: str = "", key: str, now: datetime
) -> Message:
    """A one-time code to a phone that may belong to no patient; first in the queue.

    Address and code are kept encrypted and wiped once the provider has taken them.
    """
    known = Message.objects.filter(organization_id=organization_id, key=key).first()
    if known is not None:
        return known
    category = "verification_code"
    version = find_approved_version(organization_id=organization_id, category=category, now=now)
    rules = gate.rules_for(organization_id)
    message = Message.objects.create(
        organization_id=organization_id,
        template_version=version,
        key=key,
        category=category,
        purpose="service",
        channel="sms",
        state=State.QUEUED,
        rules_version=rules.stamp,
        channel_rules=rules_of_channels(organization_id)["sms"],
        decided_at=now,
        created_at=now,
        due_at=now,
        variables=json.dumps({"code": code, "minutes": str(minutes)}),
        address=phone,
        is_secret=True,
    )
    _poke()
    return message


@dataclass(frozen=True, slots=True)
class _Asked:
    decision: Decision
    context: Context
    version: TemplateVersion | None
    category: str


def ask_gate(
    *,
    organization_id: int,
    patient_id: int,
    template: str | int,
    now: datetime,
    purpose: str = "service",
    channels: Sequence[str] = (),
    variables: Mapping[str, object] | None = None,
) -> Decision:
    """What the gate would say to one message now, ``channels`` in order of preference; nothing is written.

    NotFound for an unknown patient.
    """
    values = {str(name): str(value) for name, value in (variables or {}).items()}
    return _ask(organization_id, patient_id, template, values, purpose, channels, at=now, now=now).decision


def _ask(
    organization_id: int,
    patient_id: int,
    template: str | int,
    values: Mapping[str, str],
    purpose: str,
    channels: Sequence[str],
    *,
    at: datetime,
    now: datetime,
) -> _Asked:
    version, category = _version_of(template, organization_id=organization_id, now=now)
    wording = wording_of(version=version, category=category, at=at)
    context = message_context(
        organization_id=organization_id,
        wording=wording,
        version=version,
        category=category,
        purpose=purpose,
        channels=tuple(channels) or _channels(version, wording),
        variables=values,
        at=at,
    )
    decision = gate.decide(context=context, patient_id=patient_id)
    if decision is None:
        raise NotFound
    return _Asked(decision, context, version, category)


def _version_of(
    template: str | int, *, organization_id: int, now: datetime
) -> tuple[TemplateVersion | None, str]:
    if isinstance(template, int):
        version = TemplateVersion.objects.filter(pk=template, organization_id=organization_id).first()
        if version is None:
            raise NotFound
        return version, version.template.category
    return find_approved_version(organization_id=organization_id, category=template, now=now), template


def _channels(version: TemplateVersion | None, wording: Wording | None) -> tuple[str, ...]:
    """The template's order of channels; the shipped texts' own otherwise."""
    if version is not None and version.template.channels:
        return tuple(version.template.channels)
    usable = wording.channels if wording else PREFERRED
    return tuple(name for name in PREFERRED if name in usable) or PREFERRED[:1]


def _write(key: str, asked: _Asked, values: dict[str, str], is_secret: bool, now: datetime) -> Message:
    decision, context = asked.decision, asked.context
    held = decision.due_at > now
    state = State.REFUSED if decision.reason else State.HELD if held else State.QUEUED
    return Message.objects.create(
        organization_id=context.organization_id,
        patient_id=decision.patient_id,
        guardian_id=decision.guardian_id,
        template_version=asked.version,
        key=key,
        category=asked.category,
        purpose=context.purpose,
        channel=decision.channel,
        state=state,
        reason=decision.reason or ("quiet_hours" if decision.due_at > context.at else ""),
        failed_checks=decision.failed_checks,
        rules_version=decision.rules_version,
        channel_rules=context.channel_rules(decision.channel),
        decided_at=now,
        created_at=now,
        due_at=decision.due_at,
        variables=json.dumps(values, ensure_ascii=False) if values and not decision.reason else None,
        is_secret=is_secret,
    )


def _tell(message: Message, now: datetime) -> None:
    if message.state != State.REFUSED:
        _poke()
        return
    record(
        NewTouch(
            props=MessageRefused(
                message=message.pk,
                reason=message.reason,
                rules=message.rules_version,
                category=message.category,
            ),
            organization_id=message.organization_id,
            at=now,
            patient_id=message.patient_id,
            channel=message.channel,
            dedupe_key=f"message:{message.pk}:refused",
        ),
        now=now,
    )


def _poke() -> None:
    """Let a worker look at the outbox now; a lost poke is made up for by the next second's."""
    enqueue("outreach.dispatch", dedupe_key="periodic:outreach.dispatch", is_periodic=True, priority=40)
