"""What a campaign brought, against those held out.

Intention to treat: everybody drawn counts in their group, also those whom the message never reached.
"""

# ruff: noqa: S608 (the SQL is made of our own words, values are parameters)
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pyarrow as pa
from django.utils.translation import gettext_lazy as _

from xinglin.core.actor import Actor, require
from xinglin.insights import rules
from xinglin.insights.permissions import Permission
from xinglin.insights.rules import Estimate, Sums
from xinglin.ledger import lake
from xinglin.ledger.kinds import find_kind
from xinglin.outreach import queries as outreach

TREATED, HELD = 1, 2
WINDOWS = (7, 14, 30)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Something a person may do after the start; a guardrail is better when it does not rise."""

    code: str
    label: Any
    who: Any
    kinds: tuple[str, ...]
    is_guardrail: bool = False
    condition: str = ""


OUTCOMES = (
    Outcome("booked", _("预约率"), _("预约的人"), ("appointment.booked",)),
    Outcome("visited", _("到诊率"), _("到诊的人"), ("appointment.kept", "visit.started", "visit.ended")),
    Outcome(
        "unsubscribed",
        _("退订率"),
        _("退订的人"),
        ("consent.withdrawn",),
        True,
        "json_extract_string(t.props, '$.purpose') = 'marketing'",
    ),
    Outcome("complained", _("投诉率"), _("投诉的人"), ("complaint.filed",), True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One outcome in both groups; ``extra`` people are the difference times the people sent to."""

    outcome: Outcome
    treated: int
    held: int
    treated_share: Estimate
    held_share: Estimate
    difference: Estimate
    extra: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Revenue:
    """Bills less refunds of the people drawn, in fen a person; ``extra`` in fen for all sent to."""

    treated: Sums
    held: Sums
    difference: Estimate
    extra: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignResult:
    """Everything the result page says; ``curve`` is (day, sent to, held out) of the share booked."""

    campaign: Any
    account: Any
    reactions: dict[str, int]
    reasons: list[Any]
    days: int
    elapsed: int
    fresh_as_of: datetime | None
    treated: int
    held: int
    outcomes: list[Compared]
    revenue: Revenue
    curve: list[tuple[int, Estimate, Estimate]]

    @property
    def booked(self) -> Compared:
        return self.outcomes[0]

    @property
    def cost_per_booking(self) -> float | None:
        """Fen for each booking more; None while no more bookings can be claimed."""
        extra = self.booked.extra
        return self.account.cost_fen / extra.point if self.held and extra.low > 0 else None

    @property
    def roi(self) -> float | None:
        if not self.held or not self.revenue.extra.is_clear:
            return None
        return rules.return_on_cost(extra_fen=self.revenue.extra.point, cost_fen=self.account.cost_fen)


def campaign_result(*, actor: Actor, public_id: UUID, days: int = 14, now: datetime) -> CampaignResult:
    """A campaign's result in the first ``days`` after its start; NotFound, PermissionDenied."""
    require(actor, Permission.VIEW_REPORT)
    campaign = outreach.get_campaign(actor, public_id)
    days = days if days in WINDOWS else 14
    account = outreach.account_of(campaign)
    people = drawn(campaign)
    arms = people["arm"].to_pylist()
    counts = {arm: arms.count(arm) for arm in (TREATED, HELD)}
    hits, money = _hits(campaign, people, days), _money(campaign, people, days)
    fresh = lake.fresh_as_of()
    elapsed = _elapsed(campaign, days, min(fresh, now) if fresh else now)
    return CampaignResult(
        campaign=campaign,
        account=account,
        reactions=outreach.reactions_of(campaign),
        reasons=outreach.reason_lines(campaign, account),
        days=days,
        elapsed=elapsed,
        fresh_as_of=fresh,
        treated=counts[TREATED],
        held=counts[HELD],
        outcomes=[_compare(outcome, hits, counts) for outcome in outcomes()],
        revenue=_revenue(money, counts),
        curve=[_day(day, hits, counts) for day in range(elapsed + 1)],
    )


def outcomes() -> list[Outcome]:
    """Those of which the house knows a kind of touch."""
    return [outcome for outcome in OUTCOMES if any(find_kind(kind) for kind in outcome.kinds)]


def drawn(campaign: Any) -> pa.Table:
    rows = list(outreach.list_randomised(campaign).iterator(chunk_size=20_000))
    patients, arms = zip(*rows, strict=True) if rows else ((), ())
    return pa.table({"patient_id": pa.array(patients, pa.int64()), "arm": pa.array(arms, pa.int8())})


def _elapsed(campaign: Any, days: int, now: datetime) -> int:
    """Days of the window that are over, or under way."""
    if campaign.started_at is None or now < campaign.started_at:
        return 0
    over: int = (now - campaign.started_at).days + 1
    return min(days, over)


