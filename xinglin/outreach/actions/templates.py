"""Writing a template, having it reviewed, taking it out of use."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from xinglin.compliance import review
from xinglin.compliance.review import Judgement, Part, ReviewStatus
from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, Invalid
from xinglin.outreach.models import MessageTemplate, TemplateVersion
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries import templates as queries
from xinglin.outreach.rules.template_text import KNOWN, compose, unknown_names

CHANNELS = ("sms", "email", "wechat", "miniapp", "wecom", "inapp", "phone", "letter")
_CUSTOM_NAME = re.compile(r"[\w\u4e00-\u9fff]{1,20}")


@transaction.atomic
def create_template(
    *,
    actor: Actor,
    name: str,
    purpose: str,
    bodies: Mapping[str, Mapping[str, str]],
    variables: Mapping[str, str] | None = None,
    category: str = "",
    landing_page_id: UUID | None = None,
    at_least_once: bool = False,
    now: datetime,
) -> TemplateVersion:
    """A template with its first draft. Raises Invalid with the fields at fault; nothing is saved then.

    ``at_least_once``: see ``MessageTemplate``; of a service template alone.
    """
    require(actor, Permission.EDIT_TEMPLATE)
    _check_repeats(purpose, at_least_once)
    facts = checked(name=name, purpose=purpose, bodies=bodies, variables=variables or {})
    assert actor.organization_id is not None
    template = MessageTemplate.objects.create(
        organization_id=actor.organization_id,
        name=facts["name"],
        purpose=purpose,
        category=category.strip(),
        channels=list(facts["bodies"]),
        at_least_once=at_least_once,
    )
    version = new_version(template, None, facts, _page(actor, landing_page_id), actor=actor)
    audit.record(actor, "outreach.template.created", template, at=now, label=template.name)
    return version


@transaction.atomic
def save_draft(
    *,
    actor: Actor,
    public_id: UUID | str,
    seen_hash: str,
    name: str,
    purpose: str,
    bodies: Mapping[str, Mapping[str, str]],
    variables: Mapping[str, str] | None = None,
    category: str = "",
    landing_page_id: UUID | None = None,
    at_least_once: bool | None = None,
    now: datetime,
) -> TemplateVersion:
    """Keep a changed text: in the draft, or as a new version where the old one has left the desk.

    A version that waits for review is taken back by this. ``seen_hash`` is the text the editor started
    from; Conflict when somebody else has written meanwhile, Invalid with the fields at fault. Whether it is
    sent ``at_least_once`` belongs to the template and holds at once; None leaves it as it is.
    """
    require(actor, Permission.EDIT_TEMPLATE)
    template = queries.get_template(actor=actor, public_id=public_id, lock=True)
    latest = queries.latest_version(template)
    if latest.content_hash != seen_hash:
        raise Conflict(_("别人刚刚改过这个模板，请刷新后再改，您写的还在这页上"))
    repeats = template.at_least_once and purpose == "service" if at_least_once is None else at_least_once
    _check_repeats(purpose, repeats)
    facts = checked(name=name, purpose=purpose, bodies=bodies, variables=variables or {})
    if repeats != template.at_least_once:
        template.at_least_once = repeats
        audit.record(
            actor, "outreach.template.changed", template, at=now, label=template.name, at_least_once=repeats
        )
    page = _page(actor, landing_page_id)
    template.name, template.purpose, template.category = facts["name"], purpose, category.strip()
    template.channels = list(facts["bodies"])
    draft = TemplateVersion(
        template=template, bodies=facts["bodies"], variables=facts["variables"], landing_page=page
    )
    draft.refresh_hash()
    if draft.content_hash == latest.content_hash:
        template.save(update_fields=["name", "category", "at_least_once", "updated_at"])
        latest.template = template
        return latest
    fields = ["name", "purpose", "category", "channels", "at_least_once", "updated_at"]
    template.save(update_fields=fields)
    if latest.status == ReviewStatus.DRAFT:
        latest.bodies, latest.variables = facts["bodies"], facts["variables"]
        latest.landing_page, latest.verdict = page, {}
        latest.template = template
        review.note_author(latest, actor)
        latest.refresh_hash()
        latest.save()
        return latest
    if latest.status == ReviewStatus.IN_REVIEW:
        review.withdraw(latest)
    version = new_version(template, latest, facts, page, actor=actor)
    audit.record(
        actor, "outreach.template.changed", template, at=now, label=template.name, number=version.number
    )
    return version


@transaction.atomic
def submit_template(*, actor: Actor, public_id: UUID | str, seen_hash: str, now: datetime) -> TemplateVersion:
    """Send the draft to review. Raises Conflict or TextBlocked."""
    require(actor, Permission.EDIT_TEMPLATE)
    template, version = _locked(actor, public_id)
    review.submit(version, actor=actor, seen_hash=seen_hash, judgement=judge(version, now=now), now=now)
    audit.record(
        actor, "outreach.template.submitted", template, at=now, label=template.name, number=version.number
    )
    return version


@transaction.atomic
def approve_template(
    *,
    actor: Actor,
    public_id: UUID | str,
    seen_hash: str,
    evidence: str = "",
    valid_from: date | None = None,
    valid_until: date | None = None,
    now: datetime,
) -> TemplateVersion:
    """Allow the wording with hash ``seen_hash`` from ``valid_from`` on, to the end of ``valid_until``.

    Earlier approved versions are retired; where it begins later, they hold until then. Raises Invalid
    (dates), Conflict (another text by now), SamePerson, TextBlocked or EvidenceNeeded.
    """
    require(actor, Permission.APPROVE_TEMPLATE)
    template, version = _locked(actor, public_id)
    zone = ZoneInfo(template.organization.timezone)
    _check_dates(valid_from, valid_until, today=now.astimezone(zone).date())
    review.approve(
        version,
        actor=actor,
        seen_hash=seen_hash,
        judgement=judge(version, now=now),
        evidence=evidence,
        now=now,
    )
    version.valid_from = _midnight(valid_from, zone)
    version.valid_until = _midnight(valid_until and valid_until + timedelta(days=1), zone)
    version.save(update_fields=["valid_from", "valid_until", "updated_at"])
    older = template.versions.filter(status=ReviewStatus.APPROVED).exclude(pk=version.pk)
    if version.valid_from is not None and version.valid_from > now:
        replaced = older.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=version.valid_from))
        replaced.update(valid_until=version.valid_from, updated_at=now)
    else:
        for one in older:
            review.retire(one)
    audit.record(
        actor,
        "outreach.template.approved",
        template,
        at=now,
        label=template.name,
        number=version.number,
        content_hash=version.content_hash,
        valid_from=valid_from or "",
        valid_until=valid_until or "",
    )
    return version


def _check_repeats(purpose: str, at_least_once: bool) -> None:
    if at_least_once and purpose != "service":
        raise Invalid(fields={"at_least_once": [_("只有服务消息可以再发，营销消息最多发一次")]})


def _check_dates(first: date | None, last: date | None, *, today: date) -> None:
    if last is not None and first is not None and last < first:
        raise Invalid(fields={"valid_until": [_("最后一天不能早于第一天")]})
    if last is not None and last < today:
        raise Invalid(fields={"valid_until": [_("最后一天已经过了")]})


def _midnight(day: date | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(day, time(), tzinfo=zone) if day else None


@transaction.atomic
def reject_template(
    *, actor: Actor, public_id: UUID | str, seen_hash: str, reason: str, now: datetime
) -> TemplateVersion:
    """Send a version back with a reason. Raises Conflict, SamePerson or Invalid."""
    require(actor, Permission.APPROVE_TEMPLATE)
    template, version = _locked(actor, public_id)
    review.reject(version, actor=actor, seen_hash=seen_hash, reason=reason, now=now)
    audit.record(
        actor,
        "outreach.template.rejected",
        template,
        at=now,
        label=template.name,
        reason=reason,
        number=version.number,
    )
    return version


@transaction.atomic
def archive_template(*, actor: Actor, public_id: UUID | str, now: datetime) -> MessageTemplate:
    """Take a template out of use: nothing new is sent with it; its history stays."""
    require(actor, Permission.EDIT_TEMPLATE)
    template = queries.get_template(actor=actor, public_id=public_id, lock=True)
    template.is_archived = True
    template.save(update_fields=["is_archived", "updated_at"])
    audit.record(actor, "outreach.template.archived", template, at=now, label=template.name)
    return template


@transaction.atomic
def restore_template(*, actor: Actor, public_id: UUID | str, now: datetime) -> MessageTemplate:
    """Undo of archiving."""
    require(actor, Permission.EDIT_TEMPLATE)
    template = queries.get_template(actor=actor, public_id=public_id, lock=True)
    template.is_archived = False
    template.save(update_fields=["is_archived", "updated_at"])
    audit.record(actor, "outreach.template.restored", template, at=now, label=template.name)
    return template


def judge(version: TemplateVersion, *, now: datetime) -> Judgement:
    """The verdict over every channel's finished text, with example values in the variables."""
    return review.judge_parts(parts_of(version), now=now, organization_id=version.organization_id)


