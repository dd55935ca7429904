"""Whose rows."""

from xinglin.core.actor import Actor
from xinglin.core.errors import NotFound


def hospital_id(actor: Actor) -> int:
    """The id of the hospital the actor works in; NotFound for work outside any hospital."""
    if actor.organization_id is None:
        raise NotFound
    return actor.organization_id
