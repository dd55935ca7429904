"""The ready-made journeys, made and approved by two people; three of them have run for some weeks.

A year's touches are there before any journey is, so nothing is heard live: who would have come in on a day is
let in on that day, who had booked by a moment is woken at that moment; the executor does all the rest, with
the clock of then.
"""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from xinglin.booking.models import Appointment
from xinglin.config.demo.hospital import Hospital
from xinglin.core.actor import Actor
from xinglin.directory.queries import actor_for
from xinglin.journeys import actions
from xinglin.journeys.actions.library import add_ready_made
from xinglin.journeys.engine import entering, working
from xinglin.journeys.engine.plan import plan_of
from xinglin.journeys.models import Enrolment, Journey, JourneyNode, JourneyTask, JourneyVersion
from xinglin.journeys.rules import library
from xinglin.ledger.models import Touch
from xinglin.outreach import dispatch
from xinglin.outreach.actions import templates
from xinglin.outreach.models import SinkMessage, TemplateVersion

Rows = list[tuple[int, int, str]]
DAYS = 24
NOTES = ("接通了，帮他改约好了", "没接，晚点再打", "说已在别处看过", "接通了，约了下周")


class Journeys:
    """Makes them for one hospital, once its people and their year are there."""

    def __init__(self, hospital: Hospital, *, seed: int, now: datetime) -> None:
        self.hospital, self.seed, self.now = hospital, seed, now
        self.organization_id = hospital.organization.pk
        self.begin = (now - timedelta(days=DAYS)).replace(hour=1, minute=0, second=0)  # 9:00 in Shanghai

    def actor(self, role: str) -> Actor:
        return actor_for(self.hospital.members[role])

    def make(self) -> None:
        """All thirteen; 失约挽回, 体检报告后续 and 沉睡唤醒 live with people inside."""
        written = self.begin - timedelta(days=2)
        made = {entry.key: self._take(entry.key, at=written) for entry in library.entries()}
        self._approve(at=written + timedelta(hours=6))
        self._live(made["missed"], self.begin)
        self._live(made["checkup"], self.begin)
        self._live(made["lapsed"], self._first_of_month() - timedelta(hours=20))
        for at in self._moments():
            self._pass(made["missed"], at, self._missed if at.hour == 10 else None)
            if at.hour == 2:
                self._pass(made["checkup"], at, self._checked_up)
                self._pass(made["lapsed"], at, None)
            self._send(at)
        self._do_tasks()

    def _take(self, key: str, *, at: datetime) -> Journey:
        journey = add_ready_made(actor=self.actor("planner"), key=key, now=at)
        journey.seed = 1 + random.Random(f"{self.seed}/{key}").randrange(2**31 - 2)  # noqa: S311
        journey.save(update_fields=["seed"])
        return journey

    def _approve(self, *, at: datetime) -> None:
        """The reviewer approves what the planner wrote."""
        waiting = TemplateVersion.objects.filter(
            organization_id=self.organization_id,
            status="in_review",
            created_by_id=self.actor("planner").user_id,
        )
        for version in waiting.select_related("template").order_by("pk"):
            templates.approve_template(
                actor=self.actor("reviewer"),
                public_id=version.template.public_id,
                seen_hash=version.content_hash,
                now=at,
            )

    def _live(self, journey: Journey, at: datetime) -> None:
        actions.go_live(actor=self.actor("director"), public_id=journey.public_id, now=at)

    def _first_of_month(self) -> datetime:
        """Nine in the morning of a month's first day, a week ago at least."""
        day = timezone.localtime(self.now - timedelta(days=7)).replace(day=1)
        return day.replace(hour=9, minute=0, second=0)

    def _moments(self) -> Iterator[datetime]:
        """Ten and six o'clock of every day since the earlier of both beginnings."""
        day = min(self.begin, self._first_of_month().astimezone(self.begin.tzinfo))
        while day < self.now:
            for hour, minute in ((2, 5), (10, 5)):
                at = day.replace(hour=hour, minute=minute)
                if at < self.now:
                    yield at
            day += timedelta(days=1)

    def _pass(self, journey: Journey, at: datetime, coming: Callable[[datetime], Rows] | None) -> None:
        """One round of work at a moment: who comes in, who has what they waited for, who is due."""
        version = JourneyVersion.objects.filter(journey=journey, status="live").first()
        if version is None or version.published_at is None or version.published_at > at:
            return
        if coming is not None:
            with transaction.atomic():
                entering.enter(plan_of(version), coming(at), now=at)
        self._wake(version, at)
        for _turn in ("come in", "go on"):
            working.work(worker="demo", clock=lambda: at, journey_id=journey.pk)

    def _send(self, at: datetime) -> None:
        """What is due leaves; the sink, which reads the wall clock, is told the time."""
        last = SinkMessage.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        while dispatch.send_batch(worker="demo", now=at):
            pass
        SinkMessage.objects.filter(organization_id=self.organization_id, pk__gt=last).update(at=at)

    def _wake(self, version: JourneyVersion, at: datetime) -> None:
        graph = plan_of(version).graph
        keys = [node.id for node in graph.nodes.values() if node.kind == "wait" and node.props.way == "touch"]
        for node in JourneyNode.objects.filter(version=version, key__in=keys):
            heard = Touch.objects.filter(
                organization_id=self.organization_id, patient_id=OuterRef("patient_id"),
                kind=graph.nodes[node.key].props.until_touch, at__gt=OuterRef("entered_at"), at__lte=at,
            )  # fmt: skip
            waiting = Enrolment.objects.filter(node=node, state=Enrolment.State.INSIDE, due_at__gt=at)
            waiting.filter(Exists(heard)).update(due_at=at)

    def _missed(self, at: datetime) -> Rows:
        rows = Appointment.objects.filter(
            organization_id=self.organization_id, status="noshow",
            missed_at__gt=at - timedelta(days=1), missed_at__lte=at,
        ).order_by("pk")  # fmt: skip
        return [(row.patient_id, row.pk, str(row.public_id)) for row in rows]

    def _checked_up(self, at: datetime) -> Rows:
        rows = Touch.objects.filter(
            organization_id=self.organization_id, kind="visit.ended", patient_id__isnull=False,
            department_id=self.hospital.departments["checkup"].pk,
            at__gt=at - timedelta(days=1), at__lte=at,
        ).order_by("seq")  # fmt: skip
        return [(int(patient or 0), seq, "") for patient, seq in rows.values_list("patient_id", "seq")]

    def _do_tasks(self) -> None:
        """The agent has dealt with some of the calls, the oldest first."""
        agent: Any = self.actor("agent")
        tasks = list(
            JourneyTask.objects.filter(organization_id=self.organization_id).order_by("due_at", "pk")
        )
        for place, task in enumerate(tasks[: min(12, len(tasks) // 2)]):
            actions.finish_task(
                actor=agent, public_id=task.public_id, note=NOTES[place % len(NOTES)], dropped=place == 2,
                now=min(task.due_at, self.now - timedelta(hours=1)),
            )  # fmt: skip
