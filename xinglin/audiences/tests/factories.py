"""Audiences for tests, and touches in few words."""

from dataclasses import MISSING, fields
from datetime import UTC, datetime
from typing import Any

from xinglin.audiences import actions
from xinglin.audiences.models import Audience
from xinglin.core.actor import Actor
from xinglin.ledger import lake
from xinglin.ledger.actions import NewTouch, record
from xinglin.ledger.kinds import get_kind
from xinglin.patients.models import Patient

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)  # noon in Shanghai
DIABETIC: dict[str, Any] = {"all": [{"attr": "condition", "contains": ["糖尿病"]}]}


def make_audience(
    actor: Actor, tree: dict[str, Any] | None = None, *, name: str = "糖友", **facts: Any
) -> Audience:
    """A saved audience; without a tree, everybody with diabetes."""
    now = facts.pop("now", NOON)
    return actions.save_audience(actor=actor, name=name, tree=tree or DIABETIC, now=now, **facts)


def touch(patient: Patient, kind: str, at: datetime, **facts: Any) -> None:
    """Something that happened; props that the kind demands are filled in."""
    props = get_kind(kind).props
    names = {part.name for part in fields(props)}
    demanded = {part.name: "x" for part in fields(props) if part.default is MISSING}
    given = {name: facts.pop(name) for name in list(facts) if name in names}
    made = NewTouch(
        props=props(**{**demanded, **given}),
        organization_id=patient.organization_id,
        patient_id=patient.pk,
        at=at,
        **facts,
    )
    record(made, now=NOON)


def sync() -> None:
    """Bring the lake up to date with the test's rows."""
    lake.sync(now=NOON, full_dimensions=True)
