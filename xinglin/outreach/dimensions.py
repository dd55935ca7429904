"""What the lake knows of campaigns; what became of each message stands in its touches."""

from typing import Any

import pyarrow as pa

from xinglin.ledger.lake import dimension
from xinglin.outreach.models import Campaign

MOMENT = pa.timestamp("us")


@dimension("campaigns", key="campaign_id", changed_by="updated_at", names_ok=True)
def campaigns() -> tuple[Any, pa.Schema]:
    """One row a campaign."""
    fields = [
        ("campaign_id", "id", pa.int64()),
        ("organization_id", "organization_id", pa.int64()),
        ("name", "name", pa.string()),
        ("status", "status", pa.string()),
        ("holdout_share", "holdout_share", pa.float64()),
        ("unit_cost_fen", "unit_cost_fen", pa.int64()),
        ("started_at", "started_at", MOMENT),
        ("finished_at", "finished_at", MOMENT),
        ("updated_at", "updated_at", MOMENT),
    ]
    columns = Campaign.objects.values_list(*(source for _name, source, _kind in fields))
    return columns, pa.schema([(name, kind) for name, _source, kind in fields])
