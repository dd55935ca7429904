"""Keeping a drawing while it is being drawn by perhaps more than one person."""

import json
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict
from xinglin.journeys.actions.editing import save_draft
from xinglin.journeys.models import JourneyVersion
from xinglin.journeys.permissions import Permission
from xinglin.journeys.queries import get_journey, shown_version


class ChangedMeanwhile(Conflict):
    """Somebody else has drawn since; ``detail.seen`` names what stands now."""

    code = "journey-changed-meanwhile"


def mark_of(version: JourneyVersion) -> str:
    """A short name for the drawing as it stands."""
    text = json.dumps(version.graph, sort_keys=True, ensure_ascii=False)
    return sha256(text.encode()).hexdigest()[:16]


@transaction.atomic
def keep_draft(
    *,
    actor: Actor,
    public_id: UUID,
    graph: Mapping[str, Any],
    seen: str,
    now: datetime,
    anyway: bool = False,
) -> JourneyVersion:
    """Save what was drawn over the drawing ``seen``; ChangedMeanwhile where another stands there by now.

    ``anyway`` puts it there all the same, once the conflict has been shown. Else as ``save_draft``.
    """
    require(actor, Permission.EDIT_JOURNEY)
    journey = get_journey(actor=actor, public_id=public_id, lock=True)
    stands = shown_version(journey)
    mark = mark_of(stands)
    if seen != mark and not anyway:
        told = _("%(who)s 的这一版在您打开之后又改过。") % {"who": stands.created_by_name or _("同事")}
        raise ChangedMeanwhile(told, detail={"seen": mark})
    return save_draft(actor=actor, public_id=public_id, graph=graph, now=now)
