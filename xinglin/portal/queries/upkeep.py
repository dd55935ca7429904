"""What is to be put right on the public site."""

from collections.abc import Iterator
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse

from xinglin.content import queries as content
from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.directory import queries as directory
from xinglin.portal.models import BrokenLink, PageRedirect, SearchPush, SearchSettings
from xinglin.portal.permissions import Permission


def list_broken_links(*, actor: Actor) -> QuerySet[BrokenLink]:
    """Links that led nowhere at the last check."""
    require(actor, Permission.VIEW_SITE)
    return BrokenLink.objects.visible_to(actor)


def list_redirects(*, actor: Actor) -> QuerySet[PageRedirect]:
    """Moved addresses, the newest first."""
    require(actor, Permission.VIEW_SITE)
    return PageRedirect.objects.visible_to(actor)


def get_redirect(*, actor: Actor, public_id: UUID) -> PageRedirect:
    require(actor, Permission.VIEW_SITE)
    found = PageRedirect.objects.visible_to(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def find_redirect(organization_id: int, path: str) -> str | None:
    """Where an old address has moved to; public."""
    rows = PageRedirect.objects.filter(organization_id=organization_id, old_path=path)
    return rows.values_list("new_path", flat=True).first()


def search_settings(organization_id: int) -> SearchSettings:
    """The hospital's settings; an unsaved, silent row where it has none."""
    found = SearchSettings.objects.filter(organization_id=organization_id).first()
    return found or SearchSettings(organization_id=organization_id)


def list_pushes(*, actor: Actor) -> QuerySet[SearchPush]:
    """What search engines were told, the newest first."""
    require(actor, Permission.VIEW_SITE)
    return SearchPush.objects.visible_to(actor)


def public_urls(organization_id: int) -> Iterator[str]:
    """Whole addresses of everything worth finding: the hospital's own pages and all that is public."""
    actor = Actor.system(organization_id, "portal")
    slug = directory.get_own_organization(actor).slug
    paths = [reverse("portal:home", args=[slug]), reverse("portal:department-list", args=[slug])]
    departments = directory.list_departments(actor).filter(is_clinical=True)
    paths += [reverse("portal:department-detail", args=[slug, each.code]) for each in departments]
    doctors = directory.list_practitioners(actor)
    paths += [reverse("portal:doctor-detail", args=[slug, each.public_id]) for each in doctors]
    yield from (f"{settings.PUBLIC_URL}{path}" for path in paths)
    for text in content.published_addresses(organization_id):
        yield f"{settings.PUBLIC_URL}{reverse('portal:page-detail', args=[slug, text.slug])}"
