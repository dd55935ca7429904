"""The gate: whether a message may go, decided for one person or for an audience by the same statement."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.apps import apps
from django.db import connection
from django.db.models import Model, QuerySet
from django.utils.dateparse import parse_datetime

from xinglin.outreach.gate.context import Context, Decision
from xinglin.outreach.gate.statement import COLUMNS, statement
from xinglin.outreach.queries.gate_rules import rules_for
from xinglin.outreach.rules.gate import GateRules

__all__ = ["COLUMNS", "Context", "Decision", "candidates", "decide", "decide_many", "rules_for", "statement"]


def candidates(*, organization_id: int, patient_ids: Any) -> QuerySet[Model]:
    """Patients of one hospital; ``patient_ids`` is a list or a subquery of ids."""
    model = apps.get_model("patients", "Patient")
    return model._default_manager.filter(organization_id=organization_id, pk__in=patient_ids)


def decide(*, context: Context, patient_id: int) -> Decision | None:
    """The answer for one person; None when the hospital has no such patient."""
    return decide_many(context=context, patient_ids=[patient_id]).get(patient_id)


def decide_many(*, context: Context, patient_ids: Iterable[int]) -> dict[int, Decision]:
    """The answers by patient id; people of other hospitals are left out."""
    rules = rules_for(context.organization_id)
    ids = sorted(set(patient_ids))
    if not ids:
        return {}
    sql, params = statement(
        context=context,
        rules=rules,
        patients=candidates(organization_id=context.organization_id, patient_ids=ids),
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows = cursor.fetchall()
    return {row[0]: _decision(row, rules) for row in rows}


def _decision(row: tuple[Any, ...], rules: GateRules) -> Decision:
    patient_id, channel, reason, failed, due, arm, guardian_id, own = row
    return Decision(
        patient_id=patient_id,
        channel=channel,
        reason=reason,
        failed_checks=failed,
        due_at=_moment(due),
        rules_version=rules.stamp,
        arm=arm,
        guardian_id=guardian_id,
        own=own,
        reasons=tuple(check.code for check in rules.checks if failed >> check.bit & 1) if failed else (),
    )


def _moment(value: datetime | str) -> datetime:
    """A point in time as the driver gives it: aware from PostgreSQL, text in UTC from SQLite."""
    found = parse_datetime(value) if isinstance(value, str) else value
    assert found is not None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