def parts_of(version: TemplateVersion) -> list[Part]:
    """Every channel's text as a recipient would get it."""
    purpose = version.template.purpose
    hospital = version.template.organization.display_name
    values = {**{name: str(sample) for name, (_label, sample) in KNOWN.items()}, **_defaults(version)}
    values["院名"] = hospital
    meta = {"purpose": "service" if purpose == "service" else "marketing", "consent": True}
    parts = []
    for channel, body in version.bodies.items():
        composed = compose(
            channel=channel,
            subject=body.get("subject", ""),
            body=body.get("body", ""),
            variables=values,
            hospital=hospital,
            purpose=purpose,
            unsubscribe_url="https://example.org/u/x",
        )
        text = f"{composed.subject}\n{composed.text}" if composed.subject else composed.text
        parts.append(Part(key=channel, kind="sms", text=text, meta=meta))
    return parts


def _defaults(version: TemplateVersion) -> dict[str, str]:
    return {
        name: str(value.get("default", "") if isinstance(value, Mapping) else value or "")
        for name, value in (version.variables or {}).items()
    }


def _locked(actor: Actor, public_id: UUID | str) -> tuple[MessageTemplate, TemplateVersion]:
    template = queries.get_template(actor=actor, public_id=public_id, lock=True)
    return template, queries.latest_version(template)


