"""What is shown, here or outside, and may be shown no longer; of every hospital, for the clock."""

from datetime import date, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from xinglin.compliance.review import is_intact
from xinglin.content.models import CaseAuthorisation, ContentItem, ContentVersion, Placement
from xinglin.content.rules.page_class import PageClass


def sheets_out() -> QuerySet[Placement]:
    """Sheets of every hospital that stand outside, none of them asked to come down yet."""
    return Placement.objects.filter(
        placed_at__isnull=False, remove_asked_at__isnull=True, removed_at__isnull=True
    )


def lapsed_items(*, now: datetime) -> QuerySet[ContentItem]:
    """Items of every hospital with a text on the site, or placed outside, that may be shown no longer though
    nobody took it down."""
    today = timezone.localdate(now)
    sheets = sheets_out().filter(item=OuterRef("pk"))
    is_public = Q(published__isnull=False)
    rows: Any = ContentItem.objects.filter(
        (is_public & _over(today, "published__"))
        | Q(Exists(sheets.filter(_over(today, "version__"))))
        | ((is_public | Q(Exists(sheets))) & Q(Exists(_ended_leaves(today).filter(items=OuterRef("pk")))))
    )
    found: QuerySet[ContentItem] = rows
    return found.order_by("id")


def lapsed_versions(item: ContentItem, *, now: datetime) -> list[ContentVersion]:
    """What of an item is shown somewhere and may be no longer; the public text first."""
    today = timezone.localdate(now)
    placed = sheets_out().filter(item=item).values("version")
    rows: Any = ContentVersion.objects.filter(Q(pk=item.published_id or 0) | Q(pk__in=placed))
    if not _ended_leaves(today).filter(items=item).exists():
        rows = rows.filter(_over(today))
    return sorted(rows, key=lambda version: (version.pk != item.published_id, -version.number))


def still_holds(organization_id: int, version_id: int, *, now: datetime) -> bool:
    """Whether an approved version may still be used where it has no page of its own: its approval not taken
    back, the text as approved, inside its day, its certificate and permissions in force, not taken down
    since."""
    today = timezone.localdate(now)
    rows: Any = ContentVersion.objects.filter(pk=version_id, organization_id=organization_id)
    has_ended = _over(today) | Q(Exists(_ended_leaves(today).filter(items=OuterRef("item"))))
    version = rows.select_related("item").first()
    if version is None or not is_intact(version, version.payload) or rows.filter(has_ended).exists():
        return False
    gone = version.item.retracted_at
    return gone is None or (version.approved_at is not None and version.approved_at > gone)


def _over(today: date, of: str = "") -> Q:
    """A version past its day, or an advertisement whose certificate no longer holds."""
    certificate = (
        Q(**{f"{of}certificate__isnull": True})
        | Q(**{f"{of}certificate__withdrawn_at__isnull": False})
        | Q(**{f"{of}certificate__valid_to__lt": today})
    )
    return Q(**{f"{of}valid_until__lt": today}) | (Q(**{f"{of}page_class": PageClass.AD}) & certificate)


def _ended_leaves(today: date) -> QuerySet[CaseAuthorisation]:
    return CaseAuthorisation.objects.filter(Q(revoked_at__isnull=False) | Q(valid_until__lt=today))
