from datetime import datetime

from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.jobs import enqueue
from xinglin.core.models import Job
from xinglin.ledger.permissions import Permission


def request_sync() -> Job:
    """Bring the lake up to date soon; several requests are one."""
    return enqueue("ledger.sync_lake", dedupe_key="ledger.sync_lake", priority=5)


def request_rebuild(*, actor: Actor, title: str, now: datetime) -> Job:
    """Write the lake anew from the ledger, as a job the person can watch. Raises PermissionDenied."""
    require(actor, Permission.MANAGE_LAKE)
    job = enqueue("ledger.rebuild_lake", actor=actor, title=title, dedupe_key="ledger.rebuild_lake")
    audit.record(actor, "ledger.lake.rebuild_requested", job, at=now)
    return job
