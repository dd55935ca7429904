"""Who may do what: the matrix, one role, its versions."""

from itertools import groupby

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from xinglin.core.access import StaffRequest, access
from xinglin.core.errors import NotFound
from xinglin.directory import actions, queries
from xinglin.directory.permissions import Permission


@require_GET
@access(Permission.EDIT_ROLE)
def role_list(request: StaffRequest) -> HttpResponse:
    """Roles across, permissions down."""
    matrix = queries.role_matrix(request.actor)
    roles = list(queries.assignable_roles())
    groups = [
        {
            "label": label,
            "rows": [
                {"row": row, "cells": [(role, row.code in matrix[role.code]) for role in roles]}
                for row in rows
            ],
        }
        for label, rows in groupby(queries.list_permissions(), key=lambda row: row.module_label)
    ]
    counts = [(role, len(matrix[role.code])) for role in roles]
    return render(request, "directory/role_list.html", {"roles": counts, "groups": groups})


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_ROLE)
def role_edit(request: StaffRequest, code: str) -> HttpResponse:
    """One role's permissions in this hospital; saving makes a version."""
    role = queries.find_role(code)
    if role is None or role.is_portal:
        raise NotFound
    if request.method == "POST":
        shipped = queries.shipped_codes(role) if "restore" in request.POST else None
        version = actions.edit_role(
            actor=request.actor,
            role=code,
            codes=shipped if shipped is not None else request.POST.getlist("codes"),
            expected_version=int(request.POST.get("version") or 0),
            reason=request.POST.get("reason", "")[:200],
            now=timezone.now(),
        )
        if version is None:
            messages.info(request, _("没有改动"))
        else:
            text = _("「%(role)s」的权限已改，从下一次点击起生效")
            messages.success(request, text % {"role": role.label})
        return redirect("directory:role-edit", code)
    shipped_codes, held = queries.shipped_codes(role), queries.role_matrix(request.actor)[code]
    versions = list(queries.list_role_versions(request.actor, role=code))
    groups = [
        (label, [(row, row.code in held, row.code in shipped_codes) for row in rows])
        for label, rows in groupby(queries.list_permissions(), key=lambda row: row.module_label)
    ]
    context = {
        "role": role,
        "groups": groups,
        "versions": versions,
        "version": versions[0].number if versions else 0,
        "is_changed": held != shipped_codes,
        "held": len(held),
    }
    return render(request, "directory/role_edit.html", context)
