"""Rows for outreach tests: plain functions, each call a new row."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from xinglin.audiences.models import Audience, AudienceMember, AudienceSnapshot, AudienceVersion
from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import make_organization
from xinglin.outreach.actions import plan_chunk
from xinglin.outreach.models import (
    Campaign,
    Message,
    MessageTemplate,
    Provider,
    ProviderTemplate,
    TemplateVersion,
)
from xinglin.patients.models import Consent, ConsentState, Patient
from xinglin.patients.rules.identity import phone_index

#: Ten in the morning in Shanghai, outside of the quiet hours.
NOON = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)
_numbers = count(1)
BODY = "{称呼}，您好！复诊季已开始（%s），在线预约：{链接}"


def make_patient(
    organization: Organization | None = None, *, consents: Sequence[tuple[str, str]] = (), **facts: Any
) -> Patient:
    """A verified adult with phone and e-mail; ``consents`` are (purpose, channel) given."""
    number = next(_numbers)
    organization = organization or make_organization()
    values: dict[str, Any] = {
        "name": f"王{number}",
        "sex": "F",
        "birth_date": date(1980, 5, 1),
        "phone": f"138{number:08d}",
        "email": f"p{number}@example.org",
        "is_verified": True,
        **facts,
    }
    if values["phone"]:
        values.setdefault("phone_index", phone_index(organization.pk, values["phone"]))
    patient = Patient.objects.create(organization=organization, **values)
    for purpose, channel in consents:
        make_consent(patient, purpose, channel)
    return patient


def make_people(
    organization: Organization, size: int, *, channel: str = "email", first: int | None = None
) -> list[Patient]:
    """Verified adults who agreed to marketing in one channel, in bulk; with keys from ``first`` on if given.

    Who is held out is drawn from the key, so only people with given keys are split the same way every time.
    """
    start = next(_numbers) * 1_000_000
    people = Patient.objects.bulk_create(
        Patient(
            pk=None if first is None else first + n,
            organization=organization,
            name=f"李{n}",
            sex="M",
            birth_date=date(1975, 1, 1),
            email=f"q{start + n}@example.org",
            phone=f"139{(start + n) % 10**8:08d}",
            is_verified=True,
        )
        for n in range(size)
    )
    consents = Consent.objects.bulk_create(
        Consent(
            organization=organization, patient=patient, purpose="marketing", channel=channel, status="given",
            at=NOON, recorded_at=NOON, how="form",
        )
        for patient in people
    )  # fmt: skip
    ConsentState.objects.bulk_create(
        ConsentState(
            organization=organization, patient_id=row.patient_id, purpose="marketing", channel=channel,
            status="given", at=NOON, consent=row,
        )
        for row in consents
    )  # fmt: skip
    return people


def make_consent(
    patient: Patient, purpose: str = "marketing", channel: str = "email", status: str = "given"
) -> None:
    """A declaration of will and what follows from it."""
    row = Consent.objects.create(
        organization_id=patient.organization_id, patient=patient, purpose=purpose, channel=channel,
        status=status, at=NOON, recorded_at=NOON, how="form",
    )  # fmt: skip
    ConsentState.objects.update_or_create(
        patient=patient, purpose=purpose, channel=channel,
        defaults={"organization_id": patient.organization_id, "status": status, "at": NOON, "consent": row},
    )  # fmt: skip


def make_template_version(
    organization: Organization,
    *,
    purpose: str = "marketing",
    category: str = "",
    channels: Sequence[str] = ("email",),
    body: str = "",
    **facts: Any,
) -> TemplateVersion:
    """An approved wording."""
    body = body or BODY % next(_numbers)
    template = MessageTemplate.objects.create(
        organization=organization, name=f"模板{next(_numbers)}", purpose=purpose, category=category,
        channels=list(channels),
    )  # fmt: skip
    values: dict[str, Any] = {
        "number": 1,
        "bodies": {channel: {"subject": "复诊提醒", "body": body} for channel in channels},
        "status": "approved",
        "verdict": {"verdict": "pass"},
        "created_by_id": 1,
        "approved_by_id": 2,
        "approved_at": NOON,
        **facts,
    }
    version = TemplateVersion(organization=organization, template=template, **values)
    version.refresh_hash()
    version.save()
    return version


def make_snapshot(organization: Organization, patient_ids: Iterable[int]) -> AudienceSnapshot:
    """An audience of exactly these people, as it stood at NOON."""
    ids = sorted(set(patient_ids))
    audience = Audience.objects.create(organization=organization, name=f"人群{next(_numbers)}")
    version = AudienceVersion.objects.create(
        audience=audience, number=1, tree={"all": []}, words="所有人", created_at=NOON
    )
    snapshot = AudienceSnapshot.objects.create(
        version=version, audience=audience, as_of=NOON, taken_at=NOON, size=len(ids), status="done"
    )
    AudienceMember.objects.bulk_create(AudienceMember(snapshot=snapshot, patient_id=pk) for pk in ids)
    return snapshot


def make_campaign(
    organization: Organization,
    patients: Iterable[Patient] = (),
    *,
    version: TemplateVersion | None = None,
    **facts: Any,
) -> Campaign:
    """A draft with an audience of exactly these people."""
    snapshot = make_snapshot(organization, [patient.pk for patient in patients])
    values: dict[str, Any] = {
        "name": f"群发{next(_numbers)}",
        "template_version": version or make_template_version(organization),
        "audience_version_id": snapshot.version_id,
        "snapshot_id": snapshot.pk,
        "channels": ["email"],
        "holdout_share": 0.0,
        "seed": 7,
        **facts,
    }
    return Campaign.objects.create(organization=organization, **values)


def run_plan(
    campaign: Campaign, *, now: datetime = NOON, preflight: bool = False, size: int = 1000
) -> Campaign:
    """Plan a campaign as its job would; started unless ``preflight``."""
    campaign.plan_no += 1
    campaign.plan_at, campaign.planned_at, campaign.planned_through = now, None, 0
    campaign.is_preflight, campaign.rules_version = preflight, "outreach.gate@2026.2"
    if not preflight:
        campaign.status, campaign.started_at = Campaign.Status.RUNNING, now
    campaign.save()
    while plan_chunk(campaign_id=campaign.pk, plan_no=campaign.plan_no, now=now, size=size) is not None:
        pass
    campaign.refresh_from_db()
    return campaign


def make_message(patient: Patient, *, version: TemplateVersion | None = None, **facts: Any) -> Message:
    """A message as it stands in the outbox; a sent marketing mail unless told otherwise."""
    values: dict[str, Any] = {
        "organization_id": patient.organization_id,
        "patient": patient,
        "template_version": version,
        "key": f"test:{next(_numbers)}",
        "purpose": "marketing",
        "channel": "email",
        "state": "accepted",
        "decided_at": NOON,
        "created_at": NOON,
        "due_at": NOON,
        **facts,
    }
    return Message.objects.create(**values)


def make_provider(
    organization: Organization, *, channel: str = "sms", kind: str = "aliyun", **facts: Any
) -> Provider:
    """An account that sends as fast as asked, with callback secrets."""
    values: dict[str, Any] = {
        "settings": {},
        "secret": "s3cret",
        "hook_token": "tok3n",
        "hook_key": "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C",
        "rate_per_second": 1_000_000,
        **facts,
    }
    return Provider.objects.create(organization=organization, channel=channel, kind=kind, **values)


def make_provider_template(
    provider: Provider, version: TemplateVersion | None = None, **facts: Any
) -> ProviderTemplate:
    """A wording that the provider has approved."""
    values: dict[str, Any] = {
        "code": "SMS_1",
        "params": [{"name": "name", "value": "{{称呼}}"}],
        "status": "approved",
        **facts,
    }
    return ProviderTemplate.objects.create(
        organization=provider.organization, provider=provider, template_version=version, **values
    )
