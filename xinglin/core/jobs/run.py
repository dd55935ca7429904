import shutil
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import Any

from django.utils import timezone

from xinglin.core import env, masking
from xinglin.core.jobs import queue
from xinglin.core.models import Job, JobLine


class LeaseLost(Exception):
    """Another worker has taken the job over; stop without writing."""


class Cancelled(Exception):
    """A person asked the job to stop."""


@dataclass(slots=True)
class JobRun:
    """What a handler sees of its job."""

    job: Job
    _beat: float = field(default_factory=monotonic)

    @property
    def args(self) -> dict[str, Any]:
        return dict(self.job.args)

    @property
    def worker(self) -> str:
        return self.job.worker

    @property
    def organization_id(self) -> int | None:
        return self.job.organization_id

    @property
    def cursor(self) -> dict[str, Any]:
        """Where the last run of this job had got to."""
        return dict(self.job.cursor)

    def now(self) -> datetime:
        return timezone.now()

    def save_cursor(self, cursor: dict[str, Any]) -> None:
        """Remember the resume point; call it in the transaction of the batch it describes."""
        self.job.cursor = cursor
        if not queue._mine(self.job).update(cursor=cursor):
            raise LeaseLost

    def heartbeat(self) -> None:
        """Keep the lease; raises LeaseLost when it is gone."""
        if not queue.extend(self.job, now=self.now()):
            raise LeaseLost
        self._beat = monotonic()

    def progress(self, done: int, total: int | None = None, note: str = "") -> None:
        """Show how far it is, and keep the lease."""
        self.job.done, self.job.total = done, total if total is not None else self.job.total
        Job.objects.filter(pk=self.job.pk).update(
            done=self.job.done, total=self.job.total, note=str(note)[:300]
        )
        self.heartbeat()

    def log(self, line: str, level: str = "info") -> None:
        text = masking.scrub(str(line))[:500]
        JobLine.objects.create(job=self.job, at=self.now(), level=level, text=text)

    @property
    def is_cancelled(self) -> bool:
        return Job.objects.filter(pk=self.job.pk, cancel_requested=True).exists()

    def stop_if_cancelled(self) -> None:
        if self.is_cancelled:
            raise Cancelled

    def attach(self, path: Path, filename: str) -> None:
        """Keep a result file for the person who started the job."""
        target = env.files_dir("jobs", str(self.job.public_id)) / "result"
        if path != target:
            shutil.move(path, target)
        Job.objects.filter(pk=self.job.pk).update(
            result_file=str(target.relative_to(env.home())), result_name=filename[:160]
        )

    def link(self, url: str) -> None:
        """The page where the result is to be seen."""
        Job.objects.filter(pk=self.job.pk).update(result_url=url[:300])
