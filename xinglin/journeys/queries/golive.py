"""The check before going live: what is missing, what is not approved, who would enter now."""

from datetime import datetime

from django.utils.translation import gettext as _

from xinglin.core.errors import DomainError
from xinglin.journeys.models import JourneyVersion
from xinglin.journeys.queries.asking import audience_question, condition_question
from xinglin.journeys.queries.templates import version_of
from xinglin.journeys.rules import graph as drawing
from xinglin.journeys.rules.checks import Problem, problems
from xinglin.journeys.rules.graph import Node
from xinglin.journeys.rules.props import Condition, Send, Trigger, Webhook
from xinglin.ledger.kinds import find_kind
from xinglin.outreach import queries as outreach


def check(version: JourneyVersion, *, now: datetime) -> list[Problem]:
    """Everything to mend or to know before going live; errors first."""
    graph = drawing.read(version.graph)
    found = problems(graph)
    incomplete = {problem.node for problem in found if problem.code == "incomplete"}
    for node in graph.nodes.values():
        if node.id not in incomplete:
            found += [
                Problem(node.id, code, message)
                for code, message in _of(node, version.journey.organization_id, now)
            ]
    return sorted(found, key=lambda problem: not problem.is_error)


def errors_of(version: JourneyVersion, *, now: datetime) -> list[Problem]:
    """What keeps the version from going live."""
    return [problem for problem in check(version, now=now) if problem.is_error]


def _of(node: Node, organization_id: int, now: datetime) -> list[tuple[str, str]]:
    props = node.props
    if isinstance(props, Send):
        return _send(props, organization_id, now)
    if isinstance(props, Trigger):
        return _trigger(props, organization_id, now)
    if isinstance(props, Condition):
        try:
            condition_question(organization_id, props, now=now)
        except DomainError as error:
            return [("question", str(error))]
    if isinstance(props, Webhook):
        try:
            outreach.check_address(props.url)
        except DomainError as error:
            return [("webhook", str(error))]
    return []


def _trigger(props: Trigger, organization_id: int, now: datetime) -> list[tuple[str, str]]:
    kinds = [*([props.kind] if props.on == "touch" else []), *props.leave_on]
    unknown = [kind for kind in kinds if find_kind(kind) is None]
    if unknown:
        return [("kind", _("没有这种触点：%(kind)s") % {"kind": unknown[0]})]
    if props.on in ("audience", "schedule"):
        try:
            audience_question(organization_id, props.audience, now=now)
        except DomainError as error:
            return [("audience", str(error))]
    return []


def _send(props: Send, organization_id: int, now: datetime) -> list[tuple[str, str]]:
    version = version_of(props, organization_id=organization_id, now=now)
    if version is None:
        return [("approval", _("消息模板还没有批准的版本，或已被收起"))]
    found = []
    if not outreach.is_in_force(version, at=now):
        found.append(
            ("approval", _("消息模板“%(name)s”没有批准，或不在有效期内") % {"name": version.template.name})
        )
    if version.template.purpose != props.lane:
        found.append(
            ("lane", _("模板“%(name)s”的用途和这一步的用途不一致") % {"name": version.template.name})
        )
    missing = [name for name in props.channels if name not in version.bodies]
    if missing:
        found.append(("channel", _("模板“%(name)s”没有这个渠道的文字") % {"name": version.template.name}))
    return found
