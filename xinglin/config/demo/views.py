"""The demo hospital in the settings: made and taken away by an administrator, each as a job."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from xinglin.config.demo.hospital import facts
from xinglin.config.demo.make import accounts, demo_hospital_exists, slugs
from xinglin.core import audit
from xinglin.core.access import StaffRequest, access
from xinglin.core.jobs import enqueue
from xinglin.core.models import Job
from xinglin.directory.models import Organization
from xinglin.directory.permissions import Permission
from xinglin.patients.models import Patient

LARGEST = 200_000


def _running() -> Job | None:
    found: Job | None = Job.objects.filter(
        name__in=["demo.make", "demo.remove"], status__in=["ready", "leased"]
    ).first()
    return found


@require_safe
@access(Permission.EDIT_USER)
def demo_status(request: StaffRequest) -> HttpResponse:
    """Whether it is there, how large, who signs in to it; or how to make one."""
    there = demo_hospital_exists()
    context = {
        "there": there,
        "name": facts()["hospitals"][0]["name"],
        "people": Patient.objects.filter(organization__slug__in=slugs()).count() if there else 0,
        "accounts": accounts() if there else [],
        "password": facts()["password"],
        "job": _running(),
        "is_here": _is_demo(request),
    }
    return render(request, "demo/status.html", context)


def _is_demo(request: StaffRequest) -> bool:
    return Organization.objects.filter(pk=request.actor.organization_id or 0, slug__in=slugs()).exists()


@require_POST
@access(Permission.EDIT_USER)
def demo_create(request: StaffRequest) -> HttpResponse:
    if demo_hospital_exists() or _running():
        messages.error(request, _("示范医院已经在了"))
        return HttpResponseRedirect(reverse("config:demo"))
    text = request.POST.get("people", "")
    people = min(max(int(text) if text.isdigit() else 2_000, 100), LARGEST)
    job = enqueue(
        "demo.make",
        {"people": people, "user_id": request.actor.user_id},
        actor=request.actor,
        title=_("建示范医院"),
        dedupe_key="demo",
    )
    audit.record(request.actor, "config.demo.created", None, at=timezone.now(), people=people)
    return HttpResponseRedirect(reverse("ui:job-detail", args=[job.public_id]))


@require_POST
@access(Permission.EDIT_USER)
def demo_delete(request: StaffRequest) -> HttpResponse:
    """The hospital's name must be typed; who works in it is signed out, as it is going."""
    if request.POST.get("word", "").strip() != facts()["hospitals"][0]["name"] or not demo_hospital_exists():
        messages.error(request, _("没有撤掉：请输入示范医院的全名"))
        return HttpResponseRedirect(reverse("config:demo"))
    here = _is_demo(request)
    actor = None if here else request.actor
    job = enqueue("demo.remove", actor=actor, title=_("撤掉示范数据"), dedupe_key="demo")
    if here:
        logout(request)
        return HttpResponseRedirect("/")
    audit.record(request.actor, "config.demo.removed", None, at=timezone.now())
    return HttpResponseRedirect(reverse("ui:job-detail", args=[job.public_id]))
