"""The gate as one SQL statement: checks as columns, the first failure as reason, then arm and budget.

The same text decides for one person and for a million; only the candidates differ.
"""

from typing import Any

from django.db.models import Model, QuerySet

from xinglin.outreach.gate.checks import BY_CHANNEL, GUARDIAN, ITSELF, columns, wards
from xinglin.outreach.gate.context import Context
from xinglin.outreach.rules.assignment import draw_sql, threshold
from xinglin.outreach.rules.gate import GateRules

#: What the statement returns, in this order.
COLUMNS = ("patient_id", "channel", "reason", "failed_checks", "due_at", "arm", "guardian_id", "own")


def statement(*, context: Context, rules: GateRules, patients: QuerySet[Model]) -> tuple[str, list[Any]]:
    """SQL and parameters that give a row of ``COLUMNS`` for every candidate.

    ``patients`` is a queryset of patients, already narrowed to the hospital and the candidates.
    """
    inner, params = _candidates(context, rules, patients)
    reason = " ".join(f"WHEN f_{c.code} = 1 THEN '{c.code}'" for c in rules.checks if c.code != "budget")
    mask = " + ".join(f"f_{c.code} * {1 << c.bit}" for c in rules.checks if c.code != "budget")
    budget = next(check for check in rules.checks if check.code == "budget")
    has_limit = context.units_left is not None and context.purpose in rules.budget.applies_to
    over = f"(arm = 1 AND place > {int(context.units_left or 0)})" if has_limit else "(1 = 0)"
    # Places are given out in the order of the draw, so a budget cuts off at random, not by age of record.
    place = "ROW_NUMBER() OVER (PARTITION BY arm ORDER BY draw, id)" if has_limit else "0"
    lead, own = (f", {_lead(context)} AS lead", ", lead") if context.prefers else ("", "")
    sql = f"""
WITH raw AS MATERIALIZED ({inner}),
picked AS (SELECT raw.*, {_pick(context)} AS pick{lead} FROM raw),
timed AS (SELECT picked.*, {_of_picked("due", len(context.channels))} AS due FROM picked),
flat AS (SELECT id, stand_in, pick, due{own}, {_flat(context, rules)} FROM timed),
judged AS (
  SELECT id, stand_in, pick, due{own}, CASE {reason} ELSE '' END AS first_no, {mask} AS mask,
         {draw_sql(seed=context.seed, column="id")} AS draw FROM flat),
armed AS (
  SELECT judged.*, CASE WHEN first_no <> '' THEN 0
    WHEN draw < {threshold(context.holdout_share)} THEN 2 ELSE 1 END AS arm FROM judged),
placed AS (SELECT armed.*, {place} AS place FROM armed)
SELECT id AS patient_id, {_name(context)} AS channel,
  CASE WHEN {over} THEN 'budget' ELSE first_no END AS reason,
  CASE WHEN {over} THEN mask + {1 << budget.bit} ELSE mask END AS failed_checks,
  due AS due_at, CASE WHEN {over} THEN 0 ELSE arm END AS arm, stand_in AS guardian_id,
  {_own(context)} AS own
FROM placed WHERE 1 = 1"""  # noqa: S608 (only names and integers of our own are put in)
    return sql, [*params, *_until(context)]


def _candidates(context: Context, rules: GateRules, patients: QuerySet[Model]) -> tuple[str, tuple[Any, ...]]:
    """The checks of everybody; children with a guardian are a second set, asked about by the guardian.

    Where nobody has a guardian there is one set and nothing is paid for the other.
    """
    if not patients.filter(guardian__isnull=False).exists():
        sql, params = columns(context, rules, patients, ITSELF).query.sql_with_params()
        return sql, tuple(params)
    through = wards(context, rules)
    parts = [
        columns(context, rules, patients.exclude(through), ITSELF).query.sql_with_params(),
        columns(context, rules, patients.filter(through), GUARDIAN).query.sql_with_params(),
    ]
    return " UNION ALL ".join(sql for sql, _ in parts), tuple(p for _, some in parts for p in some)


def _pick(context: Context) -> str:
    """The first channel that may be used, else the first one, whose refusal is then the reason.

    Where people differ in their order, each one's best channel is the first.
    """
    if len(context.channels) == 1:
        return "0"
    opens = [
        " + ".join(f"fail_{check}_{n}" for check in BY_CHANNEL) + " = 0" for n in range(len(context.channels))
    ]
    tries = [f"WHEN {test} THEN {n}" for n, test in enumerate(opens)]
    if not context.prefers:
        return f"CASE {' '.join(tries)} ELSE 0 END"
    first = [
        f"WHEN favourite = '{_safe(name)}' AND {opens[n]} THEN {n}" for n, name in enumerate(context.channels)
    ]
    return f"CASE {' '.join([*first, *tries])} ELSE COALESCE({_lead(context)}, 0) END"


def _lead(context: Context) -> str:
    """The place of the best channel among those given; NULL where none is known, or none of these."""
    places = " ".join(f"WHEN '{_safe(name)}' THEN {n}" for n, name in enumerate(context.channels))
    return f"CASE favourite {places} END"


def _own(context: Context) -> str:
    """``CampaignMember.Own``."""
    if not context.prefers:
        return "0"
    return "CASE WHEN lead IS NULL THEN 0 WHEN pick = lead THEN 1 ELSE 2 END"


def _flat(context: Context, rules: GateRules) -> str:
    parts = []
    for check in rules.checks:
        if check.code == "budget":
            continue
        if check.code in ("template", "compliance"):
            value = str(int(not (context.template_ok if check.code == "template" else context.compliance_ok)))
        elif check.code == "quiet_hours":
            value = "CASE WHEN due > %s THEN 1 ELSE 0 END" if context.until else "0"
        elif check.code in BY_CHANNEL:
            value = _of_picked(f"fail_{check.code}", len(context.channels))
        else:
            value = f"fail_{check.code}"
        parts.append(f"{value} AS f_{check.code}")
    return ", ".join(parts)


def _of_picked(column: str, channels: int) -> str:
    if channels == 1:
        return f"{column}_0"
    return "CASE pick " + " ".join(f"WHEN {n} THEN {column}_{n}" for n in range(channels)) + " END"


def _name(context: Context) -> str:
    names = " ".join(f"WHEN {n} THEN '{_safe(channel)}'" for n, channel in enumerate(context.channels))
    return f"CASE pick {names} END"


def _safe(channel: str) -> str:
    if not channel.isalpha():
        raise ValueError(f"not a channel: {channel!r}")
    return channel


def _until(context: Context) -> list[Any]:
    """The end of the sending window in the database's own form."""
    if context.until is None:
        return []
    from django.db import connection

    return [connection.ops.adapt_datetimefield_value(context.until)]
