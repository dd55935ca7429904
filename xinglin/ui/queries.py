from datetime import datetime
from pathlib import Path
from uuid import UUID

from django.db import models
from django.utils.translation import gettext as _

from xinglin.core import env
from xinglin.core.actor import Actor
from xinglin.core.errors import NotFound
from xinglin.core.models import Job, JobLine
from xinglin.core.permissions import Permission


def list_jobs(*, actor: Actor, status: str = "") -> models.QuerySet[Job]:
    """The person's own jobs, or with ``core.job.view`` the hospital's; work of the clock is left out."""
    jobs = Job.objects.filter(organization_id=actor.organization_id, is_periodic=False)
    if not actor.can(Permission.VIEW_JOB):
        jobs = jobs.filter(user_id=actor.user_id or 0)
    return jobs.filter(status=status) if status else jobs


def get_job(*, actor: Actor, public_id: UUID) -> Job:
    """One job that this person may see; NotFound otherwise."""
    job = list_jobs(actor=actor).filter(public_id=public_id).first()
    if job is None:
        raise NotFound
    return job


def list_lines(*, job: Job, limit: int = 500) -> list[JobLine]:
    """The newest lines of its log, oldest first."""
    return list(reversed(job.lines.order_by("-id")[:limit]))


def result_path(job: Job) -> Path:
    """Where the result file of a job lies; NotFound when there is none any more."""
    path = (env.home() / job.result_file).resolve()
    if not job.result_file or not path.is_relative_to(env.home().resolve()) or not path.is_file():
        raise NotFound(_("结果文件已经不在了，可以重新运行一次"))
    return path


def job_counts(*, actor: Actor, since: datetime) -> dict[str, int]:
    """Recent jobs by status."""
    rows = list_jobs(actor=actor).filter(created_at__gte=since).order_by()
    return dict(rows.values_list("status").annotate(n=models.Count("id")))
