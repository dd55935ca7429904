"""The demo's site: what it says, what is printed, who came; by the doors a click uses."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import yaml

from xinglin.config.demo import artery
from xinglin.config.demo.covers import draw_cover
from xinglin.config.demo.hospital import Hospital
from xinglin.config.demo.people import stable_uuid
from xinglin.content import actions as content
from xinglin.content import queries
from xinglin.content.brand.svg import BLOSSOM
from xinglin.content.models import ContentItem, ContentVersion, Material
from xinglin.content.rules.blocks import plain_text
from xinglin.core.actor import Actor
from xinglin.core.errors import NotFound
from xinglin.core.models import Job
from xinglin.core.typeset import typeset
from xinglin.directory.queries import actor_for
from xinglin.ledger.actions import NewTouch, record_many
from xinglin.portal import actions as portal
from xinglin.portal.touches import LinkClicked, PageViewed

#: Who decides a level in the demo.
DECIDES = {"medical": "doctor", "compliance": "reviewer", "final": "director", "leader": "executive"}


@cache
def site_facts() -> dict[str, Any]:
    """What site.yaml says."""
    path = Path(__file__).with_name("site.yaml")
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


class Site:
    """Builds it for one hospital; ``tell`` once its staff and the story's pages are there."""

    def __init__(self, hospital: Hospital, *, seed: int, now: datetime) -> None:
        self.hospital, self.now = hospital, now
        self.random = Random(f"{seed}/site")  # noqa: S311 (a demo, repeatable)

    def actor(self, role: str) -> Actor:
        return actor_for(self.hospital.members[role])

    def tell(self, *, people: int) -> None:
        """Texts of every kind, a certificate, one page taken down, the kit, printed pieces, visitors."""
        spec = site_facts()
        for number, item in enumerate(spec["items"]):
            at = self.now - timedelta(days=40 - 3 * number, hours=5)
            self._item(self._with_model(dict(item), at=at), at=at)
        self._hall(dict(spec["hall"]), at=self.now - timedelta(days=12))
        retracted = dict(spec["retracted"])
        reason = retracted.pop("reason")
        version = self._item(retracted, at=self.now - timedelta(days=70))
        content.retract_item(
            actor=self.actor("content"),
            public_id=version.item.public_id,
            reason=reason,
            now=self.now - timedelta(days=30),
        )
        self._brand(spec)
        self._visitors(spec["traffic"], visits=max(people // 8, 60))
        portal.add_redirect(
            actor=self.actor("content"), old_path="p/visit-guide/", new_path="info/process/", now=self.now
        )
        self._words(spec["words"])
        portal.request_link_check(
            actor=self.actor("content")
        )  # a worker walks over the site at the first start

    def _item(self, spec: dict[str, Any], *, at: datetime) -> ContentVersion:
        """Write, pass every level, publish."""
        author = self.actor("content")
        department = self.hospital.departments.get(spec.pop("department", ""))
        if spec.pop("certified", False):
            spec["certificate"] = self._certificate(spec, at=at)
        if "cover" in spec:
            spec["cover_id"] = draw_cover(author, *spec.pop("cover"), at=at)
        version = content.create_item(
            actor=author, department_id=department.pk if department else None, now=at, **spec
        )
        content.submit_item(actor=author, public_id=version.public_id, seen_hash=version.content_hash, now=at)
        for hours in range(1, 6):
            try:
                level = queries.open_review(version).level
            except NotFound:
                break
            content.decide_item(
                actor=self.actor(DECIDES[level]),
                public_id=version.public_id,
                seen_hash=version.content_hash,
                is_approved=True,
                note="核对过排班表、价目和出处",
                now=at + timedelta(hours=hours),
            )
        content.publish_item(actor=author, public_id=version.public_id, now=at + timedelta(hours=7))
        version.refresh_from_db()
        return version

    def _with_model(self, spec: dict[str, Any], *, at: datetime) -> dict[str, Any]:
        """A text with the model it shows, where it names one."""
        if alt := spec.pop("artery", ""):
            asset = content.add_media(
                actor=self.actor("content"),
                file=BytesIO(artery.as_glb()),
                poster=BytesIO(artery.as_picture()),
                name="剖开的血管",
                alt=alt,
                source="本院市场部制作",
                licence="own",
                now=at,
            )
            content.read_pictures(now=at)
            spec["body"] = spec["body"].replace("ARTERY", str(asset.public_id))
        return spec

    def _hall(self, spec: dict[str, Any], *, at: datetime) -> None:
        """A page to look around in: a drawn hall in place of a photographed one."""
        template = Path(__file__).with_name("hall.typ")
        drawn = typeset(template, {"doors": spec.pop("doors")}, form="png", ppi=144)[0]
        asset = content.add_media(
            actor=self.actor("content"),
            file=BytesIO(drawn),
            name="门诊大厅全景",
            alt=spec.pop("alt"),
            source="本院市场部绘制",
            licence="own",
            is_panorama=True,
            now=at,
        )
        content.read_pictures(now=at)
        self._item({**spec, "body": spec["body"].replace("HALL", str(asset.public_id))}, at=at)

    def _certificate(self, spec: dict[str, Any], *, at: datetime) -> Any:
        made = content.register_certificate(
            actor=self.actor("reviewer"),
            sample=plain_text(spec["title"], spec.get("summary", ""), spec["body"]),
            valid_from=(at - timedelta(days=20)).date(),
            valid_to=(at + timedelta(days=300)).date(),
            media_kinds=["web", "printed"],
            now=at,
            **site_facts()["certificate"],
        )
        return made.public_id

    def _brand(self, spec: dict[str, Any]) -> None:
        who, at = self.actor("content"), self.now - timedelta(days=25)
        content.save_brand_kit(actor=who, now=at, **spec["kit"])
        old = BLOSSOM.replace("#E8834A", "#2E8B57")
        content.add_logo(actor=who, name="旧标志（绿）", data=old.encode(), now=at - timedelta(days=200))
        content.add_logo(actor=who, name="2026 标准版", data=BLOSSOM.encode(), now=at)
        for number, each in enumerate(spec["materials"]):
            self._material(each, at=at + timedelta(days=number))

    def _material(self, spec: dict[str, Any], *, at: datetime) -> None:
        item = ContentItem.objects.get(organization=self.hospital.organization, slug=spec["slug"])
        assert item.published is not None
        material = content.create_material(
            actor=self.actor("content"),
            order=content.Order(
                template=spec["template"], source=item.published.public_id, placement=spec["placement"]
            ),
            now=at,
        )
        content.render_material(material_id=material.pk, now=at)
        Job.objects.filter(public_id=material.job_id or material.public_id).update(
            status=Job.Status.DONE, finished_at=at, done=1, total=1, dedupe_key=None
        )
        self._scans(material, spec["scans"], at=at)

    def _scans(self, material: Material, count: int, *, at: datetime) -> None:
        link = material.link
        if link is None:
            return
        hours = max(int((self.now - at).total_seconds() // 3600), 1)
        moments = sorted(at + timedelta(hours=self.random.randrange(hours)) for _n in range(count))
        touches = [
            NewTouch(
                props=LinkClicked(link=link.code, device=self._one(site_facts()["traffic"]["devices"])),
                organization_id=link.organization_id,
                at=moment,
                channel="qr",
                content_id=link.content_id,
            )
            for moment in moments
        ]
        record_many(touches, now=self.now)
        for moment in moments:
            content.note_click(code=link.code, now=moment)

    def _visitors(self, traffic: dict[str, Any], *, visits: int) -> None:
        record_many(self._visits(traffic, visits), now=self.now)

    def _visits(self, traffic: dict[str, Any], visits: int) -> Iterator[NewTouch]:
        """Visits of one to five pages; six in ten agree to be told apart."""
        slug = self.hospital.organization.slug
        sections = [f"/info/{name}/" for name in ("about", "prices", "process", "insurance")]
        science = [
            f"/p/{each['slug']}/" for each in site_facts()["items"] if each["kind"] in {"article", "qa"}
        ]
        doctors = [f"/doctors/{d.public_id}/" for group in self.hospital.doctors.values() for d in group]
        departments = [f"/departments/{code}/" for code in self.hospital.doctors]
        items = ContentItem.objects.filter(organization=self.hospital.organization)
        numbers = {f"/p/{slug}/": pk for slug, pk in items.values_list("slug", "pk")}
        for number in range(visits):
            at = self.now - timedelta(
                days=self.random.random() ** 1.3 * traffic["days"], minutes=self.random.randrange(900)
            )
            referrer, channel, _share = self._source(traffic["sources"])
            device = self._one(traffic["devices"])
            visitor = stable_uuid(self.random, at) if self.random.random() < 0.6 else None
            start = self.random.choice([science, ["/"], ["/"], sections, departments])
            pages = [self.random.choice(start)]
            while start is not science and self.random.random() < 0.62 and len(pages) < 5:
                pages.append(
                    self.random.choice(doctors if len(pages) > 1 else [*departments, "/departments/"])
                )
            if len(pages) > 2 and self.random.random() < 0.4:
                pages.append("/booking/")
            for step, page in enumerate(pages):
                yield NewTouch(
                    props=PageViewed(
                        page=page,
                        page_class="science" if page in science else "disclosure",
                        device=device,
                        referrer=referrer if step == 0 else "",
                        is_entry=step == 0,
                    ),
                    organization_id=self.hospital.organization.pk,
                    at=at + timedelta(seconds=50 * step),
                    visitor=visitor,
                    channel=channel,
                    content_id=numbers.get(page),
                    dedupe_key=f"demo.site:{slug}:{number}:{step}",
                )

    def _words(self, spec: dict[str, Any]) -> None:
        """Search words that led here over the last weeks, and those the hospital watches."""
        for word, page, host, count in spec["led"]:
            for _n in range(count):
                at = self.now - timedelta(days=self.random.randrange(60))
                portal.count_word(
                    organization_id=self.hospital.organization.pk, word=word, host=host, page=page, now=at
                )
        for word, page in spec["watched"]:
            portal.watch_word(actor=self.actor("content"), word=word, page=page, now=self.now)

    def _source(self, sources: list[list[Any]]) -> list[Any]:
        return self.random.choices(sources, weights=[each[2] for each in sources])[0]

    def _one(self, shares: dict[str, int]) -> str:
        return self.random.choices(list(shares), weights=list(shares.values()))[0]
