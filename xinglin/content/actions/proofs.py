"""Certificates and patients' permissions: registered, reminded of, withdrawn, and what rests on them."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.content import queries
from xinglin.content.actions.workflow import call_back, take_down
from xinglin.content.events import CertificateEnding
from xinglin.content.models import AdCertificate, CaseAuthorisation, ContentItem
from xinglin.content.permissions import Permission
from xinglin.content.rules.kinds import CaseScope, MediaKind
from xinglin.core import audit, db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from xinglin.core.events import publish
from xinglin.directory.queries import hospital_id
from xinglin.patients import queries as patients

if TYPE_CHECKING:
    from xinglin.patients.models import Patient

REMIND_DAYS = (60, 30, 7)
LONGEST = timedelta(days=366)


@transaction.atomic
def register_certificate(
    *,
    actor: Actor,
    number: str,
    authority: str,
    valid_from: date,
    valid_to: date,
    media_kinds: Iterable[str],
    sample: str,
    now: datetime,
) -> AdCertificate:
    """Enter a certificate with the text it approved. Raises Invalid (fields), Conflict (number known)."""
    require(actor, Permission.EDIT_CERTIFICATE)
    kinds, wrong = list(media_kinds), {}
    if not number.strip():
        wrong["number"] = [_("写文号，照证明上写")]
    if not authority.strip():
        wrong["authority"] = [_("写发证机关")]
    if not sample.strip():
        wrong["sample"] = [_("把审查通过的文字贴进来，发布时拿它比对")]
    if not kinds or set(kinds) - set(MediaKind.values):
        wrong["media_kinds"] = [_("选证明上写的媒体类别")]
    if valid_to < valid_from:
        wrong["valid_to"] = [_("截止日在起始日之前")]
    elif valid_to - valid_from > LONGEST:
        wrong["valid_to"] = [_("审查证明有效期一年（医疗广告管理办法第十三条），请核对日期")]
    if wrong:
        raise Invalid(fields=wrong)
    row = AdCertificate(
        organization_id=hospital_id(actor),
        number=number.strip()[:80],
        authority=authority.strip()[:120],
        valid_from=valid_from,
        valid_to=valid_to,
        media_kinds=kinds,
        sample=sample.replace("\r\n", "\n").strip(),
        created_by_id=actor.user_id,
    )
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Conflict(fields={"number": [_("这个文号已经登记过")]}) from error
    audit.record(actor, "content.certificate.registered", row, at=now, label=row.number)
    return row


@transaction.atomic
def withdraw_certificate(*, actor: Actor, public_id: UUID, reason: str, now: datetime) -> AdCertificate:
    """The authority took it back, or it was entered wrongly: everything under it comes down at once."""
    row = queries.get_certificate(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_CERTIFICATE, row.organization_id)
    if not reason.strip():
        raise Invalid(fields={"reason": [_("请写明停用的原因")]})
    if row.withdrawn_at is not None:
        raise Conflict(_("这份证明已经停用"))
    row.withdrawn_at, row.withdrawn_reason = now, reason.strip()[:300]
    row.save(update_fields=["withdrawn_at", "withdrawn_reason", "updated_at"])
    audit.record(actor, "content.certificate.withdrawn", row, at=now, label=row.number, reason=reason)
    under = Q(published__certificate=row) | Q(scheduled__certificate=row)
    placed = queries.sheets_out().filter(version__certificate=row)
    used = ContentItem.objects.filter(under | Q(pk__in=placed.values("item")))
    why = str(_("审查证明停用：%(why)s") % {"why": reason})
    for pk in sorted(used.values_list("pk", flat=True)):
        item = db.lock_rows(ContentItem.objects.filter(pk=pk)).get()
        gone = set(item.versions.filter(certificate=row).values_list("pk", flat=True))
        call_back(item, gone, actor=actor, reason=why, cause="certificate", now=now)
    return row


def _take_all_down(ids: set[int], *, actor: Actor, reason: str, cause: str, now: datetime) -> None:
    for pk in sorted(ids):
        item = db.lock_rows(ContentItem.objects.filter(pk=pk)).get()
        take_down(item, actor=actor, reason=reason, now=now, cause=cause)


def remind_of_certificates(*, now: datetime) -> int:
    """Say 60, 30 and 7 days before its end that a certificate ends; each once. Returns how many."""
    today = timezone.localdate(now)
    rows = AdCertificate.objects.filter(
        withdrawn_at__isnull=True, valid_to__gte=today, valid_to__lte=today + timedelta(days=REMIND_DAYS[0])
    )
    said = 0
    for row in rows:
        left = (row.valid_to - today).days
        due = [days for days in REMIND_DAYS if left <= days and days not in row.reminded]
        if due:
            said += _remind(row, due, left=left, now=now)
    return said


@transaction.atomic
def _remind(row: AdCertificate, due: list[int], *, left: int, now: datetime) -> int:
    locked = db.lock_rows(AdCertificate.objects.filter(pk=row.pk)).get()
    if locked.reminded != row.reminded:
        return 0
    locked.reminded = sorted({*locked.reminded, *due}, reverse=True)
    locked.save(update_fields=["reminded", "updated_at"])
    actor = Actor.system(row.organization_id, "content.clock")
    audit.record(actor, "content.certificate.reminded", row, at=now, label=row.number, days=left)
    publish(CertificateEnding(row.organization_id, row.pk, row.number, left))
    return 1


@transaction.atomic
def answer_reminder(*, actor: Actor, public_id: UUID, note: str, now: datetime) -> AdCertificate:
    """Say that one sees to the renewal: everybody's reminder of this step is done, the next opens it again.

    Raises Invalid without words, Conflict where no reminder waits.
    """
    found = queries.get_certificate(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_CERTIFICATE, found.organization_id)
    row = db.lock_rows(AdCertificate.objects.filter(pk=found.pk)).get()
    if not note.strip():
        raise Invalid(fields={"note": [_("写一句续期办到哪一步了")]})
    if row.open_step is None:
        raise Conflict(_("这份证明没有等着办的提醒"))
    row.answered_step, row.answered_at = row.open_step, now
    row.answered_by_name, row.answered_note = actor.name[:120], note.strip()[:300]
    row.save(
        update_fields=["answered_step", "answered_at", "answered_by_name", "answered_note", "updated_at"]
    )
    audit.record(
        actor,
        "content.certificate.answered",
        row,
        at=now,
        label=row.number,
        reason=note.strip(),
        days=row.answered_step,
    )
    return row


@transaction.atomic
def register_case(
    *,
    actor: Actor,
    label: str,
    identifiers: str,
    scope: Iterable[str],
    signed_on: date,
    valid_until: date | None = None,
    patient: UUID | None = None,
    now: datetime,
) -> CaseAuthorisation:
    """Enter a patient's written permission; with ``patient`` it ends when they take their consent back.

    ``identifiers`` are what must not be found in the story, one a line. Raises Invalid (fields).
    """
    require(actor, Permission.EDIT_CASE)
    codes, person = list(scope), None
    wrong: dict[str, list[Any]] = {}
    try:
        person = _patient(actor, patient)
    except Invalid as error:
        wrong.update(error.fields)
    if not label.strip():
        wrong["label"] = [_("给这份授权一个记号，例如「骨科 2026-03」，不写姓名")]
    if not identifiers.strip():
        wrong["identifiers"] = [_("写患者的姓名、单位、村名等不能出现的词，一行一个；只用来比对，加密保存")]
    if not codes or set(codes) - set(CaseScope.values):
        wrong["scope"] = [_("选授权书上写的范围")]
    if valid_until is not None and valid_until < signed_on:
        wrong["valid_until"] = [_("截止日在签字日之前")]
    if signed_on > timezone.localdate(now):
        wrong["signed_on"] = [_("签字日在以后")]
    if wrong:
        raise Invalid(fields=wrong)
    row = CaseAuthorisation.objects.create(
        organization_id=hospital_id(actor),
        label=label.strip()[:60],
        identifiers=identifiers.strip(),
        scope=codes,
        signed_on=signed_on,
        valid_until=valid_until,
        patient=person,
        created_by_id=actor.user_id,
    )
    audit.record(actor, "content.case.registered", row, at=now, label=row.label, scope=codes)
    return row


def _patient(actor: Actor, public_id: UUID | None) -> "Patient | None":
    if public_id is None:
        return None
    try:
        return patients.get_patient(actor, public_id)
    except (NotFound, PermissionDenied) as error:
        raise Invalid(fields={"patient": [_("没有这位患者，或不在您能看的范围里")]}) from error


@transaction.atomic
def name_patient(*, actor: Actor, public_id: UUID, patient: UUID | None, now: datetime) -> CaseAuthorisation:
    """Say whose permission it is, or that nobody's record belongs to it. Raises Invalid (patient)."""
    row = queries.get_case(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_CASE, row.organization_id)
    row.patient = _patient(actor, patient)
    row.save(update_fields=["patient", "updated_at"])
    audit.record(actor, "content.case.patient", row, at=now, label=row.label, is_named=patient is not None)
    return row


