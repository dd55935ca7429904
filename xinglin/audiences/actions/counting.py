from uuid import UUID

from django.core.cache import cache

from xinglin.audiences.permissions import Permission
from xinglin.audiences.queries.stopping import note_of
from xinglin.core.actor import Actor, require

KEPT = 300  # seconds; no count runs longer


def stop_count(*, actor: Actor, run: UUID) -> None:
    """Interrupt one's own count that carries this id, in whatever process; PermissionDenied."""
    require(actor, Permission.VIEW_AUDIENCE)
    cache.set(note_of(actor, run), True, KEPT)
