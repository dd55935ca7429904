"""Taking over an audience that comes with the house."""

from datetime import datetime

from xinglin.audiences.actions.saving import save_audience
from xinglin.audiences.models import Audience
from xinglin.audiences.queries.audiences import departments_at_home, find_audience
from xinglin.audiences.rules import ready_made
from xinglin.core.actor import Actor
from xinglin.core.errors import NotFound


def add_ready_made(*, actor: Actor, key: str, now: datetime) -> Audience:
    """A copy the hospital may change, or the one of that name that it has. NotFound for an unknown key."""
    found = ready_made.find(key)
    if found is None:
        raise NotFound
    known = find_audience(actor.organization_id or 0, found.name)
    if known is not None:
        return known
    tree = departments_at_home(actor, found.tree)
    return save_audience(actor=actor, name=found.name, tree=tree, note=found.note, now=now, ready_made=key)
