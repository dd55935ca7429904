"""What audiences forget of a person."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from xinglin.audiences.models import AudienceMember, ListMember, Membership
from xinglin.patients.erasure_registry import erases


@erases("audiences", goes=_("在哪些人群和名单里"), order=32)
def forget_memberships(*, organization_id: int, patient_id: int, now: datetime) -> int:
    models = (AudienceMember, Membership, ListMember)
    return sum(model._base_manager.filter(patient_id=patient_id).delete()[0] for model in models)
