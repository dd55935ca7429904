"""A finished campaign with its result and work that waits for each role, by the doors a click uses."""

from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import yaml
from django.db import transaction

from xinglin.audiences import actions as audiences
from xinglin.audiences.models import Audience
from xinglin.compliance import actions as compliance
from xinglin.config.demo.hands import fill_hands
from xinglin.config.demo.hospital import Hospital
from xinglin.config.demo.people import Person, stable_uuid
from xinglin.config.demo.replies import fill_replies
from xinglin.config.demo.year import Visit, Year
from xinglin.content import actions as content
from xinglin.core.actor import Actor
from xinglin.core.jobs.registry import kinds
from xinglin.core.jobs.run import JobRun
from xinglin.core.models import Job
from xinglin.directory.queries import actor_for
from xinglin.ledger import actions as ledger
from xinglin.ledger.actions import NewTouch
from xinglin.outreach import actions as outreach
from xinglin.outreach import dispatch
from xinglin.outreach.actions import templates as words
from xinglin.outreach.models import Campaign, Message, SinkMessage, TemplateVersion, TrackedLink
from xinglin.outreach.touches import MessageClicked, MessageOpened
from xinglin.patients.models import Patient

# What people do with a message: share of the delivered who read it.
READ = 0.46


@cache
def texts() -> dict[str, Any]:
    """What texts.yaml says."""
    loaded: dict[str, Any] = yaml.safe_load(
        Path(__file__).with_name("texts.yaml").read_text(encoding="utf-8")
    )
    return loaded


class Replay(JobRun):
    """A job run at a moment of the past."""

    moment: datetime

    def now(self) -> datetime:
        return self.moment


