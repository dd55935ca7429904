"""Accounts that let nothing out, and WeCom mass messages that wait for a colleague or a second look."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random

from xinglin.config.demo.hospital import Hospital
from xinglin.directory.queries import actor_for
from xinglin.outreach import actions as outreach
from xinglin.outreach.gate.channels import rules_of_channels
from xinglin.outreach.models import Message, Provider, StaffTask, TemplateVersion
from xinglin.outreach.queries.gate_rules import rules_for
from xinglin.patients.models import Patient

#: Channel, what a message costs in fen, how many a day.
ACCOUNTS = (
    ("email", 0, None), ("sms", 5, 20_000), ("wechat", 0, None), ("wecom", 0, None), ("miniapp", 0, None),
)  # fmt: skip
LECTURE = "每月健康讲座"
PEOPLE = 6


def fill_sending(
    hospital: Hospital, templates: Mapping[str, TemplateVersion], *, random: Random, now: datetime
) -> None:
    """Every channel leads to the local inbox, and says so; call it once everything else has been sent."""
    director = actor_for(hospital.members["director"])
    for channel, cost, limit in ACCOUNTS:
        outreach.save_provider(
            actor=director, channel=channel, kind="sink", unit_cost_fen=cost, daily_limit=limit, now=now
        )
    wecom = Provider.objects.get(organization=hospital.organization, channel="wecom")
    _waiting(hospital, wecom, templates[LECTURE], random=random, at=now - timedelta(hours=3))
    outreach.post_to_groups(
        actor=director,
        text="本周六上午 9:00，内分泌科在门诊楼三楼讲怎样看血糖记录，带上自己的记录本。",
        chats=[f"wrDemoGroup{number:02d}" for number in range(1, 6)],
        sender="taokexin",
        now=now - timedelta(hours=1),
    )


def _waiting(
    hospital: Hospital, provider: Provider, version: TemplateVersion, *, random: Random, at: datetime
) -> None:
    """A mass message of which a colleague has sent some; the rest waits for a tap."""
    reachable = Patient.objects.filter(
        organization=hospital.organization, is_verified=True, deceased_on__isnull=True,
        birth_date__lt=at.date() - timedelta(days=366 * 18),
    ).order_by("pk")  # fmt: skip
    people = list(reachable.values_list("pk", flat=True)[:500])
    chosen = random.sample(people, min(PEOPLE, len(people)))
    task = StaffTask.objects.create(
        organization=hospital.organization, provider=provider, task="demo-mass-message", sender="lixiaowei",
        text="本院每月第一个周六上午 9:00 在门诊楼三楼讲健康课，这个月讲怎样记血压。", people=len(chosen),
        sent=len(chosen) // 3, started_at=at, reminders=0,
    )  # fmt: skip
    rules, channel = rules_for(hospital.organization.pk).stamp, rules_of_channels(hospital.organization.pk)
    Message.objects.bulk_create(
        Message(
            organization=hospital.organization, patient_id=patient_id, template_version=version,
            key=f"demo:wecom:{patient_id}", category=version.template.category, purpose="marketing",
            channel="wecom", state="delivered" if number < task.sent else "waiting", provider="wecom",
            provider_id=task.task, rules_version=rules, channel_rules=channel["wecom"], decided_at=at,
            asked_at=at, asked_rules=rules, asked_channel_rules=channel["wecom"], created_at=at, due_at=at,
            sent_at=at, delivered_at=at + timedelta(minutes=40) if number < task.sent else None, attempts=1,
        )
        for number, patient_id in enumerate(chosen)
    )  # fmt: skip
