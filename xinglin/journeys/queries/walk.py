"""Walking one person through a drawing before it is live: nothing is written, nothing is sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from xinglin.audiences import queries as audiences
from xinglin.core.actor import Actor, require
from xinglin.core.errors import DomainError
from xinglin.directory import queries as directory
from xinglin.journeys.models import JourneyVersion
from xinglin.journeys.permissions import Permission
from xinglin.journeys.queries.asking import condition_question
from xinglin.journeys.queries.templates import version_of
from xinglin.journeys.rules import graph as drawing
from xinglin.journeys.rules.graph import Node
from xinglin.journeys.rules.props import Condition, Send, Split, Wait
from xinglin.journeys.rules.splitting import port_of, seed_of
from xinglin.journeys.rules.timing import next_clock
from xinglin.journeys.rules.words import port_label
from xinglin.outreach import actions as outreach
from xinglin.outreach import queries as outreach_queries
from xinglin.outreach.queries import choices


@dataclass(frozen=True, slots=True)
class WalkStep:
    """A node on the person's way, when they would be there, and why they go on by ``port``."""

    key: str
    kind: str
    at: datetime
    port: str
    words: str


@dataclass(slots=True)
class _Walker:
    version: JourneyVersion
    patient_id: int
    zone: str
    at: datetime
    expect: str

    def step(self, node: Node) -> tuple[str, str]:
        """(port, words) at one node; moves the clock on by a wait."""
        props = node.props
        if isinstance(props, Wait):
            return self._wait(props)
        if isinstance(props, Condition):
            return self._condition(props)
        if isinstance(props, Split):
            seed = seed_of(self.version.journey.seed, node.id)
            port = port_of(props, outreach_queries.draw(seed=seed, patient_id=self.patient_id))
            told = {"port": port_label(port)}
            return port, _("抽签分到“%(port)s”，同一个人每次都一样") % told
        if isinstance(props, Send):
            return "next", self._send(props)
        return ("end", "") if node.kind == "exit" else ("next", "")

    def _wait(self, props: Wait) -> tuple[str, str]:
        if props.way == "for" and props.for_:
            self.at += timedelta(seconds=props.for_.seconds)
            return "next", ""
        if props.way == "time" and props.until_time:
            self.at = next_clock(self.at, props.until_time, self.zone)
            return "next", ""
        if props.way == "touch":
            if self.expect == "touch" or not props.timeout:
                return "next", _("假设等到了")
            self.at += timedelta(seconds=props.timeout.seconds)
            return "timeout", _("假设没等到，超时")
        return "next", _("时间跟着预约走，这里不推算")

    def _condition(self, props: Condition) -> tuple[str, str]:
        try:
            asked = condition_question(self.version.journey.organization_id, props, now=self.at)
            found = audiences.explain(asked, patient_id=self.patient_id)
        except DomainError as error:
            return "no", str(error)
        return ("yes" if found.is_member else "no"), audiences.read_aloud(asked)

    def _send(self, props: Send) -> str:
        organization_id = self.version.journey.organization_id
        version = version_of(props, organization_id=organization_id, now=self.at)
        if version is None:
            return _("没有能用的模板")
        decision = outreach.ask_gate(
            organization_id=organization_id,
            patient_id=self.patient_id,
            template=version.pk,
            now=self.at,
            purpose=version.template.purpose,
            channels=props.channels,
            variables=props.variables,
        )
        if decision.reason:
            word = outreach_queries.check_label(decision.reason, organization_id=organization_id)
            return _("不会发：%(reason)s") % {"reason": word}
        words = {"name": version.template.name, "channel": choices.CHANNEL_LABELS.get(decision.channel, "")}
        if decision.due_at > self.at:
            due = decision.due_at.astimezone(ZoneInfo(self.zone))
            return _("到 %(due)s 用%(channel)s发“%(name)s”") % {**words, "due": f"{due:%m-%d %H:%M}"}
        return _("会用%(channel)s发“%(name)s”") % words


def walk(
    *, actor: Actor, version: JourneyVersion, patient_id: int, now: datetime, expect: str = "timeout"
) -> list[WalkStep]:
    """The way one person would go if they entered now, by what is known now.

    ``expect`` says how waits for touches end: "touch" or "timeout". Whoever asks has found the patient
    through ``patients.queries``.
    """
    require(actor, Permission.VIEW_JOURNEY)
    graph = drawing.read(version.graph)
    organization = directory.get_own_organization(Actor.system(version.journey.organization_id))
    walker = _Walker(version, patient_id, str(organization.timezone), now, expect)
    steps: list[WalkStep] = []
    node = graph.trigger
    while node is not None and len(steps) <= len(graph.nodes):
        port, words = walker.step(node)
        steps.append(WalkStep(node.id, node.kind, walker.at, port, words))
        node = graph.target(node.id, port)
    return steps
