"""Certificates and patients' permissions."""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet
from django.utils import timezone

from xinglin.content.models import AdCertificate, CaseAuthorisation, ContentItem, ProofFile
from xinglin.content.permissions import Permission
from xinglin.core import env
from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.patients import queries as patients
from xinglin.patients.permissions import Permission as Patients

if TYPE_CHECKING:
    from xinglin.patients.models import Patient


def list_certificates(*, actor: Actor, state: str = "", today: date | None = None) -> QuerySet[AdCertificate]:
    """The hospital's certificates with ``used``, the public items under each; ``state`` valid or ended."""
    require(actor, Permission.VIEW_CONTENT)
    rows = AdCertificate.objects.visible_to(actor).annotate(
        used=Count("versions__item", filter=Q(versions__item__published_id__isnull=False), distinct=True)
    )
    if today is not None and state:
        valid = Q(withdrawn_at__isnull=True, valid_from__lte=today, valid_to__gte=today)
        rows = rows.filter(valid if state == "valid" else ~valid)
    return rows.order_by("-valid_to", "-id")


def get_certificate(*, actor: Actor, public_id: UUID) -> AdCertificate:
    """One certificate; NotFound."""
    require(actor, Permission.VIEW_CONTENT)
    row = AdCertificate.objects.visible_to(actor).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def list_cases(*, actor: Actor) -> QuerySet[CaseAuthorisation]:
    """The hospital's permissions of patients with ``used``, how many stories rest on each, ``first_used``,
    five of them, and the scans as ``scans``."""
    require(actor, Permission.VIEW_CONTENT)
    rows = CaseAuthorisation.objects.visible_to(actor).annotate(used=Count("items", distinct=True))
    stories = Prefetch("items", ContentItem.objects.order_by("id")[:5], to_attr="first_used")
    scans = Prefetch("files", ProofFile.objects.order_by("id"), to_attr="scans")
    return rows.prefetch_related(stories, scans).order_by("-id")


def get_case(*, actor: Actor, public_id: UUID) -> CaseAuthorisation:
    """One permission; NotFound."""
    require(actor, Permission.VIEW_CONTENT)
    row = CaseAuthorisation.objects.visible_to(actor).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def cases_of(*, patient_id: int) -> QuerySet[Any]:
    """Everything one person has permitted with ``first_used``, five stories; newest first. Without an actor:
    for the system, and for who was asked before."""
    stories = Prefetch("items", ContentItem.objects.order_by("id")[:5], to_attr="first_used")
    return CaseAuthorisation.objects.filter(patient_id=patient_id).prefetch_related(stories).order_by("-id")


def patients_of_cases(*, actor: Actor, rows: Iterable[CaseAuthorisation]) -> Mapping[int, "Patient"]:
    """Whose permissions these are, by id; only people of the actor's scope, and only for those who keep
    permissions."""
    wanted = {row.patient_id for row in rows if row.patient_id}
    if not wanted or not (actor.can(Permission.EDIT_CASE) and actor.can(Patients.VIEW_PATIENT)):
        return {}
    found = patients.list_patients(actor, now=timezone.now()).filter(pk__in=wanted)
    return {row.pk: row for row in found}


def ending_certificates(*, actor: Actor, today: date, before: date) -> list[AdCertificate]:
    """Certificates in force that end until ``before``, the first to end first."""
    rows = AdCertificate.objects.visible_to(actor).filter(
        withdrawn_at__isnull=True, valid_to__gte=today, valid_to__lte=before
    )
    return list(rows.order_by("valid_to")[:20])


def items_under(row: AdCertificate) -> list[ContentItem]:
    """Items whose newest or public version goes under a certificate."""
    found = ContentItem.objects.filter(organization_id=row.organization_id, versions__certificate=row)
    return list(found.distinct().order_by("-id")[:50])


def get_proof(*, actor: Actor, public_id: UUID) -> ProofFile:
    """A scan; NotFound. A patient's paper only for those who keep them."""
    require(actor, Permission.VIEW_CONTENT)
    row = ProofFile.objects.visible_to(actor).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    if row.authorisation_id is not None:
        require(actor, Permission.EDIT_CASE)
    return row


def get_item_file(*, actor: Actor, public_id: UUID) -> ProofFile:
    """A file kept with an item; NotFound."""
    require(actor, Permission.VIEW_CONTENT)
    rows = ProofFile.objects.visible_to(actor).filter(item__isnull=False).select_related("item")
    row = rows.filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def proof_path(row: ProofFile) -> Path:
    """Where a scan lies; NotFound when the file is gone."""
    path = env.home() / row.path
    if not path.is_file():
        raise NotFound
    return path
