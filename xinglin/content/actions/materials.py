"""Printed pieces: made of approved words only, in a job; never given out once the approval has ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.compliance import review
from xinglin.compliance.review import Part, TextBlocked
from xinglin.content import brand, queries
from xinglin.content.actions.links import close_short_link, create_short_link, url_of
from xinglin.content.models import Material
from xinglin.content.permissions import Permission
from xinglin.content.queries.approved import ApprovedText
from xinglin.content.rules import brand as rules
from xinglin.core import audit, jobs
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, NotFound
from xinglin.directory.queries import get_own_organization, hospital_id

JOB = "content.render_material"
#: The brand check says that the words left no room for the cover.
NO_ROOM = "BRAND-COVER-NO-ROOM"


class NotInForce(Conflict):
    """The words on the piece are no longer approved."""

    code = "not-in-force"
    default = _("这份物料上的文字已经不在批准状态（过期、撤下或改过），不能再下载；请撤下已张贴的")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What somebody wants printed; ``source`` is the approved version's public id."""

    template: str
    source: UUID
    placement: str = ""
    language: str = "zh-hans"
    campaign_id: int | None = None


def preview_material(*, actor: Actor, order: Order, now: datetime) -> list[bytes]:
    """The piece as pictures for the screen; its code leads to the page uncounted. Nothing is kept.

    Raises NotFound for words that are not approved, TooLong.
    """
    require(actor, Permission.VIEW_BRAND)
    text = queries.get_approved(hospital_id(actor), order.source, now=now)
    values = brand.arrange(_piece(actor, text, order, qr_url=_sample_url(text)))
    return _fitted(brand.template_of(order.template), values, made_at=now)[1]


@transaction.atomic
def create_material(*, actor: Actor, order: Order, now: datetime) -> Material:
    """Take a piece into work: brand check, code, then a job that sets it.

    Raises NotFound for words that are not approved, TextBlocked where the whole piece may not go out.
    """
    require(actor, Permission.MAKE_MATERIAL)
    template = brand.template_of(order.template)
    text = queries.get_approved(hospital_id(actor), order.source, now=now)
    material = Material(
        organization_id=hospital_id(actor),
        title=text.title,
        template=template.code,
        page_class=text.page_class,
        source_kind="version",
        source_id=text.public_id,
        source_hash=text.text_hash,
        certificate_no=text.certificate_no,
        placement=order.placement.strip()[:80],
        language=order.language if order.language in {"zh-hans", "en"} else "zh-hans",
        logo=queries.current_logo(hospital_id(actor)),
        created_by_id=actor.user_id,
    )
    values = brand.arrange(_piece(actor, text, order, qr_url=_sample_url(text)))
    _refuse_unlawful(values, text, now=now)
    material.checks = [finding.as_dict() for finding in check_values(values, actor=actor)]
    if text.page_class in brand.WAYS_ALLOWED:
        label = f"{text.title} {template.name} {material.placement}".strip()
        material.link = create_short_link(
            actor=actor,
            path=text.path or f"/h/{get_own_organization(actor).slug}/",
            label=label,
            campaign_id=order.campaign_id,
            content_id=text.item_id,
            now=now,
        )
    material.save()
    _enqueue(material, actor=actor)
    audit.record(
        actor, "content.material.created", material, at=now, label=material.title, **material.as_fact()
    )
    return material


