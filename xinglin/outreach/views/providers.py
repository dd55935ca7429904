"""Setting up channels: the account by its kind, a try, callbacks, templates at the provider."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError, Invalid
from xinglin.core.forms import blame
from xinglin.outreach import actions, queries
from xinglin.outreach.forms.providers import (
    ProviderForm,
    ProviderTemplateForm,
    TryForm,
    initial_of,
    lines_of,
)
from xinglin.outreach.models import Provider
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries.choices import CHANNEL_LABELS
from xinglin.outreach.rules.channels import shipped_channels
from xinglin.outreach.rules.providers import KINDS, kinds_for


def _row(request: StaffRequest, channel: str) -> Provider | None:
    if channel not in CHANNEL_LABELS:
        raise Http404
    return queries.list_providers(request.actor).filter(channel=channel).first()


def _to(channel: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("outreach:provider-edit", args=[channel]))


@require_GET
@access(Permission.EDIT_PROVIDER)
def provider_list(request: StaffRequest) -> HttpResponse:
    """Every channel: how it is sent, how it does."""
    now = timezone.now()
    rows = {row.channel: row for row in queries.list_providers(request.actor)}
    channels = [
        {
            "code": code,
            "label": label,
            "row": rows.get(code),
            "left": rows[code].left_today(now=now) if code in rows else None,
            "health": queries.health_of(rows[code], now=now) if code in rows else None,
            "in_house": code in ("inapp", "phone", "letter"),
            "has_templates": code in rows and KINDS[rows[code].kind].has_templates,
        }
        for code, label in CHANNEL_LABELS.items()
    ]
    return render_page(request, "outreach/provider_list.html", {"channels": channels})


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_PROVIDER)
def provider_edit(request: StaffRequest, channel: str) -> HttpResponse:
    """The account of one channel; ``?kind=`` shows another kind's fields."""
    row = _row(request, channel)
    wanted = request.POST.get("kind") or request.GET.get("kind") or (row.kind if row is not None else "")
    kind = wanted if wanted in kinds_for(channel) else kinds_for(channel)[0]
    has_secret = row is not None and row.kind == kind and bool(row.secret)
    form = ProviderForm(
        request.POST or None, initial=initial_of(row, kind), channel=channel, kind=kind, has_secret=has_secret
    )
    if request.method == "POST" and form.is_valid():
        facts = {**form.cleaned_data, "kind": kind}
        try:
            actions.save_provider(actor=request.actor, channel=channel, now=timezone.now(), **facts)
        except Invalid as error:
            blame(form, error)
        else:
            messages.success(request, _("通道已保存"))
            return _to(channel)
    status = 422 if form.is_bound and form.errors else 200
    return render_page(
        request, "outreach/provider_form.html", _context(form, row, channel, kind), status=status
    )


def _context(
    form: ProviderForm, row: Provider | None, channel: str, kind: str, try_form: TryForm | None = None
) -> dict[str, Any]:
    same = row is not None and row.kind == kind
    spec = KINDS[kind]
    return {
        "form": form,
        "channel": channel,
        "label": CHANNEL_LABELS[channel],
        "row": row if same else None,
        "kind": kind,
        "spec": spec,
        "policy": shipped_channels().policy(kind, row.settings if same and row is not None else None),
        "health": queries.health_of(row, now=timezone.now()) if same and row is not None else None,
        "hook_url": _hook_url(row) if same and row is not None and spec.hook else "",
        "try_form": try_form or TryForm(),
        "may_try": same and kind not in ("inapp", "calls", "letters", "sink"),
        "classes": [
            shipped_channels().classes[name].label
            for name in shipped_channels()
            .policy(kind, row.settings if same and row is not None else None)
            .forbids
        ],
    }


def _hook_url(row: Provider) -> str:
    """What is copied into the provider's console."""
    if KINDS[row.kind].hook == "address":
        path = reverse("outreach:hook-secret", args=[row.kind, row.public_id, row.hook_token or "-"])
    else:
        path = reverse("outreach:hook", args=[row.kind, row.public_id])
    return f"{settings.PUBLIC_URL}{path}"


@require_POST
@access(Permission.EDIT_PROVIDER)
def provider_try(request: StaffRequest, channel: str) -> HttpResponse:
    """Send oneself one message of this channel."""
    row = actions.get_own_provider(request.actor, channel)
    form = TryForm(request.POST)
    if form.is_valid():
        address = form.cleaned_data["address"]
        try:
            actions.send_test(actor=request.actor, channel=channel, address=address, now=timezone.now())
        except Invalid as error:
            blame(form, error)
        else:
            messages.success(request, _("试发的消息在路上了，结果看「消息记录」和这里的状态"))
            return _to(channel)
    account = ProviderForm(
        initial=initial_of(row, row.kind), channel=channel, kind=row.kind, has_secret=bool(row.secret)
    )
    context = _context(account, row, channel, row.kind, form)
    return render_page(request, "outreach/provider_form.html", context, status=422)


@require_POST
@access(Permission.EDIT_PROVIDER)
def hook_renewal(request: StaffRequest, channel: str) -> HttpResponse:
    """New secrets for callbacks."""
    actions.renew_hook(actor=request.actor, channel=channel, now=timezone.now())
    messages.success(request, _("回调地址换新了，记得到服务商后台改"))
    return _to(channel)


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_PROVIDER)
def template_states(request: StaffRequest, channel: str) -> HttpResponse:
    """Every wording of the channel and how far its provider's review has got. POST asks the provider."""
    row = actions.get_own_provider(request.actor, channel)
    if request.method == "POST":
        actions.check_provider_templates(actor=request.actor, now=timezone.now())
        messages.success(request, _("正在向服务商查审核状态，稍后刷新"))
        return HttpResponseRedirect(reverse("outreach:provider-templates", args=[channel]))
    context = {
        "provider": row,
        "channel": channel,
        "label": CHANNEL_LABELS[channel],
        "known": queries.wordings_at(row, now=timezone.now()),
        "policy": shipped_channels().policy(row.kind, row.settings),
        "may_ask": row.kind in ("aliyun", "tencent"),
    }
    return render_page(request, "outreach/provider_templates.html", context)


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_PROVIDER)
def template_state_edit(request: StaffRequest, channel: str, which: str) -> HttpResponse:
    """One wording at the provider; ``which`` is a version's number in the database, or an occasion."""
    row = actions.get_own_provider(request.actor, channel)
    version_id = int(which) if which.isdecimal() else None
    known = queries.get_wording_at(row, version_id=version_id, category=which, now=timezone.now())
    initial = {"status": "draft"}
    if known.row is not None:
        initial = {
            "code": known.row.code,
            "params": lines_of(known.row.params),
            "status": known.row.status,
            "reason": known.row.reason,
        }
    form = ProviderTemplateForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.save_provider_template(
                actor=request.actor, channel=channel, now=timezone.now(), version_id=version_id,
                category="" if version_id else which, **form.facts(),
            )  # fmt: skip
        except DomainError as error:
            blame(form, error)
        else:
            messages.success(request, _("已保存"))
            return HttpResponseRedirect(reverse("outreach:provider-templates", args=[channel]))
    context = {
        "form": form,
        "known": known,
        "provider": row,
        "channel": channel,
        "label": CHANNEL_LABELS[channel],
    }
    status = 422 if form.is_bound and form.errors else 200
    return render_page(request, "outreach/provider_template_form.html", context, status=status)
