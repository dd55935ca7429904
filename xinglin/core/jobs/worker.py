import logging
import os
import random
import signal
import socket
import threading
import traceback
from datetime import datetime, timedelta
from types import FrameType

from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone

from xinglin.core.errors import DomainError
from xinglin.core.jobs import queue
from xinglin.core.jobs.registry import Kind, kinds
from xinglin.core.jobs.run import Cancelled, JobRun, LeaseLost
from xinglin.core.models import Job, Periodic, Worker

logger = logging.getLogger(__name__)


def next_time(kind: Kind, now: datetime) -> datetime:
    """When a periodic kind is due after ``now``."""
    if kind.at_hour is not None:
        local = timezone.localtime(now)
        due = local.replace(hour=kind.at_hour, minute=0, second=0, microsecond=0)
        return due if due > local else due + timedelta(days=1)
    assert kind.every is not None
    return now + kind.every


def enqueue_periodic(*, now: datetime) -> int:
    """Enqueue each periodic kind that is due; any number of workers may call it. Returns how many."""
    count = 0
    wanted = {name: kind for name, kind in kinds.items() if kind.every or kind.at_hour is not None}
    known = dict(Periodic.objects.values_list("name", "next_at"))
    for name, kind in wanted.items():
        if name not in known:
            first = now if kind.every else next_time(kind, now)
            Periodic.objects.get_or_create(name=name, defaults={"next_at": first})
            known[name] = first
        if known[name] > now:
            continue
        due = Periodic.objects.filter(name=name, next_at=known[name])
        if due.update(next_at=next_time(kind, now)):
            queue.enqueue(name, dedupe_key=f"periodic:{name}", is_periodic=True)
            count += 1
    return count


def run_one(row: Job) -> str:
    """Run a claimed job and record how it ended: done, cancelled, again, lost."""
    run = JobRun(job=row)
    try:
        kinds[row.name].handler(run)
    except LeaseLost:
        return "lost"
    except Cancelled:
        queue.acknowledge(row, now=timezone.now(), status=Job.Status.CANCELLED)
        return "cancelled"
    except DomainError as error:
        # What a person must mend does not get better by trying again.
        row.max_attempts = row.attempts
        queue.fail(row, error=str(error), now=timezone.now())
        run.log(str(error), level="error")
        return "dead"
    except Exception as error:
        logger.exception("job %s failed", row.name)
        detail = "".join(traceback.format_exception(error))
        if not connection.in_atomic_block:
            connection.close_if_unusable_or_obsolete()
        queue.fail(row, error=detail, now=timezone.now())
        return "again"
    queue.acknowledge(row, now=timezone.now())
    return "done"


class Heart(threading.Thread):
    """Keeps the lease of a running job, and the worker's sign of life, from beside it."""

    def __init__(self, row: Job) -> None:
        super().__init__(daemon=True)
        self.row = row
        self.every = (kinds[row.name].lease if row.name in kinds else 60) / 3
        self.stopped = threading.Event()

    def run(self) -> None:
        while not self.stopped.wait(self.every):
            try:
                queue.extend(self.row, now=timezone.now())
                Worker.objects.filter(name=self.row.worker).update(seen_at=timezone.now())
            except (OperationalError, InterfaceError):
                logger.warning("heartbeat did not reach the database")
            finally:
                connection.close()

    def __enter__(self) -> "Heart":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()


class WorkerLoop:
    """Claims and runs jobs until told to stop; any number of these may run on any number of machines."""

    def __init__(self, *, queues: list[str] | None = None) -> None:
        self.name = f"{socket.gethostname()[:40]}:{os.getpid()}:{random.randrange(10**6)}"  # noqa: S311
        self.queues = queues or sorted({kind.queue for kind in kinds.values()})
        self._stop = threading.Event()

    def stop(self, signum: int = 0, frame: FrameType | None = None) -> None:
        self._stop.set()

    def run(self) -> None:
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)
        started, swept = timezone.now(), timezone.now() - timedelta(hours=1)
        while not self._stop.is_set():
            try:
                now = timezone.now()
                if now - swept > timedelta(milliseconds=900):
                    swept = now
                    queue.reap(now=now)
                    enqueue_periodic(now=now)
                    Worker.objects.update_or_create(
                        name=self.name,
                        defaults={"seen_at": now},
                        create_defaults={"seen_at": now, "started_at": started},
                    )
                if not self.work_once():
                    self._stop.wait(random.uniform(0.05, 0.15))  # noqa: S311
            except (OperationalError, InterfaceError):
                logger.warning("database is away; trying again")
                close_old_connections()
                connection.close()
                self._stop.wait(1.0)
        Worker.objects.filter(name=self.name).delete()

    def work_once(self) -> int:
        """Claim one job and run it with a heartbeat beside; returns how many ran."""
        rows = queue.claim(worker=self.name, queues=self.queues, limit=1, now=timezone.now())
        for row in rows:
            if self._stop.is_set():
                queue.release(row)
                continue
            with Heart(row):
                run_one(row)
        return len(rows)
