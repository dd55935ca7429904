"""The gate's rules as one hospital has them: the shipped ones, with its own layer over them."""

from typing import Any

from django.db.models import QuerySet

from xinglin.core.actor import Actor
from xinglin.outreach.models import GateLayer
from xinglin.outreach.rules.gate import GateRules, Layer, layered, shipped


def rules_for(organization_id: int | None) -> GateRules:
    """The rules in force for a hospital; None gives the shipped ones."""
    if organization_id is None:
        return shipped()
    newest = _layers(organization_id).order_by("-number").first()
    return shipped() if newest is None else _rules(newest)


def rules_of(organization_id: int, stamp: str) -> GateRules:
    """The rules that a judgement is stamped with, so that it reads as it was decided."""
    number = stamp.rpartition("+")[2] if "+" in stamp else ""
    if not number.isdecimal():
        return shipped()
    row = _layers(organization_id).filter(number=int(number)).first()
    return shipped() if row is None else _rules(row)


def list_gate_layers(*, actor: Actor) -> QuerySet[GateLayer]:
    """All versions of the hospital's layer, newest first."""
    return GateLayer.objects.visible_to(actor).order_by("-number")


def _layers(organization_id: int) -> QuerySet[GateLayer]:
    return GateLayer.objects.filter(organization_id=organization_id).only("number", "rules")


def _rules(row: GateLayer) -> GateRules:
    facts: dict[str, Any] = row.rules
    return layered(Layer.model_validate(facts), number=row.number)
