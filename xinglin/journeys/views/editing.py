"""Drawing: the editor, its draft, the settings of a step."""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from xinglin.audiences.permissions import Permission as AudiencePermission
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError, Invalid
from xinglin.journeys import actions, queries
from xinglin.journeys.actions import drafting
from xinglin.journeys.forms import steps
from xinglin.journeys.forms.base import Offered
from xinglin.journeys.models import JourneyVersion
from xinglin.journeys.permissions import Permission
from xinglin.journeys.queries import assignees, golive, narrowing, wording
from xinglin.journeys.rules import checks, words
from xinglin.journeys.rules import graph as drawing
from xinglin.outreach.queries import choices, templates
from xinglin.outreach.queries import template_preview as preview
from xinglin.scores import queries as scores
from xinglin.ui.templatetags.xinglin import sprite

PARTS = {"trigger", "wait", "condition", "split", "send"}


@require_GET
@access(Permission.EDIT_JOURNEY)
def journey_edit(request: StaffRequest, public_id: UUID) -> HttpResponse:
    journey = queries.get_journey(actor=request.actor, public_id=public_id)
    if journey.status == "ended":
        messages.info(request, _("旅程已经结束，不能再改；可以复制一份"))
        return HttpResponseRedirect(reverse("journeys:detail", args=[public_id]))
    version = queries.shown_version(journey)
    now = timezone.now()
    told, count = _told(request, version, now=now)
    state = {
        "graph": version.graph,
        "seen": drafting.mark_of(version),
        "told": told,
        "kinds": _kinds(),
        "words": {
            "saving": _("正在保存…"), "saved": _("已保存"), "failed": _("没有保存：内容在这台电脑上，会再试"),
            "conflict": _("没有保存：别人也在改"), "nowhere": _("没有连"), "existing": _("连到"),
            "create": _("新加一步"), "remove": _("删除「%s」"),
        },
    }  # fmt: skip
    context = {
        "journey": journey,
        "version": version,
        "number": version.number + (version.status != JourneyVersion.Status.DRAFT),
        "state": state,
        "kinds": state["kinds"],
        "problem_count": count,
        "sprite": sprite(),
        "none": [],
    }
    return render_page(request, "journeys/journey_edit.html", context)


def _kinds() -> dict[str, dict[str, Any]]:
    """What the palette offers: name, icon, first settings and ways out of every kind."""
    found = {}
    for kind, (label, icon) in words.KIND_WORDS.items():
        node = drawing.read({"nodes": [{"id": "x", "kind": kind, "props": steps.FRESH[kind]}]}).nodes["x"]
        ports = [[port, words.port_label(port, node.kind)] for port in node.ports]
        found[kind] = {"label": str(label), "icon": icon, "props": steps.FRESH[kind], "ports": ports}
    return found


def _told(request: StaffRequest, version: JourneyVersion, *, now: datetime) -> tuple[dict[str, Any], int]:
    """Every node in words with its ways out and what is wrong with it; and how many errors there are."""
    graph = drawing.read(version.graph)
    said = words.say_all(graph, wording.names_for(request.actor, [graph], now=now))
    found = [problem for problem in golive.check(version, now=now) if problem.is_error]
    told = {
        node.id: {
            "title": said[node.id].title,
            "note": said[node.id].note,
            "ports": [[port, words.port_label(port, node.kind)] for port in node.ports],
            "problems": [problem.message for problem in found if problem.node == node.id],
        }
        for node in graph.nodes.values()
    }
    return told, len(found)