def window(campaign: Any, days: int) -> dict[str, Any]:
    """Parameters of every question: the hospital, and from the start on so many days, as the lake has it."""
    start = (campaign.started_at or datetime.max.replace(tzinfo=UTC, year=2200)).astimezone(UTC)
    start = start.replace(tzinfo=None)
    return {
        "organization": campaign.organization_id,
        "start": start,
        "stop": start + timedelta(days=days),
    }


def case_of(wanted: list[Outcome]) -> str:
    """SQL that names the outcome of a touch ``t``; NULL for other touches."""
    whens = []
    for outcome in wanted:
        kinds = ", ".join(f"'{kind}'" for kind in outcome.kinds)
        also = f" AND {outcome.condition}" if outcome.condition else ""
        whens.append(f"WHEN t.kind IN ({kinds}){also} THEN '{outcome.code}'")
    return f"CASE {' '.join(whens)} END"


_WINDOW = 't.organization_id = $organization AND t."at" >= $start AND t."at" < $stop'


def _hits(campaign: Any, people: pa.Table, days: int) -> dict[tuple[int, str, int], int]:
    """(arm, outcome, day) → people who did it for the first time on that day, 0 being the first."""
    wanted = outcomes()
    kinds = ", ".join(f"'{kind}'" for outcome in wanted for kind in outcome.kinds)
    sql = f"""
        WITH first AS (
          SELECT m.arm, m.patient_id, {case_of(wanted)} AS outcome, min(t."at") AS moment
          FROM touches t JOIN people m ON m.patient_id = t.patient_id
          WHERE {_WINDOW} AND t.kind IN ({kinds}) GROUP BY ALL
        )
        SELECT arm, outcome, date_diff('second', $start, moment) // 86400 AS day, count(*)
        FROM first WHERE outcome IS NOT NULL GROUP BY ALL"""
    return {(arm, code, day): number for arm, code, day, number in _ask(sql, people, window(campaign, days))}


def _money(campaign: Any, people: pa.Table, days: int) -> dict[int, tuple[float, float]]:
    """Arm → sum and sum of squares of what each person paid, in fen."""
    sql = f"""
        WITH paid AS (
          SELECT m.arm, m.patient_id,
            sum(CASE t.kind WHEN 'bill.settled' THEN t.amount_fen ELSE -t.amount_fen END)::DOUBLE AS fen
          FROM touches t JOIN people m ON m.patient_id = t.patient_id
          WHERE {_WINDOW} AND t.kind IN ('bill.settled', 'bill.refunded') GROUP BY ALL
        )
        SELECT arm, coalesce(sum(fen), 0), coalesce(sum(fen * fen), 0) FROM paid GROUP BY arm"""
    return {arm: (total, squares) for arm, total, squares in _ask(sql, people, window(campaign, days))}


def _ask(sql: str, people: pa.Table, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with lake.cursor() as cursor:
        cursor.register("people", people)
        rows: list[tuple[Any, ...]] = cursor.execute(sql, params).fetchall()
        return rows


def _total(hits: dict[tuple[int, str, int], int], arm: int, code: str, until: int = 10_000) -> int:
    return sum(number for (a, c, day), number in hits.items() if a == arm and c == code and day < until)


def _compare(outcome: Outcome, hits: dict[tuple[int, str, int], int], counts: dict[int, int]) -> Compared:
    treated, held = _total(hits, TREATED, outcome.code), _total(hits, HELD, outcome.code)
    difference = rules.share_difference(
        hits=treated, people=counts[TREATED], other_hits=held, other_people=counts[HELD]
    )
    return Compared(
        outcome=outcome,
        treated=treated,
        held=held,
        treated_share=rules.share(hits=treated, people=counts[TREATED]),
        held_share=rules.share(hits=held, people=counts[HELD]),
        difference=difference,
        extra=difference.times(counts[TREATED]),
    )


def _revenue(money: dict[int, tuple[float, float]], counts: dict[int, int]) -> Revenue:
    treated, held = (Sums(counts[arm], *money.get(arm, (0.0, 0.0))) for arm in (TREATED, HELD))
    difference = rules.mean_difference(treated, held)
    return Revenue(
        treated=treated, held=held, difference=difference, extra=difference.times(max(counts[TREATED], 1))
    )


def _day(
    day: int, hits: dict[tuple[int, str, int], int], counts: dict[int, int]
) -> tuple[int, Estimate, Estimate]:
    treated, held = (
        rules.share(hits=_total(hits, arm, "booked", until=day), people=counts[arm])
        for arm in (TREATED, HELD)
    )
    return day, treated, held
