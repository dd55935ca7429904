"""What scores forget of a person."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from xinglin.patients.erasure_registry import erases
from xinglin.scores.models import QuestionnaireAnswer, Refusal, Score


@erases("scores", goes=_("评分、问卷答案、拒绝自动决策的记录"), order=30)
def forget_scores(*, organization_id: int, patient_id: int, now: datetime) -> int:
    models = (Score, Refusal, QuestionnaireAnswer)
    return sum(model._base_manager.filter(patient_id=patient_id).delete()[0] for model in models)
