"""What a drawing's codes and ids are called in one hospital, and what its forms offer."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.apps import apps
from django.utils.translation import gettext as _

from xinglin.audiences import queries as audiences
from xinglin.audiences.permissions import Permission as AudiencePermission
from xinglin.core.actor import Actor
from xinglin.core.errors import DomainError
from xinglin.journeys.queries import assignees, narrowing
from xinglin.journeys.rules.graph import Graph
from xinglin.journeys.rules.props import Send, Task, Trigger
from xinglin.journeys.rules.words import Names
from xinglin.ledger.kinds import all_kinds
from xinglin.outreach import queries as outreach
from xinglin.outreach.permissions import Permission as OutreachPermission
from xinglin.outreach.queries import choices, templates

MANY = 500
# What people mostly start or stop a journey on, first in the choices.
FIRST = (
    "visit.ended", "appointment.booked", "appointment.kept", "appointment.missed", "appointment.cancelled",
    "patient.registered", "bill.settled", "lead.captured", "message.clicked", "message.replied",
)  # fmt: skip


def names_for(actor: Actor, graphs: Iterable[Graph], *, now: datetime) -> Names:
    """Everything ``rules.words`` needs for these drawings, in a handful of statements."""
    props = [node.props for graph in graphs for node in graph.nodes.values()]
    return Names(
        touches=touch_names(),
        templates=_templates(actor, {str(p.template) for p in props if isinstance(p, Send) and p.template}),
        audiences=narrowing.audience_names(
            actor, {str(p.audience) for p in props if isinstance(p, Trigger) and p.audience}
        ),
        where=lambda kind, where: narrowing.words_of(actor, kind, where),
        assignees=assignees.names_of(actor, {p.to for p in props if isinstance(p, Task) and p.to}),
        channels={code: str(label) for code, label in choices.CHANNEL_LABELS.items()},
        question=lambda tree: question_words(actor, tree, now=now),
    )


def touch_names() -> dict[str, str]:
    return {kind.code: str(kind.label) for kind in all_kinds()}


def touch_choices() -> list[tuple[str, str]]:
    """Kinds of touch to start, wait for or stop on; the usual ones first, journeys' own left out."""
    rows = [row for row in touch_names().items() if not row[0].startswith("journey.")]
    return sorted(rows, key=lambda row: (FIRST.index(row[0]) if row[0] in FIRST else len(FIRST), row[1]))


def question_words(actor: Actor, tree: dict[str, Any], *, now: datetime) -> str:
    """A condition as a sentence; what is wrong with it where it is not finished."""
    assert actor.organization_id is not None
    try:
        asked = audiences.question(organization_id=actor.organization_id, now=now, tree=tree)
    except DomainError:
        return _("条件还没有写完")
    return audiences.read_aloud(asked)


def check_label(actor: Actor) -> Callable[[str], str]:
    """What a check of the gate says when it refuses."""
    organization_id = actor.organization_id or 0
    return lambda code: outreach.check_label(code, organization_id=organization_id)


def audience_choices(actor: Actor, *, now_chosen: str = "") -> list[tuple[str, str]]:
    """(row id, name) of the hospital's audiences, newest first; a chosen public id stays as it is."""
    if not actor.can(AudiencePermission.VIEW_AUDIENCE):
        return []
    rows = list(audiences.list_audiences(actor)[:MANY])
    return [
        (str(row.public_id) if now_chosen == str(row.public_id) else str(row.pk), row.name) for row in rows
    ]


def template_choices(actor: Actor) -> list[tuple[str, str, str, list[str], str]]:
    """(public id, name, purpose, channels, status of the newest version) of templates in use."""
    if not actor.can(OutreachPermission.VIEW_TEMPLATE):
        return []
    rows = templates.list_templates(actor=actor).order_by("-id")[:MANY]
    return [
        (
            str(row.public_id), row.name, row.purpose, list(row.channels),
            "approved" if row.approved_number else row.latest_status or "draft",
        )
        for row in rows
    ]  # fmt: skip


def _templates(actor: Actor, wanted: set[str]) -> dict[str, str]:
    """Names by what a drawing calls them: a version's row id, or a template's public id."""
    numbers = {int(text) for text in wanted if text.isdigit()}
    model = apps.get_model("outreach", "MessageTemplate")
    rows = model._default_manager.filter(organization_id=actor.organization_id or 0)
    found = {str(pid): name for pid, name in rows.values_list("public_id", "name") if str(pid) in wanted}
    if numbers:
        found |= {
            str(pk): name
            for pk, name in rows.filter(versions__in=numbers).values_list("versions__pk", "name")
        }
    return found
