"""A patient whose story is told has to take the permission back first."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.content.models import CaseAuthorisation
from xinglin.patients.erasure_registry import erases


def stories_told(*, organization_id: int, patient_id: int, now: datetime) -> str:
    rows = CaseAuthorisation.objects.filter(organization_id=organization_id, patient_id=patient_id)
    today = timezone.localdate(now)
    return _("有病例授权还在用，先撤回授权、撤下病例") if any(row.is_in_force(today) for row in rows) else ""


@erases(
    "content",
    goes=gettext_lazy("病例授权里的姓名和线索"),
    stays=gettext_lazy("病例授权的编号、日期和撤回记录，作为曾经获得授权的证明"),
    order=34,
    blocked_by=stories_told,
)
def forget_authorisations(*, organization_id: int, patient_id: int, now: datetime) -> int:
    rows = CaseAuthorisation.objects.filter(organization_id=organization_id, patient_id=patient_id)
    return rows.update(patient=None, identifiers=None, updated_at=now)
