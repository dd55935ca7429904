"""Drafts in the official account."""

from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from xinglin.content.permissions import Permission
from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.outreach.models import ArticleDraft, Provider


def find_article_draft(organization_id: int, item_id: int) -> ArticleDraft | None:
    """The draft of one content item, if it was ever asked for."""
    return ArticleDraft.objects.filter(organization_id=organization_id, item_id=item_id).first()


def list_article_drafts(*, actor: Actor, state: str = "") -> QuerySet[ArticleDraft]:
    """The hospital's drafts with their items and sheets; those who see the library see them."""
    require(actor, Permission.VIEW_CONTENT)
    rows = ArticleDraft.objects.visible_to(actor).select_related("item", "sheet__version")
    return rows.filter(state=state) if state else rows


def get_article_draft(*, actor: Actor, public_id: UUID) -> ArticleDraft:
    """One draft; NotFound."""
    row = list_article_drafts(actor=actor).filter(public_id=public_id).first()
    if row is None:
        raise NotFound
    return row


def has_official_account(organization_id: int) -> bool:
    """Whether something carries drafts: an account that is set up, or the local sink in its place."""
    row = Provider.objects.filter(organization_id=organization_id, channel="wechat").first()
    if row is None:
        return bool(settings.SINK)
    return row.is_enabled and row.kind in ("wechat", "sink")