def render_material(*, material_id: int, now: datetime) -> Material | None:
    """Set the files of a piece; None when it is gone or withdrawn. Running it twice makes the same files."""
    material = Material.objects.select_related("link", "logo").filter(pk=material_id).first()
    if material is None or material.state == Material.State.WITHDRAWN:
        return None
    actor = Actor.system(material.organization_id, "content")
    text = queries.find_approved(material.organization_id, material.source_id, now=now)
    if text is None or text.text_hash != material.source_hash:
        return _fail(material, str(NotInForce.default))
    order = Order(template=material.template, source=material.source_id, language=material.language)
    qr = url_of(material.link) if material.link else ""
    values = brand.arrange(
        _piece(actor, text, order, qr_url=qr, logo=material.logo.svg if material.logo else "")
    )
    template = brand.template_of(material.template)
    made_at = text.approved_at or now
    folder = queries.folder_of(material)
    try:
        fitting, small = _fitted(template, values, made_at=made_at)
        pdf = brand.render(template, fitting, form="pdf", made_at=made_at)[0]
        pictures = brand.render(template, fitting, form="png", made_at=made_at)
    except brand.TooLong as error:
        return _fail(material, str(error))
    checks = [check for check in material.checks if check["rule"] != NO_ROOM]
    if fitting["cover"] != values["cover"]:
        why, fix = _("文字多，封面放不下，省去了"), _("要放封面，换大些的版式，或把文章精简后重新送审")
        checks.append(rules.BrandFinding(NO_ROOM, "warn", str(why), str(fix)).as_dict())
    files = {"piece.pdf": pdf}
    files |= {f"piece-{n}.png": data for n, data in enumerate(pictures, 1)}
    files |= {f"preview-{n}.png": data for n, data in enumerate(small, 1)}
    for name, data in files.items():
        draft = folder / f".{name}"
        draft.write_bytes(data)
        draft.replace(folder / name)
    Material.objects.filter(pk=material.pk).exclude(state=Material.State.WITHDRAWN).update(
        state=Material.State.READY,
        rendered_at=now,
        page_count=len(pictures),
        checks=checks,
        problem="",
        updated_at=now,
    )
    material.refresh_from_db()
    return material


@transaction.atomic
def withdraw_material(*, actor: Actor, public_id: UUID, reason: str, now: datetime) -> Material:
    """No more downloads; the code on printed copies says that it has ended."""
    material = queries.get_material(actor=actor, public_id=public_id)
    require(actor, Permission.MAKE_MATERIAL, material.organization_id)
    if material.link is not None:
        close_short_link(actor=actor, public_id=material.link.public_id, now=now)
    material.state = Material.State.WITHDRAWN
    material.save(update_fields=["state", "updated_at"])
    audit.record(actor, "content.material.withdrawn", material, at=now, label=material.title, reason=reason)
    return material


@transaction.atomic
def retry_material(*, actor: Actor, public_id: UUID, now: datetime) -> Material:
    """Set a piece again that was not done. Raises NotInForce."""
    material = queries.get_material(actor=actor, public_id=public_id)
    require(actor, Permission.MAKE_MATERIAL, material.organization_id)
    if not queries.is_in_force(material, now=now):
        raise NotInForce
    material.state = Material.State.WAITING
    material.save(update_fields=["state", "updated_at"])
    _enqueue(material, actor=actor)
    return material


def take_material(*, actor: Actor, public_id: UUID, form: str, page: int, now: datetime) -> Any:
    """The file to download. Raises NotInForce once the words on it are no longer approved, NotFound."""
    material = queries.get_material(actor=actor, public_id=public_id)
    if form != "preview":
        if not queries.is_in_force(material, now=now):
            raise NotInForce
        audit.record(actor, "content.material.taken", material, at=now, label=material.title, form=form)
    return queries.file_of(material, form=form, page=page)


def check_values(values: dict[str, Any], *, actor: Actor) -> list[rules.BrandFinding]:
    """The brand check of a piece of our own making: what it is printed with, and whose name is on it."""
    kit = queries.find_kit(hospital_id(actor))
    used = dict.fromkeys(values["kit"].values(), 1.0)
    current = queries.current_logo(hospital_id(actor))
    missing = []
    if current is None:
        missing = [
            rules.BrandFinding(
                "BRAND-LOGO-NONE",
                "warn",
                str(_("还没有登记医院标志，用的是杏花")),
                str(_("到「品牌」上传标志")),
            )
        ]
    return [
        *missing,
        *rules.check_colours(used, kit.colours if kit else []),
        *rules.check_names(brand.plain_text_of(values), queries.names_of_hospital(actor=actor)),
    ]


