"""What the rules, the certificate and the patient's permission say of a version, before any review."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.compliance import review
from xinglin.compliance.review import Judgement, Part
from xinglin.content import queries
from xinglin.content.actions.pictures import judge_pictures
from xinglin.content.models import AdCertificate, ContentVersion, MediaAsset
from xinglin.content.rules.anonymity import Trace
from xinglin.content.rules.blocks import has_links, media_of, parse, plain_text
from xinglin.content.rules.kinds import (
    CHECKED_AS,
    MEDIUM_OF,
    SCOPE_OF,
    CaseScope,
    Channel,
    Kind,
    MediaKind,
)
from xinglin.content.rules.page_class import PageClass
from xinglin.content.rules.sample import Deviation, compare
from xinglin.core.actor import Actor
from xinglin.core.errors import DomainError, Invalid
from xinglin.directory.queries import get_own_organization


class WayOnSciencePage(DomainError):
    code, status = "way-on-science-page", 422
    default = _(
        "科普不能放预约、医生、电话、地址和链接（互联网广告管理办法第八条）。去掉这些，或把类别改成「信息公开」。"
    )


class NoCertificate(DomainError):
    code, status = "no-ad-certificate", 422
    default = _(
        "医疗广告要有在有效期内的审查证明（广告法第四十六条、医疗广告管理办法第三、十三条）。"
        "请在「内容 → 审查证明」登记，在编辑页选上，或把类别改成「信息公开」。"
    )


class NotAsApproved(DomainError):
    code, status = "not-as-approved", 422
    default = _("与审查证明的样件不一致（医疗广告管理办法第十七条），请改回，或重新申请审查证明")


class WrongMedium(DomainError):
    code, status = "wrong-medium", 422
    default = _("审查证明没有写这个媒体类别（医疗广告管理办法第十七条），不能在这里发")


class NoAuthorisation(DomainError):
    code, status = "no-case-authorisation", 422
    default = _(
        "病例故事要有患者的书面授权，并且在有效期内（民法典第一千零一十九条、第一千二百二十六条）。"
        "请先登记授权，再选上。"
    )


class StoryIsScience(DomainError):
    code, status = "story-is-science", 422
    default = _(
        "讲患者经历的内容只能作健康科普，页面上不放任何入口：拿病例推荐本院的服务就是医疗广告（医疗广告认定指南第八条），"
        "而广告不能用患者作推荐、证明（广告法第十六条第一款第四项、医疗广告管理办法第七条第六项）。请把类别改成「健康科普」。"
    )


class Identifies(Invalid):
    code = "identifies-patient"
    default = _("文字里还能认出患者（民法典第一千二百二十六条），请改掉再送审")


class ConsentWithdrawn(DomainError):
    code, status = "consent-withdrawn", 422
    default = _("署名医生的专家计划停了，不能再用这个名字发")


class WrongPicture(Invalid):
    code = "wrong-picture"
    default = _("图片不在图片库里，或者要的同意不齐")


@dataclass(frozen=True, slots=True)
class Proofs:
    """What an advertisement or story rests on, looked at on a day."""

    deviations: tuple[Deviation, ...] = ()
    traces: tuple[Trace, ...] = ()


def judge_version(version: ContentVersion, *, actor: Actor, now: datetime) -> Judgement:
    """What the rules say of a version, read as it will be shown, and of the words in its pictures."""
    part = part_of(version, actor=actor, now=now)
    judgement = review.judge_parts([part], now=now, organization_id=version.organization_id)
    return judge_pictures(judgement, queries.pictures_of(version), like=part, now=now)


def part_of(version: ContentVersion, *, actor: Actor, now: datetime) -> Part:
    """The text of a version as readers see it, with the facts the rules ask for."""
    item = version.item
    hospital = get_own_organization(actor)
    text = plain_text(version.title, version.summary, version.body)
    meta: dict[str, Any] = {"page_class": version.page_class, "publish_at": now.isoformat()}
    if version.audience == "minor":
        meta["audience"] = "minor"
    if item.kind == Kind.CASE_STORY and item.pk:
        today = timezone.localdate(now)
        meta["patient_consent"] = any(row.is_in_force(today) for row in item.authorisations.all())
    if version.page_class == PageClass.AD:
        # The page's foot carries both, as 医疗广告管理办法第十四条 asks.
        certificate = version.certificate
        number = certificate.number if certificate else ""
        text += f"\n{hospital.first_name or hospital.name} {number}"
        meta["ad_cert"] = {
            "no": number,
            "valid_to": certificate.valid_to.isoformat() if certificate else "",
        }
    if item.kind == Kind.MESSAGE_TEXT:
        meta["purpose"] = "service" if version.page_class == PageClass.SERVICE else "marketing"
        # Signature and the way out are added when it is sent, as with every message template.
        text = f"【{hospital.first_name or hospital.name}】{text} 拒收请回复R"
    kind = CHECKED_AS.get(item.kind, "web_page")
    return Part(key="body", kind=kind, text=text, meta=meta)


def check_proofs(version: ContentVersion, *, actor: Actor, now: datetime) -> Proofs:
    """Refuse what a class or kind forbids whatever the words.

    Raises WayOnSciencePage, NoCertificate, WrongMedium, NotAsApproved, StoryIsScience, NoAuthorisation,
    Identifies, ConsentWithdrawn, WrongPicture.
    """
    today = timezone.localdate(now)
    _check_names(version, today=today)
    is_science = version.page_class == PageClass.SCIENCE
    if is_science and (any(block.is_way for block in parse(version.body)) or has_links(version.body)):
        raise WayOnSciencePage
    _check_pictures(version)
    deviations: tuple[Deviation, ...] = ()
    if version.page_class == PageClass.AD:
        deviations = _check_certificate(version, actor=actor, now=now)
    found: tuple[Trace, ...] = ()
    if version.item.kind == Kind.CASE_STORY or (version.item.pk and version.item.authorisations.exists()):
        found = _check_story(version, today=today)
    return Proofs(deviations, found)


def _check_names(version: ContentVersion, *, today: date) -> None:
    stopped = queries.withdrawn_consents(version, today=today)
    if not stopped:
        return
    raise ConsentWithdrawn(
        _(
            "%(name)s的专家计划停了，到 %(day)s 为止不能再用这个名字发（民法典第一千零一十二条）："
            "请本人同意新的计划，或在资料里换作者"
        )
        % {"name": stopped[0].doctor.name, "day": stopped[0].ends_on}
    )


def look_at_draft(version: ContentVersion, *, actor: Actor, now: datetime) -> list[str]:
    """What class and kind forbid, as sentences for the author; the row need not be saved."""
    try:
        check_proofs(version, actor=actor, now=now)
        for channel in version.item.channels if version.item.pk else ():
            check_scope(version, channel)
    except DomainError as error:
        texts = [text for group in error.fields.values() for text in group]
        return [str(error), *texts]
    return []


def deviations_of(
    certificate: AdCertificate, *, title: str, summary: str, body: str, hospital: Any
) -> list[Deviation]:
    """Where a text leaves the sample of a certificate."""
    return compare(
        text=plain_text(title, summary, body),
        sample=certificate.sample,
        first_name=hospital.first_name or hospital.name,
        number=certificate.number,
        contacts=(hospital.phone, hospital.address),
    )


def _check_certificate(version: ContentVersion, *, actor: Actor, now: datetime) -> tuple[Deviation, ...]:
    certificate = version.certificate
    if certificate is None or not certificate.is_in_force(timezone.localdate(now)):
        raise NoCertificate
    channels = version.item.channels or [Channel.SITE]
    if any(MEDIUM_OF.get(channel, MediaKind.WEB) not in certificate.media_kinds for channel in channels):
        raise WrongMedium
    found = deviations_of(
        certificate,
        title=version.title,
        summary=version.summary,
        body=version.body,
        hospital=get_own_organization(actor),
    )
    refused = [deviation for deviation in found if not deviation.is_tolerated]
    if refused:
        raise NotAsApproved(
            fields={"body": [f"「{deviation.text}」：{deviation.clause}" for deviation in refused[:8]]}
        )
    return tuple(found)


def _check_story(version: ContentVersion, *, today: Any) -> tuple[Trace, ...]:
    if version.page_class != PageClass.SCIENCE:
        raise StoryIsScience
    rows = list(version.item.authorisations.all()) if version.item.pk else []
    if not rows or not all(row.is_in_force(today) for row in rows):
        raise NoAuthorisation
    scopes = {code for row in rows for code in row.scope}
    if not all(CaseScope.TEXT in row.scope for row in rows):
        raise NoAuthorisation(_("授权书没有写「文字」，不能用作病例故事"))
    if CaseScope.FACE not in scopes and any(row.has_people for row in queries.pictures_of(version)):
        raise NoAuthorisation(_("图片里能认出人，授权书没有写「可辨认的面容」（民法典第一千零一十九条）"))
    found = queries.story_traces(version)
    if found:
        raise Identifies(fields={"body": [f"{trace.what}「{trace.quote}」" for trace in found[:8]]})
    return ()


def check_scope(version: ContentVersion, channel: str) -> None:
    """Refuse a channel that a patient's permission does not name. Raises NoAuthorisation."""
    item = version.item
    wanted = {SCOPE_OF.get(channel, CaseScope.SOCIAL)}
    if channel != Channel.SITE and item.kind in (Kind.VIDEO_SCRIPT, Kind.LIVESTREAM):
        wanted.add(CaseScope.VIDEO)
    for row in item.authorisations.all():
        missing = [code.label for code in CaseScope if code in wanted - set(row.scope)]
        if missing:
            raise NoAuthorisation(
                _(
                    "「%(label)s」的授权书没有写「%(scope)s」，不能发到%(channel)s"
                    "（个人信息保护法第十四条、第二十九条）；要发，先请患者补签，再登记一份授权"
                )
                % {
                    "label": row.label,
                    "scope": "、".join(map(str, missing)),
                    "channel": Channel(channel).label,
                }
            )


def _check_pictures(version: ContentVersion) -> None:
    wanted = set(media_of(version.body))
    if not wanted:
        return
    rows = MediaAsset.objects.filter(
        organization_id=version.organization_id, public_id__in=wanted, is_archived=False
    )
    known = {str(row.public_id): row for row in rows}
    missing = len(wanted) - len(known)
    if missing:
        raise WrongPicture(fields={"body": [_("正文里有 %(n)s 张图片不在图片库里") % {"n": missing}]})
    shown = [(block.kind, known[block.media]) for block in parse(version.body) if block.media in known]
    if any((kind == "model") != row.is_model for kind, row in shown):
        raise WrongPicture(fields={"body": [_("正文里把图片和三维模型弄混了，请从图片库重新插入")]})
    if any(kind == "panorama" and not row.is_panorama for kind, row in shown):
        raise WrongPicture(fields={"body": [_("正文里当作全景的图不是全景图，请改成普通图片")]})
