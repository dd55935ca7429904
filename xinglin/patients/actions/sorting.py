from collections.abc import Collection, Mapping
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid, NotFound, PermissionDenied
from xinglin.directory import queries as directory
from xinglin.patients import queries
from xinglin.patients.models import Patient, PatientTag, SavedView, Tag
from xinglin.patients.permissions import Permission
from xinglin.patients.queries.listing import NARROW


def _tag(actor: Actor, name: str) -> Tag:
    name = " ".join(name.split())
    if not 0 < len(name) <= 40:
        raise Invalid(fields={"tag": [_("标签写 1 到 40 字")]})
    tag, _new = Tag.objects.get_or_create(organization_id=actor.organization_id or 0, name=name)
    return tag


@transaction.atomic
def set_tags(*, actor: Actor, public_id: UUID | str, names: Collection[str], now: datetime) -> Patient:
    """Make these, and no others, the person's tags. Raises NotFound, PermissionDenied, Invalid."""
    patient = queries.get_patient(actor, public_id, lock=True)
    require(actor, Permission.EDIT_PATIENT, patient.organization_id)
    wanted = {_tag(actor, name).pk for name in names}
    mine = set(PatientTag.objects.filter(patient=patient).values_list("tag_id", flat=True))
    PatientTag.objects.filter(patient=patient, tag_id__in=mine - wanted).delete()
    PatientTag.objects.bulk_create(
        PatientTag(organization_id=patient.organization_id, patient=patient, tag_id=pk, at=now)
        for pk in wanted - mine
    )
    if wanted != mine:
        Patient.objects.filter(pk=patient.pk).update(updated_at=now)
        audit.record(actor, "patients.patient.tagged", patient, at=now, tags=len(wanted))
    return patient


@transaction.atomic
def tag_many(
    *, actor: Actor, patient_ids: Collection[int], name: str, now: datetime, remove: bool = False
) -> int:
    """Put a tag on people of the actor's scope, or take it off; returns how many changed."""
    require(actor, Permission.EDIT_PATIENT)
    tag = _tag(actor, name)
    mine = list(Patient.objects.visible_to(actor).filter(pk__in=patient_ids).values_list("pk", flat=True))
    marked = set(PatientTag.objects.filter(tag=tag, patient_id__in=mine).values_list("patient_id", flat=True))
    if remove:
        PatientTag.objects.filter(tag=tag, patient_id__in=marked).delete()
        changed = marked
    else:
        changed = set(mine) - marked
        PatientTag.objects.bulk_create(
            PatientTag(organization_id=tag.organization_id, patient_id=pk, tag=tag, at=now)
            for pk in sorted(changed)
        )
    Patient.objects.filter(pk__in=changed).update(updated_at=now)
    return len(changed)


@transaction.atomic
def assign_many(*, actor: Actor, patient_ids: Collection[int], staff_id: int | None, now: datetime) -> int:
    """Make a colleague responsible for people of the actor's scope (None: nobody); how many changed."""
    require(actor, Permission.EDIT_PATIENT)
    if staff_id is not None and not directory.list_staff(actor).filter(pk=staff_id).exists():
        raise NotFound
    rows = Patient.objects.visible_to(actor).filter(pk__in=patient_ids).exclude(responsible_id=staff_id)
    return int(rows.update(responsible_id=staff_id, updated_at=now))


@transaction.atomic
def save_view(
    *, actor: Actor, name: str, filters: Mapping[str, str], shared: bool, now: datetime
) -> SavedView:
    """Keep the list's filters under a name, for oneself or for the hospital. Raises Invalid."""
    require(actor, Permission.VIEW_PATIENT)
    name = " ".join(name.split())
    if not 0 < len(name) <= 40:
        raise Invalid(fields={"name": [_("给视图起 1 到 40 字的名字")]})
    if shared:
        require(actor, Permission.EDIT_PATIENT)
    kept = {
        key: value for key, value in filters.items() if value and (key in NARROW or key in {"sort", "cols"})
    }
    view = SavedView.objects.create(
        organization_id=actor.organization_id or 0,
        name=name,
        query=urlencode(kept)[:2000],
        user_id=None if shared else actor.user_id,
    )
    audit.record(actor, "patients.view.saved", view, at=now, label=name)
    return view


@transaction.atomic
def delete_view(*, actor: Actor, public_id: UUID | str, now: datetime) -> None:
    """Take a saved view away. Raises NotFound; PermissionDenied for somebody else's or a shared one."""
    view = SavedView.objects.visible_to(actor).filter(public_id=public_id).first()
    if view is None:
        raise NotFound
    if view.user_id is None:
        require(actor, Permission.EDIT_PATIENT)
    elif view.user_id != actor.user_id:
        raise PermissionDenied
    audit.record(actor, "patients.view.deleted", view, at=now, label=view.name)
    view.delete()
