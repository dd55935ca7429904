"""The gate over a million people: decided by the set, written as a plan, beside one hand-written query.

The hand-written query asks the same questions in one WHERE and only counts who passes; ours says for
each person which checks failed, in which order, and writes it down.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from bench import harness
from bench.people import clone, columns_of

PEOPLE = 1_000_000
NOON = datetime(2026, 6, 1, 2, 0, tzinfo=UTC)


def _clone(model: Any, source: Any, count: int, changes: dict[str, str]) -> None:
    """``count`` copies of one row by one statement; ``changes`` are SQL expressions over ``n``."""
    clone(model._meta.db_table, columns_of(model), count, changes, f"t.id = {source.pk}")


def fill(count: int) -> Any:
    """A draft campaign for a hospital of ``count`` people with consents, history and suppressions."""
    from django.db import connection

    from xinglin.audiences.models import AudienceMember
    from xinglin.directory.tests.factories import make_organization
    from xinglin.outreach.models import Message, Suppression
    from xinglin.outreach.tests.factories import make_campaign, make_consent, make_message, make_patient
    from xinglin.patients.models import Consent, ConsentState, Patient

    organization = make_organization()
    first = make_patient(organization)
    make_consent(first)
    on_postgres = connection.vendor == "postgresql"

    def one_in(number: int, yes: str, no: str) -> str:
        return f"CASE WHEN n % {number} = 0 THEN {yes} ELSE {no} END"

    truth = ("false", "true") if on_postgres else ("0", "1")
    _clone(
        Patient, first, count,
        {
            "is_verified": one_in(20, *truth),
            "deceased_on": one_in(100, "t.birth_date", "NULL"),
            "email": one_in(15, "NULL", "t.email"),
        },
    )  # fmt: skip
    base = first.pk
    _clone(Consent, Consent.objects.get(), count, {"patient_id": f"{base} + n"})
    _clone(
        ConsentState, ConsentState.objects.get(), count,
        {"patient_id": f"{base} + n", "status": one_in(4, "'withdrawn'", "'given'")},
    )  # fmt: skip
    history = make_message(first, due_at=NOON - timedelta(days=10))
    for part in range(3):
        moved = NOON - timedelta(days=2 + part * 9)
        stamp = f"'{moved.isoformat(sep=' ')}'" + ("::timestamptz" if on_postgres else "")
        if not on_postgres:
            stamp = f"'{moved.replace(tzinfo=None).isoformat(sep=' ')}'"
        _clone(
            Message, history, count // 5,
            {"patient_id": f"{base} + n * 5 - {part}", "due_at": stamp, "key": f"'h{part}:' || n"},
        )  # fmt: skip
    stopped = Suppression.objects.create(
        organization=organization, patient=first, kind="complaint", started_at=NOON
    )
    _clone(Suppression, stopped, count // 50, {"patient_id": f"{base} + n * 50"})
    campaign = make_campaign(organization, [], holdout_share=0.1)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {AudienceMember._meta.db_table} (snapshot_id, patient_id) "
            f"SELECT {campaign.snapshot_id}, id FROM patients_patient "
            f"WHERE organization_id = {organization.pk}"
        )
        cursor.execute("ANALYZE")
    return campaign


HAND = """
SELECT count(*) FROM patients_patient p
WHERE p.organization_id = %s AND p.is_verified AND p.email IS NOT NULL AND p.deceased_on IS NULL
  AND (p.birth_date IS NULL OR p.birth_date <= %s)
  AND EXISTS (SELECT 1 FROM patients_consentstate c WHERE c.patient_id = p.id AND c.purpose = 'marketing'
              AND c.channel = 'email' AND c.status = 'given')
  AND NOT EXISTS (SELECT 1 FROM outreach_suppression s WHERE s.patient_id = p.id AND s.lifted_at IS NULL
                  AND s.channel IN ('', 'email'))
  AND NOT EXISTS (SELECT 1 FROM outreach_message m WHERE m.patient_id = p.id AND m.purpose = 'marketing'
                  AND m.due_at > %s AND m.due_at < %s AND m.state NOT IN ('refused', 'cancelled', 'failed'))
  AND (SELECT count(*) FROM outreach_message m WHERE m.patient_id = p.id AND m.purpose = 'marketing'
       AND m.due_at > %s AND m.due_at < %s AND m.state NOT IN ('refused', 'cancelled', 'failed')) < 4
"""


def measure(count: int, where: str) -> None:
    from django.db import connection

    from xinglin.outreach import gate
    from xinglin.outreach.actions.planning import audience_ids
    from xinglin.outreach.gate.requests import campaign_context
    from xinglin.outreach.tests.factories import run_plan

    campaign = fill(count)
    campaign_context(campaign, now=NOON)  # reads the law's rule packs, once a process
    moments = [NOON + timedelta(days=days) for days in (-3, 3, -30, 30)]
    adapt = connection.ops.adapt_datetimefield_value
    params = [campaign.organization_id, NOON.date().replace(year=2008), *map(adapt, moments)]

    def by_hand() -> int:
        with connection.cursor() as cursor:
            cursor.execute(HAND, params)
            return int(cursor.fetchone()[0])

    def decided() -> int:
        people = gate.candidates(
            organization_id=campaign.organization_id, patient_ids=audience_ids(campaign).values("patient_id")
        )
        rules = gate.rules_for(None)
        sql, args = gate.statement(context=campaign_context(campaign, now=NOON), rules=rules, patients=people)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM ({sql}) AS d WHERE reason = ''", args)
            return int(cursor.fetchone()[0])

    hand, expected = harness.timed(by_hand)
    ours, found = harness.timed(decided)
    if expected != found:
        raise SystemExit(f"gate and hand-written query disagree: {found} != {expected}")
    beside = "one hand-written query"
    harness.report(
        f"decide {count:,} people, {where}", ours, "s", baseline=hand, baseline_is=beside, better="lower"
    )
    preflight, _ = harness.timed(lambda: run_plan(campaign, now=NOON, preflight=True, size=20_000))
    harness.report(f"pre-flight written, {where}", preflight, "s", goal="≤ 60 s at 1M")
    campaign.refresh_from_db()
    start, _ = harness.timed(lambda: run_plan(campaign, now=NOON, size=20_000))
    harness.report(
        f"start: decisions, {campaign.counts['send']:,} messages, refusals in the ledger, {where}",
        start, "s", goal="≤ 60 s at 1M",
    )  # fmt: skip


def main(scale: float) -> None:
    harness.on_both("gate", int(PEOPLE * scale), measure)