class Story:
    """Tells it for one hospital, once its people are there and the lake has them."""

    def __init__(self, hospital: Hospital, *, seed: int, now: datetime) -> None:
        self.hospital, self.now = hospital, now
        self.templates: dict[str, TemplateVersion] = {}
        self.random = Random(f"{seed}/story")  # noqa: S311 (a demo, repeatable)
        self.sent_at = (now - timedelta(days=18)).replace(hour=2, minute=0, second=0)  # 10:00 in Shanghai

    def actor(self, role: str) -> Actor:
        return actor_for(self.hospital.members[role])

    def tell(self) -> None:
        """Pages, templates, audiences, a finished campaign, and one that waits to be started."""
        written = self.sent_at - timedelta(days=2)
        pages = {spec["slug"]: self._page(spec, at=written) for spec in texts()["pages"]}
        templates = {spec["name"]: self._template(spec, pages, at=written) for spec in texts()["templates"]}
        self._own_rules(at=written + timedelta(hours=3))
        made = {
            spec["name"]: audiences.save_audience(
                actor=self.actor("analyst"), name=spec["name"], tree=spec["tree"], now=written
            )
            for spec in texts()["audiences"]
        }
        for spec in texts()["campaigns"]:
            at = (self.now - timedelta(days=spec["days_ago"])).replace(hour=2, minute=0, second=0)
            self._campaign(made[spec["audience"]], templates, spec, at=at)
        fill_hands(self.hospital, templates, random=self.random, now=self.now)
        fill_replies(self.hospital, texts()["replies"], now=self.now)
        waiting = texts()["waiting"]
        self._waiting_campaign(waiting["name"], made[waiting["audience"]], templates[waiting["template"]])
        self._under_way(made, templates)
        self.templates = templates

    def _own_rules(self, *, at: datetime) -> None:
        """The hospital's own words and one silenced request in force, and a word still drafted."""
        reviewer, spec = self.actor("reviewer"), texts()["own_rules"]
        for each in spec["words"]:
            compliance.add_own_terms(actor=reviewer, now=at, **each)
        silence = spec["silence"]
        compliance.silence_rule(
            actor=reviewer,
            rule_id=silence["rule_id"],
            reason=silence["reason"],
            until=self.now.date() + timedelta(days=silence["days"]),
            now=at,
        )
        compliance.replay_draft(actor=reviewer, now=at)
        self._run_jobs(at, "compliance.replay")
        compliance.activate_draft(actor=reviewer, note=spec["note"], now=at)
        compliance.add_own_terms(actor=reviewer, now=self.now, **spec["drafted"])
        compliance.replay_draft(actor=reviewer, now=self.now)
        self._run_jobs(self.now, "compliance.replay")

    def _page(self, spec: dict[str, Any], *, at: datetime) -> Any:
        author, reviewer = self.actor("content"), self.actor("reviewer")
        version = content.create_item(actor=author, kind="page", now=at, **spec)
        seen = version.content_hash
        content.submit_item(actor=author, public_id=version.public_id, seen_hash=seen, now=at)
        content.decide_item(
            actor=reviewer,
            public_id=version.public_id,
            seen_hash=seen,
            is_approved=True,
            note="核对过排班表和出处",
            now=at,
        )
        content.publish_item(actor=author, public_id=version.public_id, now=at)
        return version.item

    def _template(self, spec: dict[str, Any], pages: dict[str, Any], *, at: datetime) -> TemplateVersion:
        author, reviewer = self.actor("content"), self.actor("reviewer")
        version = words.create_template(
            actor=author,
            name=spec["name"],
            purpose=spec["purpose"],
            bodies=spec["bodies"],
            landing_page_id=pages[spec["page"]].public_id if "page" in spec else None,
            now=at,
        )
        template, seen = version.template.public_id, version.content_hash
        if spec.get("submit") or spec.get("approve"):
            words.submit_template(actor=author, public_id=template, seen_hash=seen, now=at)
        if spec.get("approve"):
            words.approve_template(
                actor=reviewer,
                public_id=template,
                seen_hash=seen,
                evidence="核对过接诊时间",
                valid_until=(at + timedelta(days=spec["days"])).date() if "days" in spec else None,
                now=at,
            )
        version.refresh_from_db()
        return version

    def _draft(
        self, name: str, audience: Audience, template: TemplateVersion, *, at: datetime, **facts: Any
    ) -> Campaign:
        newest = audience.versions.order_by("-number").first()
        assert newest is not None
        draft = outreach.create_campaign(
            actor=self.actor("analyst"),
            now=at,
            name=name,
            audience_version_id=newest.pk,
            template_version_id=template.pk,
            channels=["email", "sms"],
            holdout_share=0.1,
            unit_cost_fen=5,
            **facts,
        )
        # The draw of the holdout is secret elsewhere; here the demo's seed decides it.
        Campaign.objects.filter(pk=draft.pk).update(seed=self.random.randrange(1, 2**31))
        draft.refresh_from_db()
        return draft

    def _run_jobs(self, at: datetime, *names: str) -> None:
        """What was enqueued, done as of ``at``: a campaign's jobs unless others are named."""
        names = names or ("outreach.plan",)
        while row := Job.objects.filter(name__in=names, status=Job.Status.READY).order_by("pk").first():
            run = Replay(job=row)
            run.moment = at
            Job.objects.filter(pk=row.pk).update(status=Job.Status.LEASED, worker="demo", attempts=1)
            row.refresh_from_db()
            kinds[row.name].handler(run)
            Job.objects.filter(pk=row.pk).update(
                status=Job.Status.DONE, finished_at=at, dedupe_key=None, worker=""
            )

    def _waiting_campaign(self, name: str, audience: Audience, template: TemplateVersion) -> None:
        campaign = self._draft(name, audience, template, at=self.now)
        outreach.request_preflight(actor=self.actor("analyst"), public_id=campaign.public_id, now=self.now)
        self._run_jobs(self.now)

    def _campaign(
        self, audience: Audience, templates: dict[str, TemplateVersion], spec: dict[str, Any], *, at: datetime
    ) -> None:
        template, tried = templates[spec["template"]], spec.get("tried", [])
        campaign = self._draft(
            spec["name"], audience, template, at=at - timedelta(hours=1),
            wordings=[templates[one["template"]].pk for one in tried], test_metric="clicked",
        )  # fmt: skip
        sent_at = self._start(campaign, at=at)
        if sent_at is None:
            return
        at = sent_at
        outreach.finish_campaigns(now=at + timedelta(minutes=1))
        clicks = {template.pk: spec["click"]} | {templates[one["template"]].pk: one["click"] for one in tried}
        self._answers(campaign, at, clicks=clicks, book=spec["book"])

    def _start(self, campaign: Campaign, *, at: datetime) -> datetime | None:
        """Checked, started, and what is due handed over; until when, None when nobody would get it."""
        outreach.request_preflight(
            actor=self.actor("analyst"), public_id=campaign.public_id, now=at - timedelta(minutes=20)
        )
        self._run_jobs(at - timedelta(minutes=20))
        campaign.refresh_from_db()
        if not campaign.preflight.get("send"):
            return None  # too small a demo for anybody to be left
        outreach.start_campaign(
            actor=self.actor("director"),
            public_id=campaign.public_id,
            preflight_hash=campaign.preflight_hash,
            now=at,
        )
        self._run_jobs(at)
        inbox = SinkMessage.objects.filter(organization=self.hospital.organization)
        before = inbox.order_by("-pk").values_list("pk", flat=True).first() or 0
        while dispatch.send_batch(worker="demo", now=at):
            at += timedelta(seconds=20)
        inbox.filter(pk__gt=before).update(at=at)
        return at

    def _under_way(self, made: dict[str, Audience], templates: dict[str, TemplateVersion]) -> None:
        """One that repeats every month, this month's sent; one that goes to each at the hour they read."""
        spec = texts()["monthly"]
        at = (self.now - timedelta(days=spec["days_ago"])).replace(hour=2, minute=0, second=0)
        monthly = self._draft(
            spec["name"], made[spec["audience"]], templates[spec["template"]], at=at - timedelta(hours=1),
            repeat="month", repeat_until=(self.now + timedelta(days=300)).date(),
        )  # fmt: skip
        if self._start(monthly, at=at):
            outreach.finish_campaigns(now=at + timedelta(minutes=10))
        spec, at = texts()["best_hour"], self.now - timedelta(hours=1)
        at_their_hour = self._draft(
            spec["name"], made[spec["audience"]], templates[spec["template"]], at=at - timedelta(hours=1),
            at_best_hour=True,
        )  # fmt: skip
        self._start(at_their_hour, at=at)

    def _answers(self, campaign: Campaign, at: datetime, *, clicks: dict[int, float], book: float) -> None:
        """Some read, some click, some of those book and come; bills follow. A chunk in few statements."""
        link = TrackedLink.objects.filter(campaign_id=campaign.pk).order_by("pk").first()
        sent = Message.objects.filter(campaign=campaign, state__in=["accepted", "delivered"]).order_by("pk")
        year = Year(self.hospital, random=self.random, now=self.now)
        last = 0
        while chunk := list(sent.filter(pk__gt=last).defer("variables", "address")[:2000]):
            last = chunk[-1].pk
            with transaction.atomic():
                self._react(chunk, at, (clicks, book), link.url if link else "", campaign, year)

    def _react(
        self,
        chunk: list[Message],
        at: datetime,
        shares: tuple[dict[int, float], float],
        url: str,
        campaign: Campaign,
        year: Year,
    ) -> None:
        clicks, book = shares
        random, touches, changed = self.random, list[NewTouch](), list[Message]()
        booked: list[tuple[int, datetime]] = []
        for message in chunk:
            if random.random() > READ:
                continue
            read = at + timedelta(minutes=int(random.expovariate(1 / 420)) + 2)
            if message.channel == "email":
                message.opened_at = read
                touches.append(self._touch(message, MessageOpened(message=message.pk), read, "opened"))
            if url and random.random() <= clicks[message.template_version_id or 0]:
                message.clicked_at = clicked = read + timedelta(minutes=random.randrange(1, 9))
                props = MessageClicked(message=message.pk, url=url)
                touches.append(self._touch(message, props, clicked, "clicked"))
                if random.random() < book and message.patient_id:
                    booked.append((message.patient_id, clicked))
            changed.append(message)
        Message.objects.bulk_update(changed, ["opened_at", "clicked_at"], batch_size=400)
        ledger.record_many(touches, now=self.now)
        rows = Patient.objects.in_bulk([patient for patient, _clicked in booked])
        visits = [self._visit(year, rows[patient], clicked, campaign) for patient, clicked in booked]
        year.write([visit for visit in visits if visit.starts_at < self.now - timedelta(hours=3)])

    def _touch(self, message: Message, props: Any, at: datetime, what: str) -> NewTouch:
        return NewTouch(
            props=props,
            organization_id=message.organization_id,
            at=at,
            patient_id=message.patient_id,
            channel=message.channel,
            campaign_id=message.campaign_id,
            dedupe_key=f"message:{message.pk}:{what}",
        )

    def _visit(self, year: Year, row: Patient, clicked: datetime, campaign: Campaign) -> Visit:
        random = self.random
        age = row.age_on(self.now.date()) or 40
        person = Person(row, row.created_at, list(row.conditions), age)
        day = clicked + timedelta(days=random.randrange(1, 13))
        starts = day.replace(hour=0, minute=20 * random.randrange(0, 3), second=0)
        starts += timedelta(hours=random.randrange(0, 9))
        code = year.department_for(person)
        kept = random.random() < 0.84
        fen = int(random.lognormvariate(0, 0.5) * year.specs[code]["bill"] * 100) // 10 * 10
        booked = clicked + timedelta(minutes=4)
        return Visit(
            person=person,
            code=code,
            booked_at=booked,
            starts_at=max(starts, booked + timedelta(hours=2)),
            channel="email",
            visitor=stable_uuid(random, clicked),
            outcome="kept" if kept else "missed",
            minutes=random.randrange(12, 55),
            fen=max(fen, 1500),
            campaign_id=campaign.pk,
        )
