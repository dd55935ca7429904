"""What people wrote back to the campaigns' short messages; an agent has seen to some of it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from xinglin.config.demo.hospital import Hospital
from xinglin.directory.queries import actor_for
from xinglin.outreach import actions as outreach
from xinglin.outreach.models import Message


def fill_replies(hospital: Hospital, specs: Sequence[dict[str, Any]], *, now: datetime) -> None:
    """Each text answers one of the newest short messages, in the hour after it came."""
    agent = actor_for(hospital.members["agent"])
    messages = Message.objects.filter(
        organization=hospital.organization, channel="sms", campaign__isnull=False,
        state__in=["accepted", "delivered"],
    ).order_by("-pk")[: len(specs)]  # fmt: skip
    for message, spec in reversed(list(zip(messages, specs, strict=False))):
        at = min(message.due_at + timedelta(minutes=47), now)
        reply = outreach.take_reply(
            organization_id=message.organization_id,
            channel=message.channel,
            people=[message.recipient_id or 0],
            text=spec["text"],
            at=at,
            now=at,
        )
        if spec.get("handled"):
            outreach.mark_replies(
                actor=agent, public_ids=[reply.public_id], is_handled=True, now=at + timedelta(hours=1)
            )
