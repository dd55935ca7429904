"""A journey in plain Python, one person at a time: what the executor's statements must agree with."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from xinglin.journeys.rules.graph import Graph, Node
from xinglin.journeys.rules.props import Split, Wait
from xinglin.journeys.rules.splitting import port_of, seed_of
from xinglin.journeys.rules.timing import next_clock
from xinglin.outreach.rules.assignment import draw

ZONE = "Asia/Shanghai"


@dataclass(frozen=True)
class Said:
    """A touch: whose, which kind, when, of which booking."""

    person: int
    kind: str
    at: datetime
    booking: str


@dataclass
class Traveller:
    """One enrolment; ``steps`` are (node, port) in order."""

    person: int
    occurrence: int
    subject: str
    entered_at: datetime
    node: Node
    due: datetime | None
    steps: list[tuple[str, str]] = field(default_factory=list)
    left: str = ""


@dataclass
class Oracle:
    """``tick`` does what a round of work does; ``yes`` says whom conditions hold for."""

    graph: Graph
    seed: int
    yes: frozenset[int]
    people: dict[tuple[int, int], Traveller] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)
    heard: int = 0
    is_paused: bool = False

    def let_in(self, person: int, occurrence: int, subject: str, now: datetime) -> None:
        assert self.graph.trigger is not None
        new = Traveller(person, occurrence, subject, now, self.graph.trigger, now)
        self.people.setdefault((person, occurrence), new)

    def tick(self, now: datetime) -> None:
        if self.is_paused:
            return
        fresh, self.heard = self.said[self.heard :], len(self.said)
        for one in self.people.values():
            if not one.left:
                self._hear(one, fresh, now)
            while not one.left and one.due is not None and one.due <= now:
                self._pass(one, now)

    def _hear(self, one: Traveller, fresh: Iterable[Said], now: datetime) -> None:
        mine = [touch for touch in fresh if touch.person == one.person]
        props = one.node.props
        is_waiting = isinstance(props, Wait) and props.way == "touch"
        if is_waiting and any(self._answers(props, one, touch) for touch in mine):
            one.due = now
        for kind in self.graph.leave_on:
            if any(touch.kind == kind and self._concerns(one, touch) for touch in mine):
                one.steps.append((one.node.id, "left"))
                one.left, one.due = kind, None
                return

    def _concerns(self, one: Traveller, touch: Said) -> bool:
        return touch.booking == one.subject if one.subject else touch.at > one.entered_at

    def _answers(self, props: Wait, one: Traveller, touch: Said) -> bool:
        if touch.person != one.person or touch.kind != props.until_touch:
            return False
        return touch.booking == one.subject if props.same else touch.at > one.entered_at

    def _happened(self, props: Wait, one: Traveller) -> bool:
        return any(self._answers(props, one, touch) for touch in self.said)

    def _pass(self, one: Traveller, now: datetime) -> None:
        node, props = one.node, one.node.props
        port = "next"
        if isinstance(props, Wait) and props.way == "touch":
            port = "next" if self._happened(props, one) else "timeout"
        elif node.kind == "condition":
            port = "yes" if one.person in self.yes else "no"
        elif isinstance(props, Split):
            port = port_of(props, draw(seed=seed_of(self.seed, node.id), patient_id=one.person))
        elif node.kind == "exit":
            port = "end"
        one.steps.append((node.id, port))
        target = self.graph.target(node.id, port)
        if target is None:
            one.left, one.due = "gone", None
            return
        one.node, one.due = target, now
        if isinstance(target.props, Wait):
            one.due = self._until(target.props, one, now)

    def _until(self, props: Wait, one: Traveller, now: datetime) -> datetime | None:
        if props.way == "for" and props.for_:
            return now + timedelta(seconds=props.for_.seconds)
        if props.way == "time" and props.until_time:
            return next_clock(now, props.until_time, ZONE)
        if self._happened(props, one):
            return now
        return now + timedelta(seconds=props.timeout.seconds) if props.timeout else None