@transaction.atomic
def revoke_cases_of(*, organization_id: int, patient_id: int, reason: str, now: datetime) -> int:
    """A patient takes back their consent to stories: all their permissions end. Returns how many."""
    actor = Actor.system(organization_id, "content.consent")
    rows = list(queries.cases_of(patient_id=patient_id).filter(revoked_at__isnull=True))
    for row in rows:
        revoke_case(actor=actor, public_id=row.public_id, reason=reason, now=now)
    return len(rows)


@transaction.atomic
def revoke_case(*, actor: Actor, public_id: UUID, reason: str, now: datetime) -> CaseAuthorisation:
    """The patient takes the permission back: everything that used it comes down in this transaction."""
    row = queries.get_case(actor=actor, public_id=public_id)
    require(actor, Permission.EDIT_CASE, row.organization_id)
    if not reason.strip():
        raise Invalid(fields={"reason": [_("请写明撤回的经过，例如患者来电")]})
    if row.revoked_at is not None:
        raise Conflict(_("这份授权已经撤回"))
    row.revoked_at, row.revoked_reason = now, reason.strip()[:300]
    row.save(update_fields=["revoked_at", "revoked_reason", "updated_at"])
    audit.record(actor, "content.case.revoked", row, at=now, label=row.label, reason=reason)
    used: Any = row.items.filter(published__isnull=False) | row.items.filter(scheduled__isnull=False)
    placed = row.items.filter(placements__placed_at__isnull=False)
    ids = {*used.values_list("pk", flat=True), *placed.values_list("pk", flat=True)}
    _take_all_down(
        ids,
        actor=actor,
        reason=str(_("患者撤回了授权：%(why)s") % {"why": reason}),
        cause="authorisation",
        now=now,
    )
    return row
