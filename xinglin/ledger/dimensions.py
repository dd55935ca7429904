from typing import Any

import pyarrow as pa

from xinglin.ledger.lake.dimensions import dimension
from xinglin.ledger.models import VisitorLink


@dimension("visitor_links", key=("organization_id", "visitor"), changed_by="joined_at")
def visitor_links() -> tuple[Any, pa.Schema]:
    """Which anonymous visitor turned out to be which patient."""
    columns = VisitorLink.objects.values_list("organization_id", "visitor", "patient_id", "joined_at")
    return columns, pa.schema(
        [
            ("organization_id", pa.int64()),
            ("visitor", pa.string()),
            ("patient_id", pa.int64()),
            ("joined_at", pa.timestamp("us")),
        ]
    )
