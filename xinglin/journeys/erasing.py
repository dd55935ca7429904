"""What journeys forget of a person; how many passed a node stays counted."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from xinglin.journeys.models import Enrolment, JourneyStep, JourneyTask, WebhookCall
from xinglin.patients.erasure_registry import erases


@erases("journeys", goes=_("走过的旅程、旅程里的任务和推送"), order=42)
def forget_path(*, organization_id: int, patient_id: int, now: datetime) -> int:
    models = (WebhookCall, JourneyTask, JourneyStep, Enrolment)
    return sum(model._base_manager.filter(patient_id=patient_id).delete()[0] for model in models)
