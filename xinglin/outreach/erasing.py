"""What outreach forgets of a person; that a message was sent stays counted, to nobody in particular."""

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinglin.outreach.models import (
    CampaignMember,
    HandTask,
    InboxItem,
    Message,
    MiniGrant,
    Reply,
    SinkMessage,
    Suppression,
)
from xinglin.outreach.models.message import STOPPABLE
from xinglin.outreach.rules.tokens import message_key
from xinglin.patients.erasure_registry import erases


@erases(
    "outreach",
    goes=_("消息的内容和号码、回复、站内信、电话和信件清单、小程序订阅、停发记录；排队中的消息取消"),
    stays=_("每条消息的渠道、时间和结果，用来对账，不再和本人相连"),
    order=40,
)
def forget_messages(*, organization_id: int, patient_id: int, now: datetime) -> int:
    mine = Message.objects.filter(
        Q(patient_id=patient_id) | Q(guardian_id=patient_id), organization_id=organization_id
    )
    mine.filter(state__in=[*sorted(STOPPABLE), "waiting"]).update(
        state=Message.State.CANCELLED, lease_until=None, worker=""
    )
    ids = list(mine.values_list("pk", flat=True))
    SinkMessage.objects.filter(
        organization_id=organization_id, key__in=[message_key(pk) for pk in ids]
    ).delete()
    count = mine.update(variables=None, address=None, error="")
    mine.filter(guardian_id=patient_id).update(guardian_id=None)
    CampaignMember.objects.filter(guardian_id=patient_id).update(guardian_id=None)
    for model in (HandTask, InboxItem, Reply, MiniGrant, Suppression):
        count += model._base_manager.filter(patient_id=patient_id).delete()[0]
    return count