@require_POST
@access(Permission.EDIT_JOURNEY)
def draft_update(request: StaffRequest, public_id: UUID) -> JsonResponse:
    """The drawing as JSON, again and again while it is drawn; 409 when somebody else has drawn meanwhile."""
    now = timezone.now()
    try:
        sent = json.loads(request.body)
        version = drafting.keep_draft(
            actor=request.actor,
            public_id=public_id,
            graph=sent["graph"],
            seen=str(sent.get("seen", "")),
            anyway=sent.get("anyway") is True,
            now=now,
        )
    except (ValueError, KeyError, TypeError):
        return JsonResponse({"code": "invalid", "message": _("旅程图写得不对")}, status=422)
    except DomainError as error:
        told = [text for texts in error.fields.values() for text in texts]
        answer = {"code": error.code, "message": "；".join([str(error), *told]), **error.detail}
        return JsonResponse(answer, status=error.status)
    told_all, count = _told(request, version, now=now)
    return JsonResponse({"seen": drafting.mark_of(version), "told": told_all, "problems": count})


@require_POST
@access(Permission.EDIT_JOURNEY)
def step_form(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The settings of one step, as a form; a posted form comes back with what it makes. Saves nothing."""
    journey = queries.get_journey(actor=request.actor, public_id=public_id)
    kind, props = _posted(request)
    form_class = steps.FORMS[kind]
    data = request.POST if request.POST.get("touched") else None
    form = form_class(data, props=props, offered=_offered(request, kind, props))
    made = form.result()
    if form.is_bound and form.is_valid():
        form = form_class(props=made, offered=_offered(request, kind, made))
    name = request.POST.get("step_id", "")
    node = drawing.read({"nodes": [{"id": name, "kind": kind, "props": made}]}).nodes[name]
    now = timezone.now()
    alone = drawing.Graph({name: node})
    said = words.say(node, wording.names_for(request.actor, [alone], now=now))
    problems = [p.message for p in checks.problems(alone) if p.node == name and p.code == "incomplete"]
    ports = [[port, words.port_label(port, node.kind)] for port in node.ports]
    told = {"title": said.title, "note": said.note, "ports": ports, "problems": problems}
    context = {
        "form": form,
        "node": node,
        "kind": _kinds()[kind],
        "part": f"journeys/_step_{kind if kind in PARTS else 'plain'}.html",
        "problems": problems,
        "props_json": json.dumps(made, ensure_ascii=False),
        "told_json": json.dumps(told, ensure_ascii=False),
        "question_json": json.dumps(made.get("question") or {"all": []}, ensure_ascii=False),
        "url": reverse("journeys:step", args=[journey.public_id]),
        "may_build": request.actor.can(AudiencePermission.EDIT_AUDIENCE),
        "send": _wording_of(request, made, now=now) if kind == "send" else None,
    }
    return render(request, "journeys/_step.html", context, status=200)


def _posted(request: StaffRequest) -> tuple[str, dict[str, Any]]:
    """Kind and settings as they were before the form; the builder's tree is the newer question."""
    kind = request.POST.get("step_kind", "")
    try:
        props = json.loads(request.POST.get("props", "{}"))
        if kind == "condition" and request.POST.get("tree"):
            props["question"] = json.loads(request.POST["tree"])
    except ValueError:
        props = None
    if kind not in steps.FORMS or not isinstance(props, dict):
        raise Invalid
    return kind, props


def _offered(request: StaffRequest, kind: str, props: dict[str, Any]) -> Offered:
    actor = request.actor
    touches = wording.touch_choices() if kind in ("trigger", "wait") else []
    asked = str(props.get("audience", ""))
    known = wording.template_choices(actor) if kind == "send" else []
    ours = next((row for row in known if row[0] == str(props.get("template", ""))), None)
    labels = choices.CHANNEL_LABELS
    usable = [code for code in labels if ours is None or code in ours[3]]
    return Offered(
        touches=touches,
        leaving=touches[:10],
        templates=[(pid, f"{name} · {words.LANE_WORDS[purpose]}") for pid, name, purpose, _c, _s in known],
        audiences=wording.audience_choices(actor, now_chosen=asked)
        if kind in ("trigger", "condition")
        else [],
        narrowings=narrowing.narrowings(actor, *_narrowed(request, kind, props)),
        channels=[(code, labels[code]) for code in usable],
        lanes={row[0]: row[2] for row in known},
        reach={row[0]: row[3] for row in known},
        assignees=assignees.choices(actor, chosen=str(props.get("to") or "")) if kind == "task" else (),
        unskilled=_unskilled(actor.organization_id) if kind == "send" else (),
    )


def _unskilled(organization_id: int | None) -> list[str]:
    """Scores that the choices of a message rest on and that know nothing yet."""
    return [name for name in ("best_channel", "best_hour") if not scores.has_skill(organization_id, name)]


def _narrowed(request: StaffRequest, kind: str, props: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The kind of touch that a step minds by what is chosen now, and what narrows it so far."""
    name = {"trigger": "kind", "wait": "until_touch"}.get(kind, "")
    before = str(props.get(name) or "")
    now = request.POST.get(name, before) if request.POST.get("touched") else before
    where = props.get("where")
    return now, where if now == before and isinstance(where, dict) else {}


def _wording_of(request: StaffRequest, props: dict[str, Any], *, now: datetime) -> dict[str, Any] | None:
    """The chosen template as it will be read, in the channels chosen."""
    text = str(props.get("template") or "")
    known = next((row for row in wording.template_choices(request.actor) if row[0] == text), None)
    if known is None:
        return None
    template = templates.get_template(actor=request.actor, public_id=text)
    version = templates.list_versions(template).filter(status="approved").first()
    version = version or templates.latest_version(template)
    chosen = [code for code in props.get("channels", []) if code in version.bodies]
    shown = []
    for code in chosen or list(version.bodies):
        body = version.bodies[code]
        draft = preview.Draft(
            channel=code, purpose=template.purpose, subject=body.get("subject", ""), body=body["body"],
            custom={}, hospital=template.organization.display_name,
        )  # fmt: skip
        composed = preview.composed_of(draft, preview.sample_values(draft))
        label = choices.CHANNEL_LABELS.get(code, code)
        shown.append({"channel": label, "subject": composed.subject, "text": composed.text})
    url = reverse("outreach:template-edit", args=[template.public_id])
    return {"texts": shown, "state": known[4], "url": url}


@require_POST
@access(Permission.EDIT_JOURNEY)
def draft_discard(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Throw the drawing away; a journey that never ran goes with it."""
    journey = queries.get_journey(actor=request.actor, public_id=public_id)
    never_ran = journey.status == "draft"
    actions.discard_draft(actor=request.actor, public_id=public_id, now=timezone.now())
    if never_ran:
        messages.success(request, _("「%(name)s」已删除") % {"name": journey.name})
        return HttpResponseRedirect(reverse("journeys:list"))
    messages.success(request, _("草稿已丢掉，运行中的那一版不变"))
    return HttpResponseRedirect(reverse("journeys:detail", args=[public_id]))


@require_POST
@access(Permission.EDIT_JOURNEY)
def copy_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """A draft of its own with the same drawing."""
    source = queries.get_journey(actor=request.actor, public_id=public_id)
    name = _("%(name)s 的副本") % {"name": source.name}
    made = actions.copy_journey(actor=request.actor, public_id=public_id, name=name, now=timezone.now())
    messages.success(request, _("已复制成「%(name)s」") % {"name": made.name})
    return HttpResponseRedirect(reverse("journeys:edit", args=[made.public_id]))


@require_POST
@access(Permission.EDIT_JOURNEY)
def name_update(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Another name or note."""
    try:
        journey = actions.rename_journey(
            actor=request.actor,
            public_id=public_id,
            name=request.POST.get("name", ""),
            note=request.POST.get("note"),
            now=timezone.now(),
        )
    except Invalid as error:
        messages.error(request, "；".join(text for texts in error.fields.values() for text in texts))
    else:
        messages.success(request, _("现在叫「%(name)s」") % {"name": journey.name})
    return HttpResponseRedirect(reverse("journeys:detail", args=[public_id]))
