"""The people behind a number, and one person's way."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from xinglin.core.access import StaffRequest, access, render_page
from xinglin.core.errors import NotFound
from xinglin.core.paging import paginate
from xinglin.journeys import queries
from xinglin.journeys.permissions import Permission
from xinglin.journeys.queries import passing, wording
from xinglin.journeys.rules import graph as drawing
from xinglin.journeys.rules import reasons, words
from xinglin.outreach.queries.choices import CHANNEL_LABELS, STATE_LABELS
from xinglin.patients import queries as patients
from xinglin.patients.permissions import Permission as PatientPermission
from xinglin.ui.templatetags.xinglin import listed

TABS = ("inside", "passed", "out")


@require_GET
@access(Permission.VIEW_JOURNEY, PatientPermission.VIEW_PATIENT)
def people_list(request: StaffRequest, public_id: UUID, number: int, key: str) -> HttpResponse:
    """Who stands at a step, who has gone on, who dropped out there; names masked."""
    journey = queries.get_journey(actor=request.actor, public_id=public_id)
    version = queries.get_version(journey, number)
    graph = drawing.read(version.graph)
    if key not in graph.nodes or version.status == "draft":
        raise NotFound
    asked = request.GET.get("of", "inside")
    of = asked if asked in TABS else "inside"
    if of == "inside":
        rows = queries.list_people(actor=request.actor, version=version, key=key)
        page = paginate(request, rows, order=("-id",))
    else:
        rows = passing.list_passed(actor=request.actor, version=version, key=key, out=of == "out")
        page = paginate(request, rows, order=("-left_at", "-patient_id", "-occurrence"))
    node = graph.nodes[key]
    names = wording.names_for(request.actor, [drawing.Graph({key: node})], now=timezone.now())
    said = words.say(node, names)
    for row in page if of != "inside" else ():
        row.why = reasons.why(
            node,
            port=row.port,
            reason=row.reason,
            names=names,
            check_label=wording.check_label(request.actor),
        )
    count = queries.node_counts(version)[key]
    context = {
        "journey": journey,
        "version": version,
        "node": node,
        "said": said,
        "icon": words.KIND_WORDS[node.kind][1],
        "page": page,
        "of": of,
        "tabs": [
            ("inside", _("现在在这里"), count.inside),
            ("passed", _("走过"), count.left - count.dropped),
            ("out", _("中途离开"), count.dropped),
        ],
    }
    return render_page(request, "journeys/people_list.html", context)


@dataclass(frozen=True, slots=True)
class Told:
    """One step of a person's way, in words."""

    title: str
    note: str
    icon: str
    tone: str
    entered_at: datetime
    left_at: datetime | None
    due_at: datetime | None
    why: str
    #: What became of a message; of points what the person has now.
    sent: str = ""


def _sent(step: queries.PathStep) -> str:
    """``微信没有送到，改走短信：已送达``."""
    message = step.message
    if step.points_total is not None:
        return _("现在共 %(n)s 分") % {"n": f"{step.points_total:,}"}
    if message is None:
        return ""
    channel = str(CHANNEL_LABELS[message.channel])
    state = str(STATE_LABELS[message.state])
    if message.state == "held":
        state = _("%(when)s 再发") % {"when": f"{timezone.localtime(message.due_at):%m-%d %H:%M}"}
    said = {"channel": channel, "state": state, "before": listed(CHANNEL_LABELS[c] for c in message.failed)}
    if message.failed:
        return _("%(before)s没有送到，改走%(channel)s：%(state)s") % said
    return _("%(channel)s：%(state)s") % said


@require_GET
@access(Permission.VIEW_JOURNEY, PatientPermission.VIEW_PATIENT)
def person_path(request: StaffRequest, public_id: UUID, patient_id: UUID) -> HttpResponse:
    """One person's way through a journey: every step with its times and why it went on as it did."""
    journey = queries.get_journey(actor=request.actor, public_id=public_id)
    person = patients.get_patient(request.actor, patient_id)
    steps = queries.path_of(actor=request.actor, journey=journey, patient_id=person.pk)
    if not steps:
        raise NotFound
    context = {"journey": journey, "person": person, "rounds": _rounds(request, journey, steps)}
    return render_page(request, "journeys/person_path.html", context)


def _rounds(request: StaffRequest, journey: Any, steps: list[queries.PathStep]) -> list[dict[str, Any]]:
    """The way by occurrence, the latest first."""
    numbers = {step.version for step in steps}
    graphs = {
        version.number: drawing.read(version.graph)
        for version in queries.list_versions(journey).filter(number__in=numbers)
    }
    names = wording.names_for(request.actor, graphs.values(), now=timezone.now())
    found: dict[int, list[Told]] = {}
    for step in steps:
        node = graphs[step.version].nodes[step.key]
        said = words.say(node, names)
        tone = "pri" if step.left_at is None else {"goal": "ok", "exit": ""}.get(step.kind, "")
        found.setdefault(step.occurrence, []).append(
            Told(
                title=said.title,
                note=said.note,
                icon=words.KIND_WORDS[step.kind][1],
                tone="bad" if step.port in passing.OUT else tone,
                entered_at=step.entered_at,
                left_at=step.left_at,
                due_at=step.due_at,
                why=reasons.why(
                    node,
                    port=step.port,
                    reason=step.reason,
                    names=names,
                    check_label=wording.check_label(request.actor),
                )
                if step.left_at
                else "",
                sent=_sent(step),
            )
        )
    rounds = [
        {"steps": told, "began": told[0].entered_at, "inside": told[-1].left_at is None}
        for told in found.values()
    ]
    return sorted(rounds, key=lambda one: one["began"], reverse=True)
