# ruff: noqa: S608 (the SQL is made of our own words, values are parameters)
"""Whom a message moved: a randomised trial on our own people, with what was known of them before it."""

from datetime import UTC, datetime
from typing import Any

import duckdb
import pyarrow as pa

from xinglin.ledger import lake
from xinglin.scores.queries import features
from xinglin.scores.queries.refusals import refused_ids
from xinglin.scores.rules import extra, uplift
from xinglin.scores.rules.extra import np

#: What is learned from, in this order; all of it known when the message went.
KNOWN = (
    "age",
    "is_female",
    "known_days",
    "visits",
    "recency_days",
    "missed",
    "spent_fen",
    "received",
    "seen",
)


def find_uplift(*, organization_id: int, people: pa.Table, at: datetime) -> dict[str, Any] | None:
    """The report on a trial that began ``at``; None for too few people, of one side or with the outcome.

    ``people`` has ``patient_id``, ``treated`` and ``came`` (0 or 1); who refused to be scored is left out.
    Raises ModelsNotInstalled, LakeNotReady.
    """
    extra.need()
    table = _known(organization_id, people, at)
    columns = {name: table[name].cast("double").to_numpy(zero_copy_only=False) for name in table.column_names}
    values = np.column_stack([columns[name] for name in KNOWN])
    try:
        return uplift.report(values, columns["treated"], columns["came"], names=KNOWN).as_plain()
    except ValueError:
        return None


def _known(organization_id: int, people: pa.Table, at: datetime) -> pa.Table:
    hospital = features.hospital_of(organization_id, refused_ids(organization_id))
    moment = at.astimezone(UTC).replace(tzinfo=None)
    query = f"""
        WITH p AS ({features._people("$at::DATE")}), t AS (
          SELECT t.patient_id,
            date_diff('day', min("at"), $at) AS known_days,
            count(DISTINCT {features.LOCAL}) FILTER (kind IN {features.VISITS}) AS visits,
            date_diff('day', max("at") FILTER (kind IN {features.VISITS}), $at) AS recency_days,
            count(*) FILTER (kind = 'appointment.missed') AS missed,
            sum({features.NET_FEN}) AS spent_fen,
            count(*) FILTER (kind = 'message.accepted') AS received,
            count(*) FILTER (kind IN ('message.opened', 'message.clicked')) AS seen
          FROM touches t JOIN drawn d ON d.patient_id = t.patient_id
          WHERE t.organization_id = $organization AND "at" < $at GROUP BY 1
        )
        SELECT d.treated, d.came, age, is_female, known_days, recency_days,
          coalesce(visits, 0) AS visits, coalesce(missed, 0) AS missed, coalesce(spent_fen, 0) AS spent_fen,
          coalesce(received, 0) AS received, coalesce(seen, 0) AS seen
        FROM drawn d JOIN p ON p.patient_id = d.patient_id LEFT JOIN t ON t.patient_id = d.patient_id
        ORDER BY d.patient_id"""
    try:
        with lake.cursor() as cursor:
            cursor.register("drawn", people)
            return cursor.sql(query, params={**hospital.params, "at": moment}).to_arrow_table()
    except duckdb.CatalogException:
        raise features.LakeNotReady from None
