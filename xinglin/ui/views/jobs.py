import json
from datetime import timedelta
from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from xinglin.core import audit
from xinglin.core.access import StaffRequest, render_page, signed_in
from xinglin.core.errors import Conflict
from xinglin.core.jobs import replay, request_cancel
from xinglin.core.models import Job
from xinglin.core.paging import paginate
from xinglin.core.permissions import Permission
from xinglin.ui import queries

RECENT = timedelta(days=30)


@require_safe
@signed_in
def job_list(request: StaffRequest) -> HttpResponse:
    status = request.GET.get("status", "")
    status = status if status in Job.Status.values else ""
    page = paginate(request, queries.list_jobs(actor=request.actor, status=status), size=25)
    counts = queries.job_counts(actor=request.actor, since=timezone.now() - RECENT)
    tabs = [(code, label, counts.get(code, 0)) for code, label in Job.Status.choices]
    context = {
        "page": page,
        "status": status,
        "tabs": tabs,
        "is_everybody": request.actor.can(Permission.VIEW_JOB),
    }
    return render_page(request, "ui/job_list.html", context)


@require_safe
@signed_in
def job_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    job = queries.get_job(actor=request.actor, public_id=public_id)
    return render_page(request, "ui/job_detail.html", {"job": job, "lines": queries.list_lines(job=job)})


@require_safe
@signed_in
def job_part(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The progress card alone; tells the page once when the job has ended."""
    job = queries.get_job(actor=request.actor, public_id=public_id)
    response = render(request, "ui/_job.html", {"job": job})
    if job.is_finished:
        response["HX-Trigger"] = json.dumps(
            {"job-finished": {"id": str(job.public_id), "status": job.status}}
        )
    return response


@require_safe
@signed_in
def job_log(request: StaffRequest, public_id: UUID) -> HttpResponse:
    job = queries.get_job(actor=request.actor, public_id=public_id)
    return render(request, "ui/_job_log.html", {"job": job, "lines": queries.list_lines(job=job)})


@require_safe
@signed_in
def job_download(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The result file, to people who may see the job; each download is recorded."""
    job = queries.get_job(actor=request.actor, public_id=public_id)
    path = queries.result_path(job)
    audit.record(request.actor, "core.job.downloaded", job, at=timezone.now(), file=job.result_name)
    file = FileResponse(path.open("rb"), as_attachment=True, filename=job.result_name or path.name)
    return cast(HttpResponse, file)  # streams; views are typed by what most of them return


@require_POST
@signed_in
def job_cancel(request: StaffRequest, public_id: UUID) -> HttpResponse:
    job = queries.get_job(actor=request.actor, public_id=public_id)
    request_cancel(job=job, now=timezone.now())
    audit.record(request.actor, "core.job.cancelled", job, at=timezone.now())
    messages.success(request, _("正在停下；已经做完的部分都在"))
    return redirect("ui:job-detail", public_id=job.public_id)


@require_POST
@signed_in
def job_retry(request: StaffRequest, public_id: UUID) -> HttpResponse:
    job = queries.get_job(actor=request.actor, public_id=public_id)
    if not replay(job=job, now=timezone.now()):
        raise Conflict(_("这个任务没有停下，不用继续"))
    audit.record(request.actor, "core.job.replayed", job, at=timezone.now())
    messages.success(request, _("已从停下的地方继续"))
    return redirect("ui:job-detail", public_id=job.public_id)
