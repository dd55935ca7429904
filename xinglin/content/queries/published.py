"""What the public may see. Every door here asks the same question of the database and of the clock:

approved, published, still valid, the certificate in force, the patient's permission not withdrawn, and the
text still the one that was approved. Nothing that has lapsed a second ago is given out.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from xinglin.compliance.review import ReviewStatus, is_intact
from xinglin.content.models import (
    CaseAuthorisation,
    ContentItem,
    ContentTag,
    ContentVersion,
    MediaAsset,
)
from xinglin.content.rules.blocks import Block, parse
from xinglin.content.rules.kinds import ON_SITE, Kind
from xinglin.content.rules.page_class import PageClass
from xinglin.core.errors import NotFound
from xinglin.core.paging import slice_by_key
from xinglin.directory.queries import names_of_users

#: Texts held in memory at once where all of a site are gone through.
READ_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An author or reviewer as a page may name them (医疗广告认定指南第七条: name, title, department)."""

    public_id: UUID
    name: str
    title: str
    department: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture or 3D model of the library; served by ``portal:picture``."""

    public_id: UUID
    alt: str
    width: int
    height: int
    credit: str
    is_ai: bool
    is_panorama: bool = False
    is_model: bool = False
    poster: "Picture | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedItem:
    """What the public template is given: approved text only, ways only where the class allows them.

    ``certificate_no`` is to be stamped beside the hospital's first name on an advertisement.
    """

    pk: int
    public_id: UUID
    kind: str
    slug: str
    title: str
    summary: str
    page_class: str
    blocks: tuple[Block, ...]
    sources: tuple[str, ...]
    tags: tuple[str, ...]
    version: int
    department_id: int | None
    author: str
    authors: tuple[Person, ...]
    reviewer: str
    medical_reviewer: Person | None
    certificate_no: str
    certificate_until: date | None
    cover: Picture | None
    pictures: Mapping[str, Picture]
    audience: str
    care_stage: str
    related_service: str
    published_at: datetime | None
    updated_at: datetime | None
    valid_until: date | None

    @property
    def has_panorama(self) -> bool:
        """Whether there is something on it to look around in."""
        return any(picture.is_panorama for picture in self.pictures.values())

    @property
    def has_model(self) -> bool:
        """Whether there is something on it to turn."""
        return any(picture.is_model for picture in self.pictures.values())

    @property
    def files(self) -> list[UUID]:
        """Everything of the library that its page loads."""
        shown = [*self.pictures.values(), *([self.cover] if self.cover else [])]
        return [each.public_id for one in shown for each in (one, one.poster) if each]


@dataclass(frozen=True, slots=True)
class PublishedAddress:
    """Where a public text is, and since when it reads as it does."""

    slug: str
    changed_at: datetime | None


#: The name the class had when there were pages only.
PublishedPage = PublishedItem


@dataclass(frozen=True, slots=True)
class PublishedSlice:
    """One page of a public list; the cursors are "" where there is no neighbour."""

    items: tuple[PublishedItem, ...]
    next_cursor: str
    previous_cursor: str


def live(organization_id: int, *, now: datetime) -> QuerySet[ContentItem]:
    """Items that may be shown at this moment, in no order."""
    today = timezone.localdate(now)
    lapsed = CaseAuthorisation.objects.filter(items=OuterRef("pk")).filter(
        Q(revoked_at__isnull=False) | Q(valid_until__lt=today) | Q(signed_on__gt=today)
    )
    permitted = CaseAuthorisation.objects.filter(items=OuterRef("pk"))
    certified = Q(
        published__certificate__withdrawn_at__isnull=True,
        published__certificate__valid_from__lte=today,
        published__certificate__valid_to__gte=today,
    )
    rows: Any = ContentItem.objects.filter(
        Q(published__valid_until__isnull=True) | Q(published__valid_until__gte=today),
        ~Q(published__page_class=PageClass.AD) | certified,
        ~Q(kind=Kind.CASE_STORY) | Q(Exists(permitted), published__page_class=PageClass.SCIENCE),
        ~Exists(lapsed),
        organization_id=organization_id,
        published__status=ReviewStatus.APPROVED,
        published_at__lte=now,
    )
    found: QuerySet[ContentItem] = rows
    return found


def is_live(organization_id: int, item_id: int, *, now: datetime) -> bool:
    """Whether one item may be shown, and messages that lead to it may go."""
    return live(organization_id, now=now).filter(pk=item_id).exists()


def live_ids(organization_id: int, item_ids: Iterable[int], *, now: datetime) -> set[int]:
    """Which of these items may be shown; one query."""
    return set(live(organization_id, now=now).filter(pk__in=list(item_ids)).values_list("pk", flat=True))


def list_published(
    organization_id: int,
    *,
    kinds: Sequence[str] = (),
    page_class: str = "",
    department_id: int | None = None,
    tag: str = "",
    text: str = "",
    author_id: int | None = None,
    has_stories: bool = False,
    cursor: str = "",
    size: int = 20,
    now: datetime | None = None,
) -> PublishedSlice:
    """Public items, the newest first, by cursor; public, so without an actor.

    ``kinds`` empty means every kind that has a page on the site. ``has_stories`` also gives what tells of a
    patient; never beside a way to the hospital, or the story recommends it (医疗广告认定指南第八条).
    """
    moment = now or timezone.now()
    rows = live(organization_id, now=moment).filter(kind__in=list(kinds or ON_SITE))
    if not has_stories:
        papers = CaseAuthorisation.objects.filter(items=OuterRef("pk"))
        rows = rows.filter(~Q(kind=Kind.CASE_STORY), ~Exists(papers))
    if page_class:
        rows = rows.filter(published__page_class=page_class)
    if department_id is not None:
        rows = rows.filter(department_id=department_id)
    if tag:
        rows = rows.filter(Exists(ContentTag.objects.filter(item=OuterRef("pk"), word=tag)))
    if author_id is not None:
        rows = rows.filter(published__authors__pk=author_id)
    if text:
        rows = rows.filter(Q(published__title__icontains=text) | Q(published__summary__icontains=text))
    found, following, previous = slice_by_key(
        _joined(rows), order=("-published_at", "-id"), size=size, cursor=cursor
    )
    return PublishedSlice(tuple(_shown(found)), following, previous)


def get_published(organization_id: int, slug: str, *, now: datetime | None = None) -> PublishedItem:
    """One public item by its address; NotFound when it is not public, or no longer."""
    rows = live(organization_id, now=now or timezone.now()).filter(slug=slug, kind__in=ON_SITE)
    shown = _shown(list(_joined(rows)[:1]))
    if not shown:
        raise NotFound
    return shown[0]


def was_published(organization_id: int, slug: str) -> bool:
    """Whether there was something public at this address that is no longer: taken down or run out."""
    gone = Q(published__isnull=False) | Q(retracted_at__isnull=False)
    rows = ContentItem.objects.filter(gone, organization_id=organization_id, slug=slug, kind__in=ON_SITE)
    return rows.exists()


def published_tags(
    organization_id: int,
    *,
    kinds: Sequence[str] = (),
    page_class: str = "",
    now: datetime | None = None,
    limit: int = 40,
) -> list[tuple[str, int]]:
    """The words of public items with how many carry them, most used first; narrowed like
    ``list_published``, so that every word leads to something."""
    items = live(organization_id, now=now or timezone.now()).filter(kind__in=list(kinds or ON_SITE))
    if page_class:
        items = items.filter(published__page_class=page_class)
    rows = ContentTag.objects.filter(item__in=items.values("pk"))
    counted = rows.values("word").annotate(n=Count("item", distinct=True)).order_by("-n", "word")[:limit]
    return [(row["word"], row["n"]) for row in counted]


def titles_by_slug(organization_id: int, slugs: Collection[str]) -> Mapping[str, str]:
    """Titles of a hospital's pages by their address; those without a published version are left out."""
    rows = ContentItem.objects.filter(
        organization_id=organization_id, slug__in=slugs, published__isnull=False
    )
    return dict(rows.values_list("slug", "published__title"))


