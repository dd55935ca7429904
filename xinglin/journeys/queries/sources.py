# ruff: noqa: S608 (the SQL is made of our own words, values are parameters)
"""Where people come from: SQL or ids of those whom a trigger means."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import apps
from django.db.models import Q, QuerySet

from xinglin.core import db
from xinglin.journeys.queries.asking import audience_question
from xinglin.journeys.rules.props import Trigger
from xinglin.journeys.rules.timing import VACCINE_MONTHS, birthdays_on, months_before
from xinglin.ledger import lake

#: Touches that happened longer ago than this, as old ones that are imported, let nobody enter.
FRESH = timedelta(days=3)
#: Touches dated further ahead of the clock than this are not believed yet (a clock may be an hour off).
AHEAD = timedelta(hours=2)
CHUNK = 20_000


def where_sql(alias: str, where: dict[str, Any]) -> tuple[str, list[Any]]:
    """Conditions on a touch's properties (``channel`` is a column); each equals a value or one of a list."""
    parts, params = [], []
    for name, value in sorted(where.items()):
        column = f"{alias}.channel" if name == "channel" else db.json_text(f"{alias}.props", name)
        values = [_as_text(v) for v in (value if isinstance(value, list) else [value])]
        cast = column if name == "channel" else f"CAST({column} AS text)"
        parts.append(f" AND {cast} IN ({', '.join(['%s'] * len(values))})")
        params += values
    return "".join(parts), params


def _as_text(value: Any) -> str:
    """As the database prints a JSON value: PostgreSQL says true, SQLite 1."""
    if isinstance(value, bool):
        return ("true" if value else "false") if db.is_postgres() else str(int(value))
    return str(value)


def in_audience(organization_id: int, props: Trigger, *, now: datetime) -> Iterator[list[int]]:
    """The members of the trigger's audience by the lake, ascending, in chunks."""
    from xinglin.audiences import queries as audiences

    asked = audience_question(organization_id, props.audience, now=now)
    members = audiences.member_ids(asked)
    for batch in members.to_batches(max_chunksize=CHUNK):
        yield batch.column("patient_id").to_pylist()


def on_date(organization_id: int, props: Trigger, *, day: date, zone: str) -> QuerySet[Any]:
    """Rows of (patient_id, occurrence, subject) for one local day; see ``occurrence`` in Enrolment.

    A negative offset is before the date: three days before the visit is -3.
    """
    about = day - timedelta(days=props.offset_days)
    if props.field in ("next_visit", "visit_end"):
        return _of_visits(organization_id, str(props.field), about, zone)
    patients = apps.get_model("patients", "Patient")._default_manager.filter(organization_id=organization_id)
    if props.field == "birthday":
        born = [Q(birth_date__month=month, birth_date__day=d) for month, d in birthdays_on(about)]
    else:
        months = [birth for age in VACCINE_MONTHS for birth in months_before(about, age)]
        born = [Q(birth_date__in=months)]
    wanted = born[0] if len(born) == 1 else born[0] | born[1]
    return patients.filter(wanted, deceased_on__isnull=True).order_by("pk").values_list("pk")


def _of_visits(organization_id: int, field: str, about: date, zone: str) -> QuerySet[Any]:
    start = datetime.combine(about, datetime.min.time(), ZoneInfo(zone))
    window = (start, start + timedelta(days=1))
    if field == "next_visit":
        rows = apps.get_model("booking", "Appointment")._default_manager.filter(
            organization_id=organization_id,
            status="booked",
            starts_at__gte=window[0],
            starts_at__lt=window[1],
        )
        return rows.order_by("pk").values_list("patient_id", "pk", "public_id")
    visits = apps.get_model("booking", "Encounter")._default_manager.filter(
        organization_id=organization_id, ended_at__gte=window[0], ended_at__lt=window[1]
    )
    return visits.order_by("pk").values_list("patient_id", "pk", "public_id")


def members_among(sql: str, ids: Sequence[int]) -> list[int]:
    """Which of ``ids`` a lake question finds."""
    import pyarrow as pa

    with lake.cursor() as cursor:
        cursor.register("due_people", pa.table({"id": pa.array(ids, pa.int64())}))
        try:
            found = cursor.execute(
                f"SELECT patient_id FROM ({sql}) WHERE patient_id IN (SELECT id FROM due_people)"
            ).fetchall()
        finally:
            cursor.unregister("due_people")
    return [row[0] for row in found]
