"""The check before going live: what is missing, what is not approved, who would enter now."""

from datetime import datetime

from django.utils.translation import gettext as _

from xinglin.core.actor import Actor
from xinglin.core.errors import DomainError
from xinglin.directory import queries as directory
from xinglin.journeys.models import JourneyVersion
from xinglin.journeys.queries import assignees
from xinglin.journeys.queries.asking import audience_of, audience_question, condition_question
from xinglin.journeys.queries.templates import version_of
from xinglin.journeys.rules import graph as drawing
from xinglin.journeys.rules.checks import Problem, problems
from xinglin.journeys.rules.graph import Node
from xinglin.journeys.rules.props import Condition, Send, Task, Trigger, Webhook
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
            found += _still_audience(node, version.journey.organization_id)
            found += _unknown_departments(node, version.journey.organization_id)
            if isinstance(node.props, Task):
                found += _assignee(node, node.props, version.journey.organization_id)
    return sorted(found, key=lambda problem: not problem.is_error)


def _still_audience(node: Node, organization_id: int) -> list[Problem]:
    """Whoever comes into an audience is noticed by its refresh: without one nobody enters."""
    props = node.props
    if not isinstance(props, Trigger) or not props.is_each_entry:
        return []
    try:
        audience = audience_of(organization_id, props.audience)
    except DomainError:
        return []
    if audience.refresh != "never":
        return []
    words = _("人群「%(name)s」不自动更新，没有人会进来：到人群里选每小时或每晚更新")
    return [Problem(node.id, "still-audience", words % {"name": audience.name}, is_error=False)]


def _unknown_departments(node: Node, organization_id: int) -> list[Problem]:
    """A step narrowed to departments that the hospital does not have lets nobody by; worth knowing."""
    chosen = getattr(node.props, "where", {}).get("department", [])
    chosen = chosen if isinstance(chosen, list) else [chosen]
    if not chosen:
        return []
    own = directory.list_departments(Actor.system(organization_id, "journeys"))
    missing = sorted({str(code) for code in chosen} - set(own.values_list("code", flat=True)))
    return [
        Problem(node.id, "department", _("本院没有科室「%(code)s」") % {"code": code}, is_error=False)
        for code in missing
    ]


def _assignee(node: Node, props: Task, organization_id: int) -> list[Problem]:
    """Nobody of that name is an error; who has left, or may do no tasks, is worth knowing."""
    if not props.to:
        return []
    found = assignees.judge(organization_id, props.to)
    return [Problem(node.id, "assignee", found.message, is_error=found.is_error)] if found else []


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
