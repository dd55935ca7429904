from datetime import datetime

from django.utils.translation import gettext as _

from xinglin.content import actions
from xinglin.core.events import receives
from xinglin.patients.events import ConsentWithdrawn


@receives(ConsentWithdrawn)
def end_permissions_for_stories(event: ConsentWithdrawn, *, now: datetime) -> None:
    """Consent to stories and the signed permission are one will: when it goes, everything told comes down."""
    if event.purpose == "case_story":
        actions.revoke_cases_of(
            organization_id=event.organization_id,
            patient_id=event.patient_id,
            reason=_("患者撤回了对病例故事的同意"),
            now=now,
        )
