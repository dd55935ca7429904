"""The first setup: a token, five steps, a page that says what will happen."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_http_methods

from xinglin.config.demo.make import installation_is_empty
from xinglin.config.setup import forms, token
from xinglin.core import limits
from xinglin.core.access import public
from xinglin.core.actor import Actor
from xinglin.core.crypto import blind_index
from xinglin.core.errors import Invalid
from xinglin.core.jobs import enqueue
from xinglin.core.models import Job
from xinglin.directory.actions import set_logo, setup_hospital
from xinglin.directory.actions.setup import parse_departments
from xinglin.directory.models import User
from xinglin.directory.rules.logo import check_logo

STEPS: list[tuple[str, Any, Any]] = [
    ("hospital", gettext_lazy("医院"), forms.HospitalForm),
    ("admin", gettext_lazy("管理员"), forms.AdminForm),
    ("departments", pgettext_lazy("初始设置", "科室"), forms.DepartmentsForm),
    ("data", gettext_lazy("数据"), forms.DataForm),
    ("channels", gettext_lazy("渠道"), forms.ChannelForm),
]
KEY = "setup"


def _is_removing() -> bool:
    return Job.objects.filter(name="demo.remove", status__in=["ready", "leased"]).exists()


@require_http_methods(["GET", "HEAD", "POST"])
@public
def setup(request: HttpRequest) -> HttpResponse:
    """404 once there is a hospital; the token before anything else."""
    if not installation_is_empty():
        raise Http404
    if _is_removing():
        return render(request, "setup/wait.html", {})
    kept: dict[str, Any] = request.session.get(KEY, {})
    given = request.POST.get("token") or request.GET.get("token")
    if not token.is_right(str(kept.get("token", ""))):
        return _ask_token(request, given)
    step = request.GET.get("step", "")
    number = next((i for i, one in enumerate(STEPS) if one[0] == step), len(STEPS) if step == "last" else 0)
    done = [code for code, _label, _form in STEPS if code in kept]
    number = min(number, len(done))
    return _last(request, kept) if number == len(STEPS) else _step(request, kept, number)


def _ask_token(request: HttpRequest, given: str | None) -> HttpResponse:
    error = ""
    if given is not None:
        mark = blind_index(request.META.get("REMOTE_ADDR", ""), "setup.token").hex()
        limits.hit(f"setup:{mark}", limit=10, per=timedelta(minutes=10), now=timezone.now())
        if token.is_right(given):
            request.session.cycle_key()
            request.session[KEY] = {"token": given.strip()}
            return HttpResponseRedirect(reverse("config:setup"))
        error = _("这个口令不对。它在启动 Xinglin 的窗口里，用过一次就作废。")
    return render(request, "setup/token.html", {"error": error}, status=422 if error else 200)


def _labels(now: int) -> dict[str, Any]:
    url = reverse("config:setup")
    steps = [{"label": label, "url": f"{url}?step={code}"} for code, label, _form in STEPS]
    steps.append({"label": _("确认"), "url": ""})
    return {
        "steps": steps,
        "now": now + 1,
        "back": f"{url}?step={STEPS[now - 1][0]}" if now else "",
    }


def _step(request: HttpRequest, kept: dict[str, Any], number: int) -> HttpResponse:
    code, label, kind = STEPS[number]
    form = kind(request.POST if request.method == "POST" else None, initial=kept.get(code))
    logo = forms.LogoForm() if code == "hospital" else None
    error = ""
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        if code == "admin":
            values["password"] = make_password(values.pop("password"))
            values.pop("again")
        try:
            if code == "hospital" and (file := request.FILES.get("logo")):
                data = file.read(400_000)
                check_logo(data)
                values["logo"] = data.hex()
            elif code == "hospital":
                values["logo"] = kept.get(code, {}).get("logo", "")
        except Invalid as problem:
            error = next(iter(problem.fields.values()))[0]
        if not error:
            request.session[KEY] = {**kept, code: values}
            following = STEPS[number + 1][0] if number + 1 < len(STEPS) else "last"
            return HttpResponseRedirect(f"{reverse('config:setup')}?step={following}")
    context = {"form": form, "logo": logo, "title": label, "error": error, **_labels(number)}
    failed = request.method == "POST"
    return render(request, "setup/step.html", context, status=422 if failed else 200)


def _last(request: HttpRequest, kept: dict[str, Any]) -> HttpResponse:
    error = ""
    if request.method == "POST" and "confirm" in request.POST:
        try:
            return _make(request, kept)
        except Invalid as problem:
            texts = [text for some in problem.fields.values() for text in some]
            error = texts[0] if texts else str(problem)
    context = {
        "kept": kept,
        "departments": len(parse_departments(kept["departments"]["departments"])),
        "error": error,
        **_labels(len(STEPS)),
    }
    return render(request, "setup/last.html", context, status=422 if error else 200)


def _make(request: HttpRequest, kept: dict[str, Any]) -> HttpResponse:
    """All of it or nothing; then the administrator is signed in and the token is spent."""
    now = timezone.now()
    hospital, admin = dict(kept["hospital"]), kept["admin"]
    logo = hospital.pop("logo", "")
    with transaction.atomic():
        made = setup_hospital(
            admin_username=admin["username"],
            admin_name=admin["person"],
            admin_password=None,
            departments=parse_departments(kept["departments"]["departments"]),
            now=now,
            **hospital,
        )
        User.objects.filter(pk=made.admin.user_id).update(password=admin["password"])
        if logo:
            set_logo(actor=Actor.system(made.organization.pk, "setup"), data=bytes.fromhex(logo), now=now)
        job = None
        if kept["data"]["data"] == "demo":
            job = enqueue(
                "demo.make",
                {"people": kept["data"].get("people") or 2_000, "user_id": made.admin.user_id},
                organization_id=made.organization.pk,
                title=_("建示范医院"),
                dedupe_key="demo",
            )
            Job.objects.filter(pk=job.pk).update(user_id=made.admin.user_id)
    token.spend()
    request.session.flush()
    login(request, User.objects.get(pk=made.admin.user_id), backend=settings.AUTHENTICATION_BACKENDS[0])
    messages.success(request, _("「%(name)s」建好了") % {"name": made.organization.name})
    if job is not None:
        return HttpResponseRedirect(reverse("ui:job-detail", args=[job.public_id]))
    return HttpResponseRedirect(reverse("ui:home"))
