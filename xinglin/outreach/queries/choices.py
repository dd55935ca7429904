"""What the pages offer to choose from."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from xinglin.audiences import queries as audiences
from xinglin.core.actor import Actor
from xinglin.outreach.models import Channel, Message, TemplateVersion

CHANNEL_LABELS = dict(Channel.choices)
STATE_LABELS = dict(Message.State.choices)


def audience_choices(actor: Actor) -> list[tuple[int, str]]:
    """(version id, name with size) of the hospital's audiences, newest first."""
    found = []
    for audience in audiences.list_audiences(actor)[:200]:
        size = audience.member_count
        label = audience.name
        if size is not None:
            label = _("%(name)s（%(n)s 人）") % {"name": audience.name, "n": f"{size:,}"}
        found.append((audiences.current_version(audience).pk, label))
    return found


def version_choices(actor: Actor, *, now: datetime) -> list[tuple[int, str]]:
    """(version id, name) of marketing templates that may be sent now."""
    rows = (
        TemplateVersion.objects.filter(
            organization_id=actor.organization_id or 0,
            status=TemplateVersion.Status.APPROVED,
            template__purpose="marketing",
        )
        .filter(Q(valid_until__isnull=True) | Q(valid_until__gt=now))
        .select_related("template")
        .order_by("-id")[:200]
    )
    return [(row.pk, f"{row} · {channel_names(row.bodies)}") for row in rows]


def channel_names(codes: Iterable[str]) -> str:
    """The channels' names in one line."""
    return _("、").join(str(CHANNEL_LABELS[code]) for code in codes if code in CHANNEL_LABELS)


def channel_choices(version: TemplateVersion | None) -> list[tuple[str, object]]:
    """The channels that a template has a body for."""
    names = version.bodies if version is not None else CHANNEL_LABELS
    return [(name, CHANNEL_LABELS[name]) for name in CHANNEL_LABELS if name in names]
