# ruff: noqa: S608 (the SQL is made of our own words, values are parameters)
"""What models look at, each from the lake in one question over everybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
from django.utils.translation import gettext_lazy as _

from xinglin.core.actor import Actor
from xinglin.core.errors import Conflict
from xinglin.directory import queries as directory
from xinglin.ledger import lake
from xinglin.scores.rules import churn, favourite, noshow, rfm
from xinglin.scores.rules.catalogue import CHANNELS
from xinglin.scores.rules.extra import np

VISITS = "('visit.ended', 'appointment.kept')"
RESPONSES = (
    "('message.opened', 'message.clicked', 'message.replied', 'link.clicked', 'page.viewed',"
    " 'appointment.booked', 'call.answered')"
)
NET_FEN = (
    "CASE kind WHEN 'bill.settled' THEN coalesce(amount_fen, 0)"
    " WHEN 'bill.refunded' THEN -abs(coalesce(amount_fen, 0)) ELSE 0 END"
)
LOCAL = "CAST(timezone($zone, timezone('UTC', \"at\")) AS DATE)"


class LakeNotReady(Conflict):
    """People or touches have never been mirrored."""

    code = "lake-not-ready"
    default = _("统计数据还没有同步过：请先运行一次同步（xinglin lake sync），或等后台任务跑完")


def _rows(query: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    try:
        return lake.sql(query, params)
    except duckdb.CatalogException:
        raise LakeNotReady from None


def _table(query: str, params: dict[str, Any]) -> pa.Table:
    try:
        return lake.table(query, params)
    except duckdb.CatalogException:
        raise LakeNotReady from None


@dataclass(frozen=True, slots=True)
class Hospital:
    """Whose people, in which time zone, and who of them must be left out."""

    organization_id: int
    zone: str
    refused: Sequence[int] = ()

    @property
    def params(self) -> dict[str, Any]:
        return {"organization": self.organization_id, "zone": self.zone, "refused": list(self.refused)}

    def today(self, now: datetime) -> date:
        return now.astimezone(ZoneInfo(self.zone)).date()

    def start_of(self, day: date) -> datetime:
        """The first moment of a local day, as the lake keeps moments (UTC without a zone)."""
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC).replace(tzinfo=None)


def hospital_of(organization_id: int, refused: Sequence[int]) -> Hospital:
    zone = str(directory.get_own_organization(Actor.system(organization_id)).timezone)
    return Hospital(organization_id, zone, refused)


def _people(cut: str) -> str:
    """Living people who may be scored, with sex and age on a day."""
    return f"""
    SELECT patient_id, CASE sex WHEN 'F' THEN 1.0 WHEN 'M' THEN 0.0 END AS is_female,
      coalesce(date_diff('day', birth_date, {cut}) / 365.25,
               reported_age + date_diff('day', reported_age_on, {cut}) / 365.25) AS age
    FROM patients WHERE organization_id = $organization AND (deceased_on IS NULL OR deceased_on > {cut})
      AND patient_id NOT IN (SELECT unnest($refused::BIGINT[]))"""


def _days(until: str) -> str:
    """One row a person and local day: came, missed, net money."""
    return f"""
    SELECT patient_id, {LOCAL} AS day, bool_or(kind IN {VISITS}) AS came,
      count(*) FILTER (kind = 'appointment.missed') AS missed, sum({NET_FEN}) AS fen
    FROM touches
    WHERE organization_id = $organization AND patient_id > 0 AND "at" < {until} AND (kind IN {VISITS}
      OR kind IN ('appointment.missed', 'bill.settled', 'bill.refunded'))
    GROUP BY 1, 2"""


def span(hospital: Hospital, *, now: datetime) -> tuple[date, date] | None:
    """The first and last local day with a visit before today; None without one."""
    params = {**hospital.params, "until": hospital.start_of(hospital.today(now))}
    params.pop("refused")
    rows = _rows(
        f"""SELECT min({LOCAL}), max({LOCAL}) FROM touches WHERE organization_id = $organization
            AND patient_id > 0 AND kind IN {VISITS} AND "at" < $until""",
        params,
    )
    first, last = rows[0]
    return None if first is None else (first, last)


@dataclass(frozen=True, slots=True)
class History:
    """People on one day, column by column, and what they did in the time after it."""

    snapshot: churn.Snapshot
    first_to_last: Any  # days
    paid_days: Any
    paid_fen: Any
    visits_later: Any
    fen_later: Any


def history(hospital: Hospital, *, cut: date, until: date) -> History:
    """Everybody who had come by the end of ``cut``; later means after it and before ``until``."""
    table = _table(
        f"""WITH d AS ({_days("$end")}), p AS ({_people("$cut")})
        SELECT p.patient_id AS person,
          date_diff('day', max(day) FILTER (came AND day <= $cut), $cut) AS recency_days,
          count(*) FILTER (came AND day <= $cut) AS visits,
          date_diff('day', min(day) FILTER (came AND day <= $cut), $cut) AS known_days,
          count(*) FILTER (came AND day <= $cut AND day > $recent) AS visits_recent,
          coalesce(sum(missed) FILTER (day <= $cut), 0)::DOUBLE AS missed,
          coalesce(sum(fen) FILTER (day <= $cut), 0)::DOUBLE AS spent_fen,
          any_value(age) AS age, any_value(is_female) AS is_female,
          count(*) FILTER (came AND day > $cut) AS visits_later,
          date_diff('day', min(day) FILTER (came AND day <= $cut), max(day) FILTER (came AND day <= $cut))
            AS first_to_last,
          count(*) FILTER (day <= $cut AND fen > 0) AS paid_days,
          coalesce(sum(fen) FILTER (day <= $cut AND fen > 0), 0)::DOUBLE AS paid_fen,
          coalesce(sum(fen) FILTER (day > $cut), 0)::DOUBLE AS fen_later
        FROM d JOIN p ON p.patient_id = d.patient_id
        GROUP BY p.patient_id HAVING count(*) FILTER (came AND day <= $cut) > 0 ORDER BY 1""",
        {
            **hospital.params,
            "cut": cut,
            "end": hospital.start_of(until),
            "recent": cut - timedelta(days=churn.RECENT_DAYS),
        },
    )
    column = {name: _array(table, name) for name in table.column_names}
    snapshot = churn.Snapshot(
        person=column["person"].astype(np.int64),
        came_later=(column["visits_later"] > 0).astype(float),
        **{name: column[name] for name in churn.COLUMNS},
    )
    later = ("first_to_last", "paid_days", "paid_fen", "visits_later", "fen_later")
    return History(snapshot, **{name: column[name] for name in later})


def _array(table: Any, name: str) -> Any:
    """A column as floats, NaN for unknown."""
    return table[name].cast("double").to_numpy(zero_copy_only=False)


@dataclass(frozen=True, slots=True)
class Booked:
    """Appointments with their outcome, and those still to come."""

    past: noshow.Appointments
    coming: noshow.Appointments


def appointments(hospital: Hospital, *, now: datetime, years: int = 2) -> Booked:
    """Appointments kept or missed before today, and each person's next one that stands."""
    today = hospital.today(now)
    table = _table(
        f"""WITH t AS (
          SELECT patient_id, json_extract_string(props, '$.appointment') AS appointment, kind, "at",
            {LOCAL} AS day, CAST(json_extract(props, '$.lead_days') AS INTEGER) AS lead_days,
            CAST(timezone($zone, TRY_CAST(json_extract_string(props, '$.starts_at') AS TIMESTAMPTZ)) AS DATE)
              AS starts_on
          FROM touches
          WHERE organization_id = $organization AND patient_id > 0 AND "at" >= $since AND "at" < $until
            AND kind IN ('appointment.booked', 'appointment.moved', 'appointment.kept',
                         'appointment.missed', 'appointment.cancelled')
        ), a AS (
          SELECT patient_id, appointment,
            arg_max(starts_on, "at") FILTER (starts_on IS NOT NULL) AS starts_on,
            min(day) FILTER (kind = 'appointment.booked') AS booked_on,
            max(day) FILTER (kind IN ('appointment.kept', 'appointment.missed')) AS ended_on,
            max(lead_days) FILTER (kind IN ('appointment.kept', 'appointment.missed')) AS lead_days,
            bool_or(kind = 'appointment.kept') AS kept, bool_or(kind = 'appointment.missed') AS missed,
            bool_or(kind = 'appointment.cancelled') AS cancelled
          FROM t GROUP BY 1, 2
        ), b AS (
          SELECT *, coalesce(starts_on, ended_on) AS on_day, kept OR missed AS is_over FROM a
        ), p AS ({_people("$today")}),
        c AS (
          SELECT b.patient_id AS person, on_day, is_over, (missed AND NOT kept)::INTEGER AS missed,
            age, is_female,
            least(coalesce(booked_on, on_day - coalesce(lead_days, 0)), on_day) AS booked_on
          FROM b JOIN p ON p.patient_id = b.patient_id
          WHERE (is_over AND on_day < $today) OR (NOT is_over AND NOT cancelled AND on_day >= $today)
        )
        SELECT person, date_diff('day', DATE '1970-01-01', booked_on) AS booked,
          date_diff('day', DATE '1970-01-01', on_day) AS day, age, is_female, missed, is_over
        FROM c QUALIFY is_over OR row_number() OVER (PARTITION BY person, is_over ORDER BY on_day) = 1""",
        {
            **hospital.params,
            "today": today,
            "since": hospital.start_of(today - timedelta(days=365 * years)),
            "until": now.astimezone(UTC).replace(tzinfo=None),
        },
    )
    column = {name: _array(table, name) for name in table.column_names if name != "is_over"}
    is_over = table["is_over"].to_numpy(zero_copy_only=False).astype(bool)

    def part(kept: Any) -> noshow.Appointments:
        whole = {name: column[name][kept].astype(np.int64) for name in ("person", "booked", "day", "missed")}
        return noshow.Appointments(age=column["age"][kept], is_female=column["is_female"][kept], **whole)

    return Booked(part(is_over), part(~is_over))


