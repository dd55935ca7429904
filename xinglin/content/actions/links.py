"""Short tracked addresses."""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from xinglin.content.models import ShortLink
from xinglin.content.permissions import Permission
from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid, NotFound
from xinglin.core.ids import uuid7
from xinglin.directory.queries import get_own_organization

#: Without 0, 1, i, l, o, u: read aloud and typed from paper without mistakes.
ALPHABET = "23456789abcdefghjkmnpqrstvwxyz"
LENGTH = 8  # 30^8, and a code reveals nothing but a public address


def _code() -> str:
    """Eight letters of a fresh id's random bits (62 of them, 40 are used)."""
    number, letters = uuid7().int & (1 << 62) - 1, ""
    for _place in range(LENGTH):
        number, place = divmod(number, len(ALPHABET))
        letters += ALPHABET[place]
    return letters


@transaction.atomic
def create_short_link(
    *,
    actor: Actor,
    path: str,
    label: str,
    now: datetime,
    channel: str = "qr",
    campaign_id: int | None = None,
    content_id: int | None = None,
) -> ShortLink:
    """A new code for one of the hospital's own pages. Raises Invalid (``path``) for any other address."""
    require(actor, Permission.MAKE_MATERIAL)
    hospital = get_own_organization(actor)
    inside = path.startswith(f"/h/{hospital.slug}/") and "\\" not in path and len(path) <= 500
    if not inside or not path.isprintable():
        raise Invalid(fields={"path": [_("短链接只能通到本院自己的公开页面")]})
    for _attempt in range(5):
        try:
            with transaction.atomic():
                link = ShortLink.objects.create(
                    organization_id=hospital.pk,
                    code=_code(),
                    path=path,
                    label=label[:120],
                    channel=channel[:32],
                    campaign_id=campaign_id,
                    content_id=content_id,
                    created_by_id=actor.user_id,
                )
        except IntegrityError:
            continue
        audit.record(actor, "content.link.created", link, at=now, label=link.label, code=link.code)
        return link
    raise RuntimeError("no free code")


@transaction.atomic
def close_short_link(*, actor: Actor, public_id: UUID, now: datetime) -> ShortLink:
    """The address says from now on that it has ended (410)."""
    link = ShortLink.objects.visible_to(actor).filter(public_id=public_id).first()
    if link is None:
        raise NotFound
    require(actor, Permission.MAKE_MATERIAL, link.organization_id)
    link.is_active = False
    link.save(update_fields=["is_active", "updated_at"])
    audit.record(actor, "content.link.closed", link, at=now, label=link.label, code=link.code)
    return link


def note_click(*, code: str, now: datetime) -> None:
    """One more person followed the address; the touch itself is the ledger's."""
    ShortLink.objects.filter(code=code).update(clicks=F("clicks") + 1, last_clicked_at=now)


def url_of(link: ShortLink) -> str:
    """The address as it stands in a code."""
    return f"{settings.PUBLIC_URL}/k/{link.code}"
