"""Before going live: what is missing, who would enter, one person's way through."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from xinglin.audiences.permissions import Permission as AudiencePermission
from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import DomainError
from xinglin.journeys import actions, queries
from xinglin.journeys.models import Journey, JourneyVersion
from xinglin.journeys.permissions import Permission
from xinglin.journeys.queries import passing, wording
from xinglin.journeys.rules import graph as drawing
from xinglin.journeys.rules import words
from xinglin.journeys.rules.props import Send
from xinglin.outreach.permissions import Permission as OutreachPermission
from xinglin.patients import queries as patients
from xinglin.patients.permissions import Permission as PatientPermission


@require_GET
@access(Permission.VIEW_JOURNEY)
def journey_check(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """The check of the drawing that would go live."""
    journey = queries.get_journey(actor=request.actor, public_id=public_id)
    version = queries.shown_version(journey)
    now = timezone.now()
    graph = drawing.read(version.graph)
    said = words.say_all(graph, wording.names_for(request.actor, [graph], now=now))
    found = queries.check(version, now=now)
    rows: list[dict[str, Any]] = [
        {"problem": problem, "said": said.get(problem.node), "url": _place(request, journey, problem.node)}
        for problem in found
    ]
    errors = [row for row in rows if row["problem"].is_error]
    context = {
        "journey": journey,
        "version": version,
        "is_draft": version.status == JourneyVersion.Status.DRAFT,
        "errors": errors,
        "warnings": [row for row in rows if not row["problem"].is_error],
        "enter": _entering(version, now=now),
        "texts": _texts(request, graph),
        "tested": list(passing.list_tested(actor=request.actor, version=version))
        if version.status == "draft"
        else [],
        "live": queries.find_live(journey),
        "may_edit": request.actor.can(Permission.EDIT_JOURNEY),
        "may_run": request.actor.can(Permission.RUN_JOURNEY) and journey.status != Journey.Status.ENDED,
        "may_see_people": request.actor.can(PatientPermission.VIEW_PATIENT),
    }
    return render_page(request, "journeys/journey_check.html", context)


def _place(request: StaffRequest, journey: Journey, node: str) -> str:
    """Where a problem is mended."""
    if not request.actor.can(Permission.EDIT_JOURNEY):
        return ""
    return f"{reverse('journeys:edit', args=[journey.public_id])}{f'?step={node}' if node else ''}"


def _entering(version: JourneyVersion, *, now: Any) -> dict[str, Any]:
    try:
        return queries.would_enter(version, now=now)
    except DomainError as error:
        return {"people": None, "words": str(error)}


def _texts(request: StaffRequest, graph: drawing.Graph) -> list[dict[str, Any]]:
    """The templates that are sent, each with the state of its approval, once."""
    if not request.actor.can(OutreachPermission.VIEW_TEMPLATE):
        return []
    wanted = {str(node.props.template) for node in graph.nodes.values() if isinstance(node.props, Send)}
    return [
        {
            "name": name,
            "lane": words.LANE_WORDS[purpose],
            "state": state,
            "url": reverse("outreach:template-edit", args=[public_id]),
        }
        for public_id, name, purpose, _channels, state in wording.template_choices(request.actor)
        if public_id in wanted
    ]


@require_GET
@access(Permission.VIEW_JOURNEY, PatientPermission.VIEW_PATIENT, AudiencePermission.VIEW_AUDIENCE)
def walk(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Find a person, then show the way they would go; nothing is written or sent."""
    journey = queries.get_journey(actor=request.actor, public_id=public_id)
    version, now = queries.shown_version(journey), timezone.now()
    context: dict[str, Any] = {"journey": journey, "q": request.GET.get("who", "").strip()}
    context["happens"] = request.GET.get("happens") == "yes"
    context["may_test"] = request.actor.can(Permission.EDIT_JOURNEY) and version.status == "draft"
    if chosen := request.GET.get("person", ""):
        try:
            person = patients.get_patient(request.actor, UUID(chosen))
        except ValueError:
            person = None
        if person is not None:
            context["person"] = person
            context["steps"] = _way(request, version, person.pk, happens=context["happens"], now=now)
    elif context["q"]:
        context["hits"] = patients.search(request.actor, context["q"], limit=6)
    return render(request, "journeys/_walk.html", context)


def _way(
    request: StaffRequest, version: JourneyVersion, patient_id: int, *, happens: bool, now: Any
) -> list[dict[str, Any]]:
    """One person's way in words: every step with its moment, the way out, and why."""
    graph = drawing.read(version.graph)
    said = words.say_all(graph, wording.names_for(request.actor, [graph], now=now))
    expect = "touch" if happens else "timeout"
    steps = queries.walk(actor=request.actor, version=version, patient_id=patient_id, now=now, expect=expect)
    return [
        {
            "title": said[step.key].title,
            "note": said[step.key].note,
            "icon": words.KIND_WORDS[step.kind][1],
            "at": step.at,
            "way": words.port_label(step.port, step.kind) if len(graph.nodes[step.key].ports) > 1 else "",
            "why": step.words,
            "tone": "ok" if step.kind == "goal" else "",
        }
        for step in steps
    ]


@require_POST
@access(Permission.EDIT_JOURNEY, PatientPermission.VIEW_PATIENT)
def test_create(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Let this person through the draft, beside those who are being let through already."""
    journey = queries.get_journey(actor=request.actor, public_id=public_id)
    version = queries.draft_of(journey)
    known = [str(row.patient.public_id) for row in passing.list_tested(actor=request.actor, version=version)]
    chosen = list(dict.fromkeys([*known, *request.POST.getlist("person")]))
    try:
        actions.start_test(
            actor=request.actor,
            public_id=public_id,
            patients_public_ids=chosen,
            is_fast=request.POST.get("slow") != "on",
            now=timezone.now(),
        )
    except DomainError as error:
        told = [text for texts in error.fields.values() for text in texts]
        messages.error(request, "；".join(told) or str(error))
    else:
        messages.success(request, _("开始试走：消息只进本机收件箱，不会发给患者"))
    return HttpResponseRedirect(reverse("journeys:check", args=[public_id]))


@require_POST
@access(Permission.EDIT_JOURNEY)
def test_stop(request: StaffRequest, public_id: UUID) -> HttpResponse:
    actions.stop_test(actor=request.actor, public_id=public_id, now=timezone.now())
    messages.success(request, _("试走的痕迹已清掉"))
    return HttpResponseRedirect(reverse("journeys:check", args=[public_id]))
