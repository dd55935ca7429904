from datetime import timedelta

from django.utils.translation import gettext as _

from xinglin.core.jobs import JobRun, job
from xinglin.ledger import lake


@job("ledger.sync_lake", every=timedelta(seconds=10), lease=600)
def sync_lake(run: JobRun) -> None:
    """Bring the lake up to date; another writer does the same work, so being second is no failure."""
    try:
        lake.sync(now=run.now(), progress=lambda done, total: run.heartbeat())
    except lake.LakeBusy:
        return


@job("ledger.compact_lake", at_hour=3, lease=3600)
def compact_lake(run: JobRun) -> None:
    """Nightly: one sorted file a month, dimensions read in full."""
    lake.compact(now=run.now())


@job("ledger.rebuild_lake", lease=3600)
def rebuild_lake(run: JobRun) -> None:
    """Write the lake anew, for a person who watches."""
    made = lake.rebuild(now=run.now(), progress=lambda done, total: run.progress(done, total))
    run.log(
        _("写入 %(rows)s 条触点，%(tables)s 张维度表")
        % {"rows": f"{made.touches:,}", "tables": len(made.dimensions)}
    )
