"""A large hospital in the tables, quickly: some thousand people are made as the demo makes them, with
consents, tags, search words and touches, and then copied by set statements under numbers of their own.
"""

from collections.abc import Callable
from random import Random
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

PATTERN = 5_000
VISITS = 3  # further visits for each person, each with its bill


def fill(count: int) -> int:
    """One hospital with an account for each role and ``count`` people; returns its id. Ids are dense."""
    from xinglin.config.demo.hospital import make_hospitals
    from xinglin.config.demo.people import People

    now = timezone.now()
    with transaction.atomic():
        hospital = make_hospitals(now=now)[0]
    maker = People(hospital, random=Random(1), now=now, first_number=0)
    for _ in maker.make(min(PATTERN, count)):
        pass
    with transaction.atomic():
        for copy in _copiers(count // PATTERN - 1):
            copy()
    with transaction.atomic():
        _visits(hospital.organization.pk, count)
    _settle()
    return hospital.organization.pk


def _is_postgres() -> bool:
    return connection.vendor == "postgresql"


def series(count: int) -> str:
    """Whole numbers 1 … ``count`` as ``s.n``."""
    if _is_postgres():
        return f"generate_series(1, {count}) AS s(n)"
    return (
        f"(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) "
        "SELECT n FROM s) AS s"
    )


def clone(table: str, columns: list[str], times: int, changes: dict[str, str], where: str = "1 = 1") -> None:
    """``times`` copies of rows by one statement; ``changes`` are SQL expressions over ``s.n`` and ``t``."""
    new_id = "gen_random_uuid()" if _is_postgres() else "lower(hex(randomblob(16)))"
    parts = [changes.get(name, new_id if name == "public_id" else f"t.{name}") for name in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(parts)} "
            f"FROM {series(times)} CROSS JOIN {table} t WHERE {where}"
        )


def columns_of(model: Any, *, without: str = "id") -> list[str]:
    return [field.column for field in model._meta.concrete_fields if field.column != without]


def _copiers(times: int) -> list[Callable[[], None]]:
    from xinglin.ledger.models import Touch
    from xinglin.patients.models import Consent, ConsentState, Patient, PatientTag

    if times < 1:
        return []
    moved = f"t.patient_id + s.n * {PATTERN}"
    first = f"t.id <= {PATTERN}"
    words = "id" if _is_postgres() else "rowid"
    return [
        lambda: clone(
            "patients_patient", columns_of(Patient, without=""), times,
            {"id": f"t.id + s.n * {PATTERN}"}, first,
        ),
        lambda: clone("patients_consent", columns_of(Consent), times, {"patient_id": moved}),
        lambda: clone("patients_consentstate", columns_of(ConsentState), times, {"patient_id": moved}),
        lambda: clone("patients_patienttag", columns_of(PatientTag), times, {"patient_id": moved}),
        lambda: clone(
            "patients_search", [words, "grams"], times, {words: f"t.{words} + s.n * {PATTERN}"},
            f"t.{words} <= {PATTERN}",
        ),
        lambda: clone(
            "ledger_touch", columns_of(Touch, without="seq"), times,
            {"patient_id": moved, "dedupe_key": "NULL"},
        ),
    ]  # fmt: skip


def _visits(organization_id: int, count: int) -> None:
    """Visits and bills of the last year, in the order of their days."""
    days = f"(s.n * 400 / {count} + t.k * 97) % 400"
    at = (
        f"now() - make_interval(days => ({days})::int)"
        if _is_postgres()
        else f"strftime('%Y-%m-%d %H:%M:%S', 'now', '-' || ({days}) || ' days')"
    )
    recorded = "now()" if _is_postgres() else "strftime('%Y-%m-%d %H:%M:%S', 'now')"
    kinds = " UNION ALL ".join(
        f"SELECT {k} AS k, '{kind}' AS kind, {amount} AS amount"
        for k in range(VISITS)
        for kind, amount in (("visit.ended", "NULL"), ("bill.settled", 12_000 + k * 7_000))
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_touch (organization_id, at, recorded_at, kind, patient_id, channel,"
            f" amount_fen, props) SELECT {organization_id}, {at}, {recorded}, t.kind, s.n, 'walk_in',"
            " t.amount, '{}'"
            f" FROM {series(count)} CROSS JOIN ({kinds}) t"
        )


def _settle() -> None:
    """Sequences behind the copied ids, and what the planner knows."""
    with connection.cursor() as cursor:
        if _is_postgres():
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence('patients_patient', 'id'), max(id))"
                " FROM patients_patient"
            )
        cursor.execute("ANALYZE")
