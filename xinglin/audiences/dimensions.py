"""What the lake knows of imported lists: who is on which; nothing else."""

from typing import Any

import pyarrow as pa

from xinglin.audiences.models import ListMember
from xinglin.ledger.lake import dimension


@dimension("audience_lists", key=("audience_id", "patient_id"), changed_by="added_at")
def audience_lists() -> tuple[Any, pa.Schema]:
    """One row a person and list."""
    columns = ListMember.objects.values_list(
        "audience__organization_id", "audience_id", "patient_id", "added_at"
    )
    return columns, pa.schema(
        [
            ("organization_id", pa.int64()),
            ("audience_id", pa.int64()),
            ("patient_id", pa.int64()),
            ("added_at", pa.timestamp("us")),
        ]
    )
