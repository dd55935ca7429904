"""What the executor looks at beside its own rows: the lake, the wordings, the outbox. One a round of work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from xinglin.audiences import queries as audiences
from xinglin.core.errors import DomainError
from xinglin.journeys.engine.plan import Plan, Stop
from xinglin.journeys.queries.asking import condition_question
from xinglin.journeys.queries.templates import version_of
from xinglin.journeys.rules.props import Condition, Send
from xinglin.ledger import actions as ledger
from xinglin.outreach import queries as outreach

#: So many messages of journeys may wait for one purpose and channel before no more are planned.
DEPTHS = {"service": 200_000, "marketing": 50_000}
#: How old the lake may be for somebody who comes from a wait.
STALE = timedelta(minutes=10)
#: How long one answer about everybody serves.
ANSWER_LIFE = timedelta(minutes=1)
Asker = Callable[[Plan, Condition, datetime, Sequence[int]], set[int]]


@dataclass
class World:
    """``ask`` answers a condition for some people instead of the lake: (plan, props, now, ids) → ids."""

    depths: dict[str, int] = field(default_factory=lambda: dict(DEPTHS))
    ask: Asker | None = None
    _members: dict[int, tuple[datetime, Any]] = field(default_factory=dict)
    _wordings: dict[int, Any] = field(default_factory=dict)

    @property
    def knows_everything(self) -> bool:
        """Whether the one who answers knows of touches that have only just come; the lake does not."""
        return self.ask is not None

    def knows_until(self) -> datetime | None:
        """Whoever came to a condition before this moment may be judged; None: everybody."""
        return None if self.ask else audiences.fresh_as_of()

    def may_ask(self, *, now: datetime) -> bool:
        """Whether the lake is recent enough for people who have waited; otherwise it is asked to hurry."""
        if self.ask:
            return True
        fresh = audiences.fresh_as_of()
        if fresh is None or fresh < now:
            ledger.request_sync()
        return fresh is not None and fresh >= now - STALE

    def holds_for(
        self, plan: Plan, stop: Stop, patient_ids: Sequence[int], *, now: datetime
    ) -> "set[int] | None":
        """Which of the people the node's condition holds for; None while the question cannot be answered."""
        props = stop.props
        assert isinstance(props, Condition)
        if self.ask:
            return self.ask(plan, props, now, patient_ids)
        import pyarrow as pa
        from pyarrow import compute

        known = self._members.get(stop.id)
        if known is None or now - known[0] > ANSWER_LIFE:
            try:
                asked = condition_question(plan.organization_id, props, now=now)
                members = audiences.member_ids(asked).column("patient_id")
            except DomainError:
                ledger.request_sync()
                return None
            known = self._members[stop.id] = (now, members)
        due = pa.array(patient_ids, pa.int64())
        found: list[int] = due.filter(compute.is_in(due, value_set=known[1].combine_chunks())).to_pylist()
        return set(found)

    def wording(self, plan: Plan, stop: Stop, *, now: datetime) -> Any:
        """The template version that a send node means; None without one."""
        props = stop.props
        assert isinstance(props, Send)
        if stop.id not in self._wordings:
            self._wordings[stop.id] = version_of(props, organization_id=plan.organization_id, now=now)
        return self._wordings[stop.id]

    def is_blocked(self, plan: Plan, stop: Stop, *, now: datetime) -> bool:
        """Whether the outbox of the node's lane is as deep as it may be: then nobody is sent to for now."""
        props = stop.props
        assert isinstance(props, Send)
        if plan.is_test:
            return False
        return outreach.has_backlog(
            organization_id=plan.organization_id,
            purpose=props.lane,
            channels=props.channels,
            limit=self.depths[props.lane],
            now=now,
        )
