from datetime import timedelta

from django.utils import timezone

from xinglin.core.jobs import JobRun, enqueue, job
from xinglin.journeys import actions
from xinglin.journeys.engine import calling, compiling, working

#: A worker that moves so many people in one round calls others to help.
MANY = 20_000


@job("journeys.tick", queue="journeys", every=timedelta(seconds=2), lease=120)
def tick(run: JobRun) -> None:
    """Move everybody who is due; with much to do other workers are called to the other lanes."""
    _work(run)


@job("journeys.help", queue="journeys", lease=120)
def lend_a_hand(run: JobRun) -> None:
    """The same beside the tick: who holds which lane is settled by the lanes' leases."""
    _work(run)


def _work(run: JobRun) -> None:
    batches = 0

    def beat() -> None:
        nonlocal batches
        batches += 1
        run.heartbeat()
        if batches == 2:
            for helper in range(1, compiling.LANES):
                enqueue("journeys.help", dedupe_key=f"journeys.help:{helper}")

    while working.work(worker=f"{run.worker}:{run.job.pk}"[:80], clock=run.now, beat=beat) >= MANY:
        run.stop_if_cancelled()


@job("journeys.call", queue="journeys", every=timedelta(seconds=5), lease=300)
def call_other_systems(run: JobRun) -> None:
    """Webhooks that are due."""
    while calling.call_due(worker=f"{run.worker}:{run.job.pk}"[:80], now=timezone.now()):
        run.heartbeat()


@job("journeys.take_out", lease=120)
def take_out(run: JobRun) -> None:
    """Everybody inside an ended journey leaves where they stand."""
    done = 0
    while count := actions.take_out_some(journey_id=run.args["journey"], now=run.now()):
        done += count
        run.progress(done)