def published_addresses(
    organization_id: int, *, now: datetime | None = None, offset: int = 0, size: int | None = None
) -> Iterator[PublishedAddress]:
    """Addresses of everything public on the site, the oldest first, read in sets; all from ``offset`` on, or
    as many as ``size``."""
    rows = live(organization_id, now=now or timezone.now()).filter(kind__in=ON_SITE)
    found = rows.select_related("published").order_by("id")[offset : None if size is None else offset + size]
    for item in found.iterator(chunk_size=READ_AT_ONCE):
        version = item.published
        assert version is not None
        version.item = item
        if is_intact(version, version.payload):
            yield PublishedAddress(slug=item.slug, changed_at=version.approved_at or item.published_at)


def count_published(organization_id: int, *, now: datetime | None = None) -> int:
    """How many texts the site has; those that are not the approved ones any more count as well."""
    return live(organization_id, now=now or timezone.now()).filter(kind__in=ON_SITE).count()


#: The door's name when there were pages only.
get_published_page = get_published


def _joined(rows: QuerySet[ContentItem]) -> QuerySet[ContentItem]:
    joined = rows.select_related(
        "published",
        "published__certificate",
        "published__cover",
        "published__medical_reviewer",
        "published__medical_reviewer__department",
    )
    return joined.prefetch_related("tags", "published__authors", "published__authors__department")


