"""The demo's library: texts in every state, by the doors a click uses."""

from datetime import datetime, timedelta
from functools import cache
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

import yaml

from xinglin.config.demo.colleagues import work_together
from xinglin.config.demo.covers import draw_cover
from xinglin.config.demo.hospital import Hospital
from xinglin.content import actions as content
from xinglin.content.models import ContentItem, ContentReview, ContentVersion
from xinglin.core.actor import Actor
from xinglin.directory.queries import actor_for
from xinglin.ledger.actions import NewTouch, record_many
from xinglin.ledger.models import Touch
from xinglin.outreach import actions as outreach
from xinglin.patients.models import Patient
from xinglin.portal.touches import PageViewed

#: Which account decides a level in the demo.
DECIDES = {"medical": "doctor", "compliance": "reviewer", "final": "director", "leader": "executive"}
REACHES = {"medical": 0, "compliance": 1, "final": 2}


@cache
def texts() -> list[dict[str, Any]]:
    """What content.yaml says, one entry an item."""
    loaded = yaml.safe_load(Path(__file__).with_name("content.yaml").read_text(encoding="utf-8"))
    return list(loaded["items"])


class Library:
    """Writes it for one hospital as it would have come about over the last weeks."""

    def __init__(self, hospital: Hospital, *, seed: int, now: datetime) -> None:
        self.hospital, self.now = hospital, now
        self.random = Random(f"{seed}/library")  # noqa: S311 (a demo, repeatable)

    def actor(self, role: str) -> Actor:
        return actor_for(self.hospital.members[role])

    def write(self) -> None:
        """Every text, the older ones first."""
        specs = texts()
        for number, spec in enumerate(specs):
            at = self.now - timedelta(days=2 + (len(specs) - number) * 1.4, hours=self.random.randrange(9))
            self._item(spec, at=at)
        self._delays()
        self._plans()
        self._placed()
        self._drafts()
        self._readers()
        work_together(self.hospital, now=self.now)

    def _item(self, spec: dict[str, Any], *, at: datetime) -> None:
        state = spec["state"]
        if state == "idea":
            who = self.actor(spec["by"])
            content.contribute(
                actor=who,
                text=spec["body"],
                title=spec["title"],
                origin=spec["origin"],
                kind=spec["kind"],
                now=at,
            )
            return
        version = self._written(spec, at=at)
        if state in ("draft", "blocked"):
            content.check_item(actor=self.actor("content"), public_id=version.item.public_id, now=at)
            return
        content.submit_item(
            actor=self.actor("content"), public_id=version.public_id, seen_hash=version.content_hash, now=at
        )
        self._pass(version, state, spec, at=at)
        if state == "published":
            content.publish_item(
                actor=self.actor("director"), public_id=version.public_id, now=at + timedelta(hours=8)
            )
        elif state == "scheduled":
            content.schedule_item(
                actor=self.actor("director"),
                public_id=version.public_id,
                at=self.now + timedelta(days=2),
                now=self.now,
            )

    def _written(self, spec: dict[str, Any], *, at: datetime) -> ContentVersion:
        author, department = self.actor("content"), self.hospital.departments.get(spec["dept"])
        version = content.create_item(
            actor=author,
            kind=spec["kind"],
            title=spec["title"],
            slug=spec.get("slug", ""),
            summary=spec.get("summary", ""),
            body=spec["body"],
            page_class=spec.get("class", ""),
            sources=spec.get("sources", ""),
            certificate=self._certificate(spec, at=at) if spec.get("ad") else None,
            department_id=department.pk if department else None,
            now=at,
        )
        doctors = self.hospital.doctors.get(spec["dept"], [])
        content.edit_facts(
            actor=author,
            public_id=version.item.public_id,
            audience=spec.get("audience", "general"),
            care_stage=spec.get("stage", ""),
            channels=spec.get("channels", ["site"]),
            tags=spec.get("tags", []),
            author_ids=[doctors[0].pk] if doctors and spec["kind"] not in ("news", "statement") else [],
            assignee_id=author.user_id,
            due_on=(at + timedelta(days=6)).date(),
            authorisation_ids=[self._case(at=at)] if spec.get("case") else [],
            cover_id=draw_cover(author, *spec["cover"], at=at) if "cover" in spec else None,
            now=at,
        )
        version.refresh_from_db()
        version.item = ContentItem.objects.get(pk=version.item_id)
        return version

    def _pass(self, version: ContentVersion, state: str, spec: dict[str, Any], *, at: datetime) -> None:
        """Levels say yes until the state the text is to stand in."""
        for number in range(4):
            version.refresh_from_db()
            level = ContentReview.objects.filter(version=version, status="open").first()
            if level is None or level.level == state:
                return
            is_approved = state != "rejected"
            content.decide_item(
                actor=self.actor(DECIDES[level.level]),
                public_id=version.public_id,
                seen_hash=version.content_hash,
                is_approved=is_approved,
                note="核对过出处和诊疗规范" if is_approved else spec["reject"],
                now=at + timedelta(hours=2 * (number + 1)),
            )

    def _certificate(self, spec: dict[str, Any], *, at: datetime) -> Any:
        return content.register_certificate(
            actor=self.actor("reviewer"),
            number="医广【2026】第00-00-000号",
            authority="示范省卫生健康委员会",
            valid_from=(at - timedelta(days=300)).date(),
            valid_to=(self.now + timedelta(days=26)).date(),
            media_kinds=["web", "printed"],
            sample=f"{spec['title']}\n{spec['body']}",
            now=at,
        ).public_id

    def _case(self, *, at: datetime) -> int:
        """Of somebody elderly whom the hospital knows, so that her record shows it."""
        known = Patient.objects.filter(organization_id=self.hospital.organization.pk, sex="F")
        patient = known.filter(birth_date__lt=(at - timedelta(days=65 * 365)).date()).order_by("pk").first()
        return content.register_case(
            actor=self.actor("director"),
            label="骨科 2026-09",
            identifiers=f"{patient.name if patient else '方淑兰'}\n示范纺织厂",
            patient=patient.public_id if patient else None,
            scope=["text", "site", "social"],
            signed_on=(at - timedelta(days=9)).date(),
            valid_until=(self.now + timedelta(days=400)).date(),
            now=at,
        ).pk

    def _plans(self) -> None:
        """Columns, days for what is not out yet, a doctor who agreed to be heard."""
        actor = self.actor("content")
        for name, channel, weekdays in (("周三控糖课", "wechat", [2]), ("周五问医生", "site", [4])):
            content.save_column(
                actor=actor, name=name, kind="article", channel=channel, weekdays=weekdays, now=self.now
            )
        for name, ahead, is_yearly, note in (
            ("建院纪念日", 12, True, "老照片展，门诊大厅"),
            ("糖友开放日", 5, False, "上午 9 点，门诊楼三层会议室"),
        ):
            day = (self.now + timedelta(days=ahead)).date()
            content.save_theme(actor=actor, name=name, day=day, is_yearly=is_yearly, note=note, now=self.now)
        waiting = ContentItem.objects.filter(
            organization_id=self.hospital.organization.pk, published__isnull=True, scheduled__isnull=True
        ).exclude(stage="idea")
        for number, item in enumerate(waiting.order_by("pk")[:8]):
            day = (self.now + timedelta(days=1 + number * 2 // 3)).date()
            content.plan_item(actor=actor, public_id=item.public_id, day=day, now=self.now)
        for number, code in enumerate(("orthopedics", "pediatrics")):
            plan = content.save_expert_plan(
                actor=actor,
                doctor_id=self.hospital.doctors[code][0].pk,
                starts_on=(self.now - timedelta(days=60)).date(),
                ends_on=(self.now + timedelta(days=300)).date(),
                positioning=("老年膝关节", "孩子发热与咳嗽")[number],
                videos_a_week=1,
                articles_a_month=2,
                answers_a_month=6,
                lectures_a_month=1,
                followers=(1840, 620)[number],
                channels=["douyin", "wechat"],
                now=self.now,
            )
            if number == 0:
                content.consent_to_plan(
                    actor=actor, public_id=plan.public_id, note="纸质同意书，市场部档案 2026-17", now=self.now
                )

    def _placed(self) -> None:
        """Some texts went to outside channels, with the platforms' numbers."""
        actor, lines = self.actor("director"), ["发布单号,日期,阅读,点赞,转发,评论,新增粉丝"]
        versions = ContentVersion.objects.filter(
            organization_id=self.hospital.organization.pk,
            status="approved",
            item__kind__in=["article", "video_script", "qa"],
        )
        for number, version in enumerate(versions.order_by("pk")[:9]):
            channel = ("wechat", "douyin", "xiaohongshu")[number % 3]
            row = content.open_sheet(actor=actor, public_id=version.public_id, channel=channel, now=self.now)
            if number == 8:
                continue  # one waits to be posted
            url = f"https://example.org/{channel}/{row.code}"
            content.record_placement(actor=actor, public_id=row.public_id, final_url=url, now=self.now)
            for back in range(10, 0, -1):
                views = int(self.random.lognormvariate(4.6, 0.6)) * (3 if channel == "douyin" else 1)
                day = (self.now - timedelta(days=back)).date()
                lines.append(
                    f"{row.code},{day},{views},{views // 14},{views // 40},{views // 60},{views // 120}"
                )
        content.import_metrics(actor=actor, text="\n".join(lines), source="示范平台", now=self.now)

    def _drafts(self) -> None:
        """Articles with a cover wait for a worker to put them into the official account's drafts."""
        items = ContentItem.objects.filter(
            organization_id=self.hospital.organization.pk, cover__isnull=False, published__isnull=False
        )
        for item in items.select_related("published").order_by("pk"):
            assert item.published is not None
            outreach.queue_article_draft(
                actor=self.actor("director"), version=item.published.public_id, now=self.now
            )

    def _readers(self) -> None:
        """Some who booked the doctor with a plan had read an article of his two days before."""
        doctor = self.hospital.doctors["orthopedics"][0]
        items = ContentItem.objects.filter(authors=doctor, published__isnull=False).order_by("pk")
        booked = Touch.objects.filter(
            organization_id=self.hospital.organization.pk,
            kind="appointment.booked",
            patient_id__isnull=False,
            props__practitioner=str(doctor.public_id),
            at__gte=self.now - timedelta(days=50),
        ).order_by("at", "seq")
        record_many(
            [
                NewTouch(
                    props=PageViewed(page=f"/p/{item.slug}/", page_class="science", device="phone"),
                    organization_id=touch.organization_id,
                    at=touch.at - timedelta(days=2),
                    patient_id=touch.patient_id,
                    channel="wechat",
                    content_id=item.pk,
                    dedupe_key=f"demo.reader:{touch.seq}",
                )
                for touch, item in zip(booked[:60:3], cycle(items), strict=False)
            ],
            now=self.now,
        )

    def _delays(self) -> None:
        """What waits was sent lately; one of them is late."""
        waiting = ContentReview.objects.filter(
            organization_id=self.hospital.organization.pk, status="open"
        ).order_by("pk")
        for number, level in enumerate(waiting):
            opened = self.now - timedelta(hours=30 if number == 0 else 3 + 2 * number)
            level.opened_at, level.due_at = opened, opened + timedelta(hours=level.hours)
            level.save(update_fields=["opened_at", "due_at"])