def new_version(
    template: MessageTemplate,
    previous: TemplateVersion | None,
    facts: Mapping[str, Any],
    page: Any,
    *,
    actor: Actor,
) -> TemplateVersion:
    """The next draft of a template, after ``previous``, with the same text of the library as its source."""
    version = TemplateVersion(
        organization_id=template.organization_id,
        template=template,
        number=(previous.number if previous else 0) + 1,
        bodies=facts["bodies"],
        variables=facts["variables"],
        landing_page=page,
        source=previous.source if previous else None,
        created_by_id=actor.user_id,
        author_ids=[] if previous is None or previous.approved_at else list(previous.author_ids),
    )
    review.note_author(version, actor)
    version.refresh_hash()
    version.save()
    return version


def _page(actor: Actor, public_id: UUID | None) -> Any:
    if public_id is None:
        return None
    assert actor.organization_id is not None
    model = apps.get_model("content", "ContentItem")
    page = model._default_manager.filter(organization_id=actor.organization_id, public_id=public_id).first()
    if page is None:
        raise Invalid(fields={"landing_page": [_("没有这个页面")]})
    return page


def checked(
    *,
    name: str,
    purpose: str,
    bodies: Mapping[str, Mapping[str, str]],
    variables: Mapping[str, str],
) -> dict[str, Any]:
    """The text in its stored form; Invalid names every field at fault, and unknown variables by name."""
    errors: dict[str, list[object]] = {}
    if not name.strip():
        errors["name"] = [_("请给模板起个名字")]
    if purpose not in MessageTemplate.Purpose.values:
        errors["purpose"] = [_("请选营销或服务")]
    custom = {key.strip(): {"default": str(value).strip()} for key, value in variables.items() if key.strip()}
    for key, value in custom.items():
        if key in KNOWN or not _CUSTOM_NAME.fullmatch(key):
            errors.setdefault("variables", []).append(
                _("变量名「%(name)s」不能用：只用汉字、字母、数字，且不与自带变量重名") % {"name": key}
            )
        elif not value["default"]:
            errors.setdefault("variables", []).append(_("变量「%(name)s」要有默认值") % {"name": key})
    kept: dict[str, dict[str, str]] = {}
    for channel in CHANNELS:
        parts = bodies.get(channel) or {}
        body, subject = str(parts.get("body", "")).strip(), str(parts.get("subject", "")).strip()
        if not body:
            continue
        kept[channel] = {"subject": subject, "body": body} if channel == "email" else {"body": body}
        if channel == "email" and not subject:
            errors["email_subject"] = [_("邮件要有标题")]
        for unknown in unknown_names(f"{subject}\n{body}", custom=custom):
            errors.setdefault(f"{channel}_body", []).append(
                _("没有「%(name)s」这个变量，可以用的有：%(known)s")
                % {"name": unknown, "known": _("、").join([*KNOWN, *custom])}
            )
    if not kept and "bodies" not in errors:
        errors["bodies"] = [_("至少写一个渠道的正文")]
    if errors:
        raise Invalid(fields=errors)
    return {"name": name.strip(), "bodies": kept, "variables": custom}
