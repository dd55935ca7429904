"""Calls of other systems: trying a failed one again, and the secret that signs them."""

import secrets
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict
from xinglin.journeys.models import WebhookCall
from xinglin.journeys.permissions import Permission
from xinglin.journeys.queries import get_journey

State = WebhookCall.State


@transaction.atomic
def retry_calls(*, actor: Actor, public_id: UUID, now: datetime) -> int:
    """Queue all failed calls of a journey again, with the keys they had; returns how many.

    Raises Conflict when none has failed.
    """
    require(actor, Permission.RUN_JOURNEY)
    journey = get_journey(actor=actor, public_id=public_id)
    failed = WebhookCall.objects.filter(journey=journey, state=State.FAILED)
    count = failed.update(state=State.QUEUED, attempts=0, due_at=now, done_at=None)
    if not count:
        raise Conflict(_("没有失败的通知"))
    audit.record(actor, "journeys.calls.retried", journey, at=now, label=journey.name, count=count)
    return count


@transaction.atomic
def renew_secret(*, actor: Actor, public_id: UUID, now: datetime) -> str:
    """A new secret for the signatures, shown this once; calls are signed with it from now on."""
    require(actor, Permission.RUN_JOURNEY)
    journey = get_journey(actor=actor, public_id=public_id, lock=True)
    secret = secrets.token_hex(24)
    journey.secret = secret
    journey.save(update_fields=["secret", "updated_at"])
    audit.record(actor, "journeys.secret.renewed", journey, at=now, label=journey.name)
    return secret
