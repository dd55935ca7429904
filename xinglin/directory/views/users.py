"""Accounts."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.paging import paginate
from xinglin.directory import actions, queries
from xinglin.directory.forms import ReasonForm, UserCreateForm, UserForm
from xinglin.directory.forms.base import submitted
from xinglin.directory.models import Membership
from xinglin.directory.permissions import Permission
from xinglin.directory.views.helpers import opened

ACTIVE = {"": None, "active": True, "ended": False}


@require_GET
@access(Permission.VIEW_USER)
def user_list(request: StaffRequest) -> HttpResponse:
    """Accounts of the hospital; a row opens beside the list."""
    actor, wanted = request.actor, request.GET
    state, role, search = wanted.get("state", "active"), wanted.get("role", ""), wanted.get("q", "").strip()
    rows = queries.list_users(actor, search=search, role=role, is_active=ACTIVE.get(state, True))
    found = opened(request, lambda key: queries.get_membership(actor=actor, public_id=key))
    context = {
        "page": paginate(request, rows, order=("id",)),
        "roles": queries.assignable_roles(),
        "role": queries.find_role(role) if role else None,
        "state": state,
        "q": search,
        **(_about(request, found) if found else {}),
        "can_edit": actor.can(Permission.EDIT_USER),
    }
    return render_page(request, "directory/user_list.html", context)


def _about(request: StaffRequest, membership: Membership) -> dict[str, object]:
    return {
        "member": membership,
        "factors": queries.list_second_factors(membership.user_id),
        "is_self": membership.user_id == request.actor.user_id,
        "can_edit": request.actor.can(Permission.EDIT_USER),
        "can_audit": request.actor.can("core.audit.view"),
        "reason_form": ReasonForm(),
    }


@require_GET
@access(Permission.VIEW_USER)
def user_detail(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """One account; a panel inside the list, a page by itself."""
    membership = queries.get_membership(actor=request.actor, public_id=public_id)
    return render_page(request, "directory/user_detail.html", _about(request, membership), part="panel")


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_USER)
def user_create(request: StaffRequest) -> HttpResponse:
    """A new account; the next page hands out the link for its password."""
    form = UserCreateForm(request.POST or None, actor=request.actor)
    made: list[Membership] = []
    if request.method == "POST" and submitted(
        form,
        lambda: made.append(
            actions.create_user(actor=request.actor, now=timezone.now(), **form.cleaned_data)
        ),
    ):
        return _password_link(request, made[0].public_id)
    return _form(request, form, title=_("新增账号"), submit=_("新增账号，生成设置密码的链接"))


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_USER)
def user_edit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Another role, scope, name or colleague."""
    member = queries.get_membership(actor=request.actor, public_id=public_id)
    initial = {
        "name": member.user.name,
        "email": member.user.email,
        "role": member.role.code,
        "scope": member.scope,
        "staff": member.staff,
    }
    form = UserForm(request.POST or None, actor=request.actor, membership=member, initial=initial)
    if request.method == "POST" and submitted(
        form,
        lambda: actions.update_user(
            actor=request.actor, public_id=public_id, now=timezone.now(), **form.cleaned_data
        ),
    ):
        messages.success(request, _("账号「%(name)s」已保存") % {"name": member.user.username})
        return redirect("directory:user-detail", public_id)
    return _form(request, form, title=member.user.username)


@require_POST
@access(Permission.EDIT_USER)
def user_deactivation(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """End somebody's access; can be taken back."""
    reason = request.POST.get("reason", "")
    member = actions.deactivate_user(
        actor=request.actor, public_id=public_id, reason=reason, now=timezone.now()
    )
    messages.success(
        request, _("「%(name)s」已停用，正在使用的会话都已退出") % {"name": member.user.username}
    )
    return redirect("directory:user-detail", public_id)


@require_POST
@access(Permission.EDIT_USER)
def user_activation(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Give the access back."""
    member = actions.activate_user(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("「%(name)s」已恢复使用") % {"name": member.user.username})
    return redirect("directory:user-detail", public_id)


@require_POST
@access(Permission.EDIT_USER)
def second_factor_reset(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """For somebody whose phone is lost; the reason goes on record."""
    form = ReasonForm(request.POST)
    if not submitted(
        form,
        lambda: actions.reset_second_factors(
            actor=request.actor, public_id=public_id, now=timezone.now(), **form.cleaned_data
        ),
    ):
        membership = queries.get_membership(actor=request.actor, public_id=public_id)
        context = {**_about(request, membership), "reason_form": form}
        return render(request, "directory/user_detail.html", context, status=422)
    messages.success(request, _("两步验证已清除，本人下次用密码登录后可以重新设置"))
    return redirect("directory:user-detail", public_id)


@never_cache
@require_POST
@access(Permission.EDIT_USER)
def password_link_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """A link at which the owner sets a password."""
    return _password_link(request, public_id)


def _password_link(request: StaffRequest, public_id: UUID) -> HttpResponse:
    member, path = actions.issue_password_link(actor=request.actor, public_id=public_id, now=timezone.now())
    context = {"member": member, "link": request.build_absolute_uri(path)}
    response = render(request, "directory/password_link.html", context)
    response["Cache-Control"] = "no-store"
    return response


def _form(request: StaffRequest, form: UserForm, *, title: str, submit: str = "") -> HttpResponse:
    context = {"form": form, "title": title, "submit": submit, "back": "directory:user-list"}
    return render(request, "directory/simple_form.html", context, status=422 if form.errors else 200)
