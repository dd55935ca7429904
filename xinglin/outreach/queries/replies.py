"""Reads of what people wrote back."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from xinglin.core.actor import Actor, require
from xinglin.outreach.models import Message, Reply
from xinglin.outreach.models.provider import OPEN_REPLY
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries.naming import names_of_journeys

CAP = 1001


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The message that a reply answers, with the campaign or the journey it was part of."""

    message: Message
    journey: str


def list_replies(
    actor: Actor,
    *,
    is_open: bool | None = None,
    is_refusal: bool | None = None,
    patient_id: int | None = None,
    message_id: int | None = None,
) -> QuerySet[Reply]:
    """What people wrote back, newest first by id; of the people in the actor's scope."""
    require(actor, Permission.VIEW_MESSAGE)
    rows: QuerySet[Reply] = Reply.objects.visible_to(actor)
    if is_open is not None:
        rows = rows.filter(OPEN_REPLY if is_open else ~OPEN_REPLY)
    wanted = {"is_refusal": is_refusal, "patient_id": patient_id, "message_id": message_id}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value is not None})
    return rows.select_related("patient").order_by("-id")


def count_open_replies(actor: Actor) -> int:
    """Replies that wait for a colleague, capped at 1,001."""
    rows: QuerySet[Reply] = Reply.objects.visible_to(actor).filter(OPEN_REPLY)
    return rows[:CAP].count()


def replies_to(actor: Actor, message: Message) -> list[Reply]:
    """What came back to one message, newest first; its recipient's newest 20."""
    if message.recipient_id is None:
        return []
    rows = list_replies(actor, patient_id=message.recipient_id, message_id=message.pk)
    return list(rows[:20])


def with_answered(organization_id: int, replies: Iterable[Reply]) -> list[tuple[Reply, Answered | None]]:
    """Each reply with the message that it answers, None where it answers none; a page in two statements."""
    listed = list(replies)
    ids = {reply.message_id for reply in listed if reply.message_id}
    rows = Message.objects.filter(organization_id=organization_id, pk__in=ids)
    messages = {
        row.pk: row
        for row in rows.select_related("campaign", "template_version__template").defer("variables", "address")
    }
    names = names_of_journeys(
        organization_id, {row.journey_id for row in messages.values() if row.journey_id}
    )
    answered = {
        pk: Answered(message=row, journey=names.get(row.journey_id or 0, "")) for pk, row in messages.items()
    }
    return [(reply, answered.get(reply.message_id or 0)) for reply in listed]
