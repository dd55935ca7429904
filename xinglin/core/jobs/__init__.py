"""Background work: rows of one table, claimed with a lease by any number of workers."""

from datetime import timedelta

from xinglin.core.jobs.queue import enqueue, replay, request_cancel
from xinglin.core.jobs.registry import job
from xinglin.core.jobs.run import Cancelled, JobRun, LeaseLost

__all__ = ["Cancelled", "JobRun", "LeaseLost", "enqueue", "job", "replay", "request_cancel"]


@job("core.deliver_events", every=timedelta(seconds=5), lease=120)
def deliver_events(run: JobRun) -> None:
    from xinglin.core import events  # the events module enqueues through this package

    while events.deliver_pending():
        run.heartbeat()


@job("core.tidy", every=timedelta(hours=1))
def tidy(run: JobRun) -> None:
    from xinglin.core import limits
    from xinglin.core.models import Job, Worker

    now = run.now()
    limits.forget_old(now=now)
    Worker.objects.filter(seen_at__lt=now - timedelta(minutes=10)).delete()
    old = Job.objects.filter(status=Job.Status.DONE, finished_at__lt=now - timedelta(days=90), result_file="")
    old.delete()
