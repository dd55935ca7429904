"""What a token in a link stands for."""

from dataclasses import dataclass

from django.apps import apps

from xinglin.core.masking import mask_email, mask_phone
from xinglin.outreach.models import Message, Suppression, TrackedLink
from xinglin.outreach.rules.tokens import FIRST_LINK, UNSUBSCRIBE, read_token


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A followed link: whose message it was, and where it leads."""

    organization_id: int
    campaign_id: int | None
    message_id: int
    patient_id: int | None
    content_id: int | None
    url: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscription:
    """What a refusal by link would do."""

    organization_id: int
    hospital: str
    hospital_slug: str
    patient_id: int
    channel: str
    masked_address: str
    is_done: bool


def resolve_link(token: str) -> Link | None:
    """The link behind a token; None when the token was not made here or its message is gone."""
    found = read_token(token)
    if found is None or found.link < FIRST_LINK:
        return None
    message = Message.objects.filter(pk=found.message_id).first()
    link = TrackedLink.objects.filter(pk=found.link - FIRST_LINK).first()
    if message is None or link is None or link.organization_id != message.organization_id:
        return None
    return Link(
        organization_id=message.organization_id,
        campaign_id=message.campaign_id,
        message_id=message.pk,
        patient_id=message.patient_id,
        content_id=link.content_id,
        url=link.url,
        channel=message.channel,
    )


def find_unsubscribe(token: str) -> Unsubscription | None:
    """Whom and which channel an unsubscribe link concerns; None for an unknown token."""
    found = read_token(token)
    if found is None or found.link != UNSUBSCRIBE:
        return None
    message = Message.objects.filter(pk=found.message_id, patient_id__isnull=False).first()
    if message is None or message.recipient_id is None:
        return None
    person = apps.get_model("patients", "Patient")._default_manager.filter(pk=message.recipient_id).first()
    if person is None:
        return None
    organization = apps.get_model("directory", "Organization").objects.get(pk=message.organization_id)
    address = mask_email(person.email) if message.channel == "email" else mask_phone(person.phone)
    done = Suppression.objects.filter(
        patient_id=person.pk, kind="unsubscribed", channel=message.channel, lifted_at__isnull=True
    )
    return Unsubscription(
        organization_id=message.organization_id,
        hospital=organization.short_name or organization.name,
        hospital_slug=organization.slug,
        patient_id=person.pk,
        channel=message.channel,
        masked_address=address,
        is_done=done.exists(),
    )
