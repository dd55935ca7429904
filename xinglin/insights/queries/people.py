"""The people behind a number of a result: who did it, in which group."""

# ruff: noqa: S608 (the SQL is made of our own words, values are parameters)
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.insights.permissions import Permission
from xinglin.insights.queries import results
from xinglin.ledger import lake
from xinglin.outreach import queries as outreach
from xinglin.patients import queries as patients

SIZE, CHUNK, TRIES = 50, 500, 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A patient the actor may see, when they first did it, and what they paid in the window."""

    patient: Any
    at: datetime | None
    fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """One page in the order of patient numbers; ``total`` counts everybody, ``cursor`` is 0 at the end."""

    campaign: Any
    label: Any
    rows: list[Person]
    total: int
    cursor: int
    fresh_as_of: datetime | None


def people_behind(
    *, actor: Actor, public_id: UUID, of: str, arm: int, days: int, after: int = 0, now: datetime
) -> PeoplePage:
    """Who of a group did ``of`` (an outcome's code, or "paid"); only patients in the actor's sight.

    Raises NotFound for an outcome or group that is none, PermissionDenied.
    """
    require(actor, Permission.VIEW_REPORT)
    campaign = outreach.get_campaign(actor, public_id)
    outcome = next((outcome for outcome in results.outcomes() if outcome.code == of), None)
    if arm not in (results.TREATED, results.HELD) or (outcome is None and of != "paid"):
        raise NotFound
    label = outcome.who if outcome else _("结过账的人")
    fresh = lake.fresh_as_of()
    found = _all(campaign, of, arm, days, now=now)
    visible = patients.list_patients(actor, now=now)
    rows: list[Person] = []
    place = next((n for n, row in enumerate(found) if row[0] > after), len(found))
    for _try in range(TRIES):
        part = found[place : place + CHUNK]
        seen = {row.pk: row for row in visible.filter(pk__in=[row[0] for row in part])}
        for pk, at, fen in part:
            place += 1
            if pk in seen:
                moment = timezone.make_aware(at, timezone.get_fixed_timezone(timedelta(0))) if at else None
                rows.append(Person(patient=seen[pk], at=moment, fen=fen))
            if len(rows) == SIZE:
                break
        if len(rows) == SIZE or place >= len(found):
            break
    more = place < len(found)
    return PeoplePage(
        campaign=campaign,
        label=label,
        rows=rows,
        total=len(found),
        cursor=found[place - 1][0] if more and place else 0,
        fresh_as_of=fresh,
    )


def _all(campaign: Any, of: str, arm: int, days: int, *, now: datetime) -> list[tuple[int, Any, int]]:
    """(patient, first moment, fen) of everybody, by patient."""
    if of == "paid":
        of_kind = "CASE WHEN t.kind IN ('bill.settled', 'bill.refunded') THEN 'paid' END"
    else:
        of_kind = results.case_of(results.outcomes())
    sql = f"""
        SELECT m.patient_id, min(CASE WHEN {of_kind} = $code THEN t."at" END) AS moment,
          coalesce(sum(CASE t.kind WHEN 'bill.settled' THEN t.amount_fen
                                   WHEN 'bill.refunded' THEN -t.amount_fen END), 0) AS fen
        FROM touches t JOIN people m ON m.patient_id = t.patient_id
        WHERE t.organization_id = $organization AND t."at" >= $start AND t."at" < $stop AND m.arm = $arm
        GROUP BY m.patient_id HAVING moment IS NOT NULL ORDER BY m.patient_id"""
    params = {**results.window(campaign, days), "arm": arm, "code": of}
    drawn = results.drawn(campaign)
    with lake.cursor() as cursor:
        cursor.register("people", drawn)
        rows: list[tuple[int, Any, int]] = cursor.execute(sql, params).fetchall()
        return rows
