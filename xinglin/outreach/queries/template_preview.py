"""A template as people would get it: checked, measured, filled with masked names."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from xinglin.compliance.checker import Finding, Item, Result, check
from xinglin.compliance.queries import rulebook_of
from xinglin.core.actor import Actor
from xinglin.core.masking import mask_name
from xinglin.outreach.rules.sms import SmsSize, sms_size
from xinglin.outreach.rules.template_text import KNOWN, Composed, compose, render_mapped, unknown_names
from xinglin.patients import queries as patients
from xinglin.patients.permissions import Permission as PatientPermission


@dataclass(frozen=True, slots=True)
class Draft:
    """A wording that need not be saved yet: one channel of it."""

    channel: str
    purpose: str
    subject: str
    body: str
    custom: Mapping[str, str]
    hospital: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What the editor shows beside one channel; findings' places are places in the body as typed."""

    result: Result
    composed: Composed
    size: SmsSize
    unknown: list[str]


def sample_values(draft: Draft) -> dict[str, str]:
    """Example values for every variable; the hospital's own name."""
    values = {name: sample for name, (_label, sample) in KNOWN.items()}
    return {**values, **draft.custom, "院名": draft.hospital}


def composed_of(draft: Draft, values: Mapping[str, str]) -> Composed:
    """The finished message for these values."""
    return compose(
        channel=draft.channel,
        subject=draft.subject,
        body=draft.body,
        variables=values,
        hospital=draft.hospital,
        purpose=draft.purpose,
        unsubscribe_url="https://example.org/u/x",
    )


def check_draft(draft: Draft, *, now: datetime, organization_id: int | None = None) -> Checked:
    """Check the finished text and say where in the body each finding is."""
    values = sample_values(draft)
    composed = composed_of(draft, values)
    text = f"{composed.subject}\n{composed.text}" if composed.subject else composed.text
    purpose = "service" if draft.purpose == "service" else "marketing"
    item = Item(kind="sms", text=text, meta={"purpose": purpose, "consent": True})
    result = check(item, now=now, rulebook=rulebook_of(organization_id))
    rendered, origins = render_mapped(draft.body, values)
    offset = text.find(rendered) if rendered else -1
    findings = tuple(_placed(finding, offset, origins) for finding in result.findings)
    unknown = unknown_names(f"{draft.subject}\n{draft.body}", custom=draft.custom)
    return Checked(replace(result, findings=findings), composed, sms_size(composed.text), unknown)


def _placed(finding: Finding, offset: int, origins: list[int]) -> Finding:
    """The finding with places in the body; without a place where it lies in what the gate adds."""
    if finding.start is None or finding.end is None or offset < 0:
        return finding
    inside = [
        origins[at - offset] for at in range(finding.start, finding.end) if 0 <= at - offset < len(origins)
    ]
    if not inside:
        return replace(finding, start=None, end=None)
    return replace(finding, start=min(inside), end=max(inside) + 1)


@dataclass(frozen=True, slots=True)
class PersonPreview:
    """How the message reads for one person, whose name is masked."""

    name: str
    text: str


def preview_people(actor: Actor, draft: Draft, *, now: datetime, limit: int = 3) -> list[PersonPreview]:
    """The message for the newest people this person may see; empty without the right to see patients."""
    if not actor.can(PatientPermission.VIEW_PATIENT):
        return []
    values = sample_values(draft)
    people = patients.list_patients(actor, now=now).order_by("-id")[:limit]
    found = []
    for person in people:
        masked = mask_name(person.name)
        own = {**values, "姓名": masked, "称呼": masked}
        found.append(PersonPreview(masked, composed_of(draft, own).text))
    return found
