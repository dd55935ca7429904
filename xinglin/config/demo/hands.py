"""Calls to make, letters to post and messages on the site, some of them done, for the demo's agents."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

from xinglin.config.demo.hospital import Hospital
from xinglin.directory.queries import actor_for
from xinglin.outreach import actions as outreach
from xinglin.outreach import dispatch
from xinglin.outreach.models import HandTask, InboxItem, Message, TemplateVersion
from xinglin.patients.models import Patient

#: Template of texts.yaml, channel, how many people.
WORK = (("术后电话回访", "phone", 9), ("体检报告邮寄", "letter", 6), ("门诊楼搬迁告知", "inapp", 12))
OUTCOMES = ("answered", "no_answer", "busy", "answered")


def fill_hands(
    hospital: Hospital, templates: Mapping[str, TemplateVersion], *, random: Random, now: datetime
) -> None:
    """Queue, hand over, and let an agent do part of it; everything as of ``now`` and the hours before."""
    at = now - timedelta(hours=5)
    reachable = Patient.objects.filter(
        organization=hospital.organization, is_verified=True, phone__isnull=False,
        deceased_on__isnull=True, birth_date__lt=now.date() - timedelta(days=366 * 18),
    ).order_by("pk")  # fmt: skip
    people = list(reachable.values_list("pk", flat=True)[:2000])
    for name, channel, count in WORK:
        for patient_id in random.sample(people, min(count, len(people))):
            if channel == "letter":
                _give_address(patient_id, number=random.randrange(1, 200))
            outreach.queue_message(
                key=f"demo:{channel}:{patient_id}",
                patient_id=patient_id,
                organization_id=hospital.organization.pk,
                template=templates[name].pk,
                now=at,
            )
    mine = Message.objects.filter(organization=hospital.organization, key__startswith="demo:")
    while mine.filter(state="queued").exists() and dispatch.send_batch(worker="demo", now=at):
        pass
    tasks = HandTask.objects.filter(organization=hospital.organization)
    tasks.update(opened_at=at, next_at=at)
    InboxItem.objects.filter(organization=hospital.organization).update(at=at)
    agent = actor_for(hospital.members["agent"])
    calls = list(tasks.filter(channel="phone").order_by("pk"))
    for task, outcome in zip(calls, OUTCOMES, strict=False):
        outreach.record_call(
            actor=agent,
            public_id=task.public_id,
            outcome=outcome,
            now=at + timedelta(minutes=random.randrange(20, 80)),
        )
    letters = list(tasks.filter(channel="letter").order_by("pk").values_list("public_id", flat=True))
    outreach.mark_printed(actor=agent, public_ids=letters[:3], now=at + timedelta(hours=1))
    outreach.mark_posted(actor=agent, public_ids=letters[:2], now=at + timedelta(hours=2))


def _give_address(patient_id: int, *, number: int) -> None:
    """Where the letter goes."""
    row = Patient.objects.get(pk=patient_id)
    row.address = f"示范市杏林区春晖路 {number} 号"
    row.save(update_fields=["address"])
