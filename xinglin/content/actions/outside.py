"""What a publishing sheet's channel may be given, asked again at the moment it is handed over."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.compliance import review
from xinglin.content import queries
from xinglin.content.actions.judging import check_proofs, check_scope, judge_version
from xinglin.content.actions.workflow import NotApproved, NotLive, check_live
from xinglin.content.models import ContentVersion, MediaAsset, Placement
from xinglin.content.rules.article import as_html
from xinglin.content.rules.blocks import Block, parse
from xinglin.content.rules.kinds import Kind
from xinglin.content.rules.page_class import PageClass
from xinglin.content.rules.plain import as_plain
from xinglin.core.actor import Actor
from xinglin.core.errors import Conflict, DomainError, NotFound
from xinglin.directory.queries import get_own_organization


class RulesChanged(DomainError):
    code, status = "rules-changed", 409
    default = gettext_lazy("按现在的规则，这篇有阻断的问题：请改写后重新送审")


class NotAMessage(Conflict):
    code, default = "not-a-message", gettext_lazy("只有「消息文案」能做成消息模板")


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageText:
    """An approved text for messages. ``channels`` are those of the item; ``author_ids`` all who wrote it."""

    organization_id: int
    item_id: int
    version_id: int
    number: int
    title: str
    text: str
    channels: tuple[str, ...]
    is_service: bool
    author_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetText:
    """An approved text for one channel. ``html`` names its pictures ``media:<id>``; ``cover`` is one of the
    library, None without any. ``source_url`` is the tracked link, "" where the class forbids a way here."""

    organization_id: int
    title: str
    author: str
    digest: str
    html: str
    source_url: str
    pictures: tuple[UUID, ...]
    cover: UUID | None
    text_hash: str


def text_of_sheet(*, placement_id: int, now: datetime) -> SheetText:
    """The text of a sheet, if it may still go out: approved, unchanged, its papers and permissions in force,
    nothing in it that today's rules forbid.

    Raises NotFound, NotApproved, NotLive, NoAuthorisation, RulesChanged and what ``check_proofs`` raises.
    """
    sheet = (
        Placement.objects.select_related("version", "version__certificate").filter(pk=placement_id).first()
    )
    if sheet is None:
        raise NotFound
    version = sheet.version
    actor = Actor.system(version.organization_id, "content.sheet")
    if version.content_hash != sheet.text_hash:
        raise NotApproved
    if sheet.remove_asked_at is not None:
        raise NotLive
    _check(version, [sheet.channel], actor=actor, now=now)
    return _text(version, sheet, actor)


def text_for_messages(*, actor: Actor, public_id: UUID, now: datetime) -> MessageText:
    """The words of an approved version for message templates, asked again whether they may still be used.

    Locks the version. Raises NotFound, NotAMessage, NotApproved (an older one too), NotLive,
    NoAuthorisation, RulesChanged and what ``check_proofs`` raises.
    """
    version = queries.get_version(actor=actor, public_id=public_id, lock=True)
    item = version.item
    if item.kind != Kind.MESSAGE_TEXT:
        raise NotAMessage
    approved = item.versions.filter(status=review.ReviewStatus.APPROVED, number__gt=version.number)
    if approved.exists():
        raise NotApproved(_("已经批准了更新的一版，请用那一版"))
    house = Actor.system(version.organization_id, "content.messages")
    _check(version, item.channels, actor=house, now=now)
    return MessageText(
        organization_id=version.organization_id,
        item_id=item.pk,
        version_id=version.pk,
        number=version.number,
        title=version.title,
        text=words_for_messages(version),
        channels=tuple(item.channels),
        is_service=version.page_class == PageClass.SERVICE,
        author_ids=tuple(version.author_ids or ()),
    )


def words_for_messages(version: ContentVersion) -> str:
    """What a message made from this text says: a way to book is the template's own link."""
    hospital = get_own_organization(Actor.system(version.organization_id, "content.messages"))
    ways = {
        "booking": "{{链接}}",
        "doctors": "{{链接}}",
        "phone": f"{_('电话')} {hospital.phone}" if hospital.phone else "",
        "address": f"{_('地址')} {hospital.address}" if hospital.address else "",
    }
    return as_plain(parse(version.body), ways=ways)


def _check(version: ContentVersion, channels: Iterable[str], *, actor: Actor, now: datetime) -> None:
    if not review.is_intact(version, version.payload):
        raise NotApproved
    check_live(version, now=now)
    check_proofs(version, actor=actor, now=now)
    for channel in channels:
        check_scope(version, channel)
    if judge_version(version, actor=actor, now=now).verdict == "block":
        raise RulesChanged


def _text(version: ContentVersion, sheet: Placement, actor: Actor) -> SheetText:
    hospital = get_own_organization(actor)
    is_science = version.page_class == PageClass.SCIENCE
    library = {str(row.public_id): row for row in queries.pictures_of(version)}
    blocks = list(_flat(version, library))
    wanted = [library[block.media].public_id for block in blocks if block.media in library]
    source_url = "" if is_science else queries.short_url(sheet.code)
    ways = {
        "booking": _("点左下角「阅读原文」预约"),
        "doctors": _("点左下角「阅读原文」看医生和号源"),
        "phone": f"{_('电话')} {hospital.phone}" if hospital.phone else "",
        "address": f"{_('地址')} {hospital.address}" if hospital.address else "",
    }
    foot = [line.strip() for line in version.sources.splitlines() if line.strip()]
    foot = [f"{_('出处')}：{'；'.join(foot)}"] if foot else []
    if version.page_class == PageClass.AD and version.certificate is not None:
        foot.append(f"{hospital.first_name or hospital.name}　{version.certificate.number}")
    cover = version.cover if version.cover and not version.cover.is_archived else None
    return SheetText(
        organization_id=version.organization_id,
        title=version.title,
        author="、".join(person.name for person in version.authors.all()[:3]),
        digest=version.summary[:120],
        html=as_html(blocks, ways=ways, below=_credits(library.values()), foot=foot),
        source_url=source_url,
        pictures=tuple(dict.fromkeys(wanted)),
        cover=cover.public_id if cover else next(iter(wanted), None),
        text_hash=version.content_hash,
    )


def _flat(version: ContentVersion, library: Mapping[str, MediaAsset]) -> Iterator[Block]:
    """Blocks for where nothing can be turned: a 3D model gives way to its poster."""
    for block in parse(version.body):
        row = library.get(block.media)
        if block.kind == "model":
            if row and row.poster and not row.poster.is_archived:
                yield replace(block, kind="image", media=str(row.poster.public_id))
        elif not (block.is_way and version.page_class == PageClass.SCIENCE):
            yield block


def _credits(rows: object) -> dict[str, str]:
    """Who made a picture; one that a machine made says so (人工智能生成合成内容标识办法第四条)."""
    found = {}
    for row in rows:  # type: ignore[attr-defined]
        made = f"（{_('AI 生成')}）" if row.licence == MediaAsset.Licence.AI else ""
        found[str(row.public_id)] = f"{row.source}{made}"
    return found