def _piece(actor: Actor, text: ApprovedText, order: Order, *, qr_url: str, logo: str = "") -> brand.Piece:
    hospital = get_own_organization(actor)
    kit = queries.find_kit(hospital.pk)
    colours = {role: kit.colour(role) for role in ("primary", "accent", "ink", "paper")} if kit else {}
    current = queries.current_logo(hospital.pk)
    return brand.Piece(
        page_class=text.page_class,
        title=text.title,
        summary=text.summary,
        blocks=text.blocks,
        sources=text.sources,
        author=text.author,
        reviewer=text.reviewer,
        updated=timezone.localtime(text.approved_at).date().isoformat() if text.approved_at else "",
        hospital_name=hospital.name,
        first_name=hospital.first_name,
        phone=hospital.phone,
        address=hospital.address,
        certificate_no=text.certificate_no,
        certificate_until=text.certificate_until,
        qr_url=qr_url,
        logo=logo or (current.svg if current else ""),
        cover=_cover(text, order.template),
        cover_alt=text.cover.alt if text.cover else "",
        colours={role: value for role, value in colours.items() if value},
        lang=order.language,
    )


def _fitted(
    template: brand.Template, values: dict[str, Any], *, made_at: datetime
) -> tuple[dict[str, Any], list[bytes]]:
    """The values that fit the format, and the piece for the screen: words go before the picture.

    Raises TooLong.
    """
    try:
        return values, brand.render(template, values, form="png", made_at=made_at, is_preview=True)
    except brand.TooLong:
        if values["cover"] is None:
            raise
    bare = {**values, "cover": None}
    return bare, brand.render(template, bare, form="png", made_at=made_at, is_preview=True)


def _cover(text: ApprovedText, template: str) -> str:
    """The cover cut for the format; "" without one, or where its file is gone or opens no more."""
    if text.cover is None:
        return ""
    try:
        return brand.cover_for(template, queries.media_path(text.cover).read_bytes())
    except (NotFound, OSError):
        return ""


def _refuse_unlawful(values: dict[str, Any], text: ApprovedText, *, now: datetime) -> None:
    """The whole piece, frame included, as the checker sees it: the text alone was approved before."""
    meta: dict[str, Any] = {"page_class": text.page_class, "publish_at": now.isoformat()}
    if text.page_class == "ad":
        meta["ad_cert"] = {"no": text.certificate_no, "valid_to": text.certificate_until}
    words = brand.plain_text_of(values)
    judgement = review.judge_parts([Part(key="piece", kind="web_page", text=words, meta=meta)], now=now)
    if judgement.verdict == "block":
        worst = [finding.message for _part, finding in judgement.findings if finding.severity == "block"]
        raise TextBlocked(fields={"source": worst[:3]})


def _sample_url(text: ApprovedText) -> str:
    return f"{settings.PUBLIC_URL}{text.path or '/k/' + '2' * 8}"


def _enqueue(material: Material, *, actor: Actor) -> None:
    job = jobs.enqueue(
        JOB,
        {"material": material.pk},
        actor=actor,
        title=str(_("生成物料 %(title)s") % {"title": material.title}),
        dedupe_key=f"{JOB}:{material.pk}",
    )
    Material.objects.filter(pk=material.pk).update(job_id=job.public_id)
    material.job_id = job.public_id


def _fail(material: Material, problem: str) -> Material:
    material.state, material.problem = Material.State.FAILED, problem[:300]
    material.save(update_fields=["state", "problem", "updated_at"])
    return material


def url_for(material: Material) -> str:
    """The page of a piece."""
    return reverse("content:material-detail", args=[material.public_id])
