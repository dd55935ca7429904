"""Words that may be printed: approved, still in force, and still the text that was approved."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from xinglin.compliance.review import ReviewStatus, is_intact
from xinglin.content.models import ContentVersion, MediaAsset
from xinglin.content.rules.blocks import Block, parse
from xinglin.content.rules.kinds import ON_SITE, CaseScope, Kind, MediaKind
from xinglin.core.errors import NotFound
from xinglin.directory.queries import names_of_users


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovedText:
    """One approved version as a printed piece needs it; ``path`` is its public address, "" if it has none."""

    public_id: UUID
    item_id: int
    title: str
    summary: str
    page_class: str
    blocks: tuple[Block, ...]
    sources: tuple[str, ...]
    author: str
    reviewer: str
    approved_at: datetime | None
    text_hash: str
    certificate_no: str
    certificate_until: str
    path: str
    #: The picture that stands for the text; None without one, and beside an advertisement.
    cover: MediaAsset | None = None


def find_approved(organization_id: int, public_id: UUID, *, now: datetime) -> ApprovedText | None:
    """The version, if it may be printed at this moment; None when anything it rests on has ended."""
    version = _approved(organization_id, now).filter(public_id=public_id).first()
    if version is None or not is_intact(version, version.payload):
        return None
    if not _may_be_printed(version, timezone.localdate(now)):
        return None
    item, certificate = version.item, version.certificate
    authors = [f"{person.name} {person.title}".strip() for person in version.authors.all()]
    names = names_of_users(user for user in (version.created_by_id, version.approved_by_id) if user)
    is_public = item.published_id == version.pk and item.kind in ON_SITE
    return ApprovedText(
        public_id=version.public_id,
        item_id=version.item_id,
        title=version.title,
        summary=version.summary,
        page_class=version.page_class,
        blocks=tuple(block for block in parse(version.body) if not block.media),
        sources=tuple(line.strip() for line in version.sources.splitlines() if line.strip()),
        author="、".join(authors) or names.get(version.created_by_id or 0, ""),
        reviewer=version.medical_reviewer.name
        if version.medical_reviewer
        else names.get(version.approved_by_id or 0, ""),
        approved_at=version.approved_at,
        text_hash=version.content_hash,
        certificate_no=certificate.number if certificate else "",
        certificate_until=certificate.valid_to.isoformat() if certificate else "",
        path=f"/h/{version.organization.slug}/p/{item.slug}/" if is_public else "",
        cover=_cover(version),
    )


def _cover(version: ContentVersion) -> MediaAsset | None:
    """The cover as it can be printed: a model by what stands in its place, an archived picture not at all.

    An advertisement shows what its sample has (医疗广告管理办法第十七条), and the sample is words.
    """
    cover = version.cover
    if cover is None or cover.is_archived or version.page_class == "ad":
        return None
    return cover.poster if cover.is_model else cover


def approved_hashes(organization_id: int, public_ids: Iterable[UUID], *, now: datetime) -> Mapping[UUID, str]:
    """What those of these versions say that may be printed at this moment; read as a set."""
    today = timezone.localdate(now)
    return {
        version.public_id: version.content_hash
        for version in _approved(organization_id, now).filter(public_id__in=set(public_ids))
        if is_intact(version, version.payload) and _may_be_printed(version, today)
    }


def get_approved(organization_id: int, public_id: UUID, *, now: datetime) -> ApprovedText:
    """Like ``find_approved``; NotFound instead of None."""
    found = find_approved(organization_id, public_id, now=now)
    if found is None:
        raise NotFound
    return found


def list_approved(
    organization_id: int, *, now: datetime, text: str = "", without: UUID | None = None
) -> QuerySet[ContentVersion]:
    """Versions to choose from, the newest first; see ``printable`` for which of them. ``without`` leaves out
    the one chosen already."""
    rows = _approved(organization_id, now).filter(approved_at__isnull=False)
    if text:
        rows = rows.filter(title__icontains=text)
    found: QuerySet[ContentVersion] = rows.exclude(public_id=without) if without else rows
    return found.order_by("-approved_at", "-id")


def printable(versions: Iterable[ContentVersion], *, now: datetime) -> list[ContentVersion]:
    """Those of some approved versions that may be printed."""
    today = timezone.localdate(now)
    return [version for version in versions if _may_be_printed(version, today)]


def _may_be_printed(version: ContentVersion, today: date) -> bool:
    """An advertisement in printed matter its certificate names; a patient's story with leave to print it."""
    if version.page_class == "ad":
        certificate = version.certificate
        if certificate is None or certificate.withdrawn_at is not None:
            return False
        in_force = certificate.valid_from <= today <= certificate.valid_to
        return in_force and MediaKind.PRINTED in certificate.media_kinds
    leaves = list(version.item.authorisations.all())
    if version.item.kind == Kind.CASE_STORY and not leaves:
        return False
    return all(leave.is_in_force(today) and CaseScope.PRINT in leave.scope for leave in leaves)


def _approved(organization_id: int, now: datetime) -> Any:
    today = timezone.localdate(now)
    rows = ContentVersion.objects.filter(
        Q(valid_until__isnull=True) | Q(valid_until__gte=today),
        organization_id=organization_id,
        status=ReviewStatus.APPROVED,
        item__retracted_at__isnull=True,
    ).exclude(item__kind=Kind.MESSAGE_TEXT)
    joined = rows.select_related("item", "medical_reviewer", "certificate", "organization", "cover__poster")
    return joined.prefetch_related("authors", "item__authorisations")