def _shown(items: Sequence[ContentItem]) -> list[PublishedItem]:
    """As the public sees them; a text that is not the approved one is left out, whoever changed it."""
    versions = []
    for item in items:
        version = item.published
        assert version is not None
        version.item = item
        if is_intact(version, version.payload):
            versions.append(version)
    names = names_of_users(
        user for version in versions for user in (version.created_by_id, version.approved_by_id) if user
    )
    pictures = _pictures(versions)
    return [_item(version, names, pictures) for version in versions]


def _pictures(versions: Sequence[ContentVersion]) -> dict[str, Picture]:
    wanted = {block.media for version in versions for block in parse(version.body) if block.media}
    if not wanted:
        return {}
    owners = {version.organization_id for version in versions}
    rows = MediaAsset.objects.filter(organization_id__in=owners, public_id__in=wanted, is_archived=False)
    rows = rows.select_related("poster")
    return {str(row.public_id): _picture(row) for row in rows}


def _picture(row: MediaAsset) -> Picture:
    poster = row.poster if row.is_model else None
    return Picture(
        public_id=row.public_id,
        alt=row.alt,
        width=row.width,
        height=row.height,
        credit=row.source,
        is_ai=row.licence == MediaAsset.Licence.AI,
        is_panorama=row.is_panorama,
        is_model=row.is_model,
        poster=_picture(poster) if poster and not poster.is_archived else None,
    )


def _person(staff: Any) -> Person:
    return Person(
        public_id=staff.public_id,
        name=staff.name,
        title=staff.title,
        department=staff.department.name if staff.department else "",
    )


def _item(
    version: ContentVersion, names: Mapping[int, str], pictures: Mapping[str, Picture]
) -> PublishedItem:
    item, certificate = version.item, version.certificate
    blocks = parse(version.body)
    if version.page_class == PageClass.SCIENCE:
        # Refused at submission already; the page stays lawful even if that rule ever slips.
        blocks = [block for block in blocks if not block.is_way]
    shown = {block.media: pictures[block.media] for block in blocks if block.media in pictures}
    authors = tuple(_person(staff) for staff in version.authors.all())
    medical = _person(version.medical_reviewer) if version.medical_reviewer else None
    return PublishedItem(
        pk=item.pk,
        public_id=item.public_id,
        kind=item.kind,
        slug=item.slug,
        title=version.title,
        summary=version.summary,
        page_class=version.page_class,
        blocks=tuple(block for block in blocks if not block.media or block.media in shown),
        sources=tuple(line.strip() for line in version.sources.splitlines() if line.strip()),
        tags=tuple(tag.word for tag in item.tags.all()),
        version=version.number,
        department_id=item.department_id,
        author="、".join(person.name for person in authors) or names.get(version.created_by_id or 0, ""),
        authors=authors,
        reviewer=medical.name if medical else names.get(version.approved_by_id or 0, ""),
        medical_reviewer=medical,
        certificate_no=certificate.number if certificate else "",
        certificate_until=certificate.valid_to if certificate else None,
        cover=_picture(version.cover) if version.cover and not version.cover.is_archived else None,
        pictures=shown,
        audience=version.audience,
        care_stage=item.care_stage,
        related_service=item.related_service,
        published_at=item.published_at,
        updated_at=version.approved_at,
        valid_until=version.valid_until,
    )


__all__ = [
    "Person",
    "Picture",
    "PublishedAddress",
    "PublishedItem",
    "PublishedPage",
    "PublishedSlice",
    "count_published",
    "get_published",
    "get_published_page",
    "is_live",
    "list_published",
    "live",
    "live_ids",
    "published_addresses",
    "published_tags",
    "titles_by_slug",
    "was_published",
]
