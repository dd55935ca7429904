"""Counts under way that somebody wants no longer: a note by the count's own id, which it looks for."""

from uuid import UUID

from django.core.cache import cache

from xinglin.core.actor import Actor
from xinglin.ledger.lake import Stop


def note_of(actor: Actor, run: UUID) -> str:
    """Where a person's wish to stop one of their counts is noted."""
    return f"audiences.count.stopped:{actor.organization_id}:{actor.user_id}:{run}"


def stop_of(actor: Actor, run: UUID | None) -> Stop:
    """Whether the count is to end; a count without an id ends by its time limit only."""
    return lambda: run is not None and cache.get(note_of(actor, run)) is not None
