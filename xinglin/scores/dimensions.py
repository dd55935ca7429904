"""Scores that stand, as the lake keeps them: an audience may ask for them."""

from typing import Any

import pyarrow as pa

from xinglin.core.actor import Actor
from xinglin.ledger.lake import dimension
from xinglin.patients.score_names import score_source
from xinglin.scores import queries


@dimension("scores", key=("patient_id", "score"), changed_by="computed_at")
def scores() -> tuple[Any, pa.Schema]:
    """One row a person and score; refused people and models without skill are not among them."""
    columns = queries.standing_scores().values_list(
        "organization_id", "patient_id", "name", "value", "computed_at"
    )
    return columns, pa.schema(
        [
            ("organization_id", pa.int64()),
            ("patient_id", pa.int64()),
            ("score", pa.string()),
            ("value", pa.float64()),
            ("computed_at", pa.timestamp("us")),
        ]
    )


@score_source
def usable(organization_id: int) -> dict[str, Any]:
    """Scores with a model that has skill and numbers to show."""
    standings = queries.list_standings(actor=Actor.system(organization_id))
    return {
        each.kind.name: each.kind.label
        for each in standings
        if each.card and each.card.has_skill and each.card.computed_at
    }