def responses(hospital: Hospital, *, of: str, since: date, until: date) -> favourite.Counts:
    """On how many days each person responded in each hour (``of`` = "hour") or by each channel.

    From one day to before another; a sitting with many clicks is one response.
    """
    kind = (
        "CAST(hour(timezone($zone, timezone('UTC', \"at\"))) AS INTEGER)"
        if of == "hour"
        else "list_position($channels, channel) - 1"
    )
    more = {} if of == "hour" else {"channels": list(CHANNELS)}
    table = _table(
        f"""SELECT t.patient_id AS person, {kind} AS kind,
          count(DISTINCT {LOCAL}) AS n
        FROM touches t JOIN ({_people("$until_day")}) p ON p.patient_id = t.patient_id
        WHERE t.organization_id = $organization AND t.kind IN {RESPONSES} AND "at" >= $since AND "at" < $until
          {"" if of == "hour" else "AND list_contains($channels, channel)"}
        GROUP BY 1, 2 ORDER BY 1, 2""",
        {
            **hospital.params,
            **more,
            "since": hospital.start_of(since),
            "until": hospital.start_of(until),
            "until_day": until,
        },
    )
    person, kinds, n = (_array(table, name).astype(np.int64) for name in ("person", "kind", "n"))
    return favourite.Counts(person, kinds, n)


def rfm_rows(hospital: Hospital, *, now: datetime) -> list[tuple[int, int, int, int]]:
    """(person, recency, frequency, money), each a fifth from 1 to 5; people with equal figures share one."""
    today = hospital.today(now)
    return _rows(
        f"""WITH d AS ({_days("$end")}), p AS ({_people("$today")}),
        f AS (
          SELECT p.patient_id AS person, max(day) FILTER (came) AS last, count(*) FILTER (came) AS visits,
            sum(fen) AS fen
          FROM d JOIN p ON p.patient_id = d.patient_id WHERE day > $since
          GROUP BY 1 HAVING count(*) FILTER (came) > 0
        )
        SELECT person, CAST(ceil(5 * cume_dist() OVER (ORDER BY last)) AS INTEGER),
          CAST(ceil(5 * cume_dist() OVER (ORDER BY visits)) AS INTEGER),
          CAST(ceil(5 * cume_dist() OVER (ORDER BY fen)) AS INTEGER)
        FROM f ORDER BY person""",
        {
            **hospital.params,
            "today": today,
            "since": today - timedelta(days=rfm.DAYS),
            "end": hospital.start_of(today + timedelta(days=1)),
        },
    )
