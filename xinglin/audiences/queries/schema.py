"""The lake's tables as this module reads them; columns it does not use are left out. Moments are UTC."""

from typing import Any

from xinglin.core.deferred import Deferred


def _table(name: str, columns: dict[str, str]) -> Any:
    """The table, once it is asked for; Ibis takes a second to load."""

    def make() -> Any:
        import ibis

        return ibis.table(columns, name=name)

    return Deferred(make)


TOUCHES = _table(
    "touches",
    {
        "organization_id": "int64", "patient_id": "int64", "at": "timestamp", "kind": "string",
        "channel": "string", "campaign_id": "int64", "content_id": "int64", "event_id": "int64",
        "partner_id": "int64", "staff_id": "int64", "department_id": "int64", "department": "string",
        "amount_fen": "int64", "props": "string",
    },
)  # fmt: skip
PATIENTS = _table(
    "patients",
    {
        "patient_id": "int64", "organization_id": "int64", "sex": "string", "birth_date": "date",
        "reported_age": "int32", "reported_age_on": "date", "deceased_on": "date",
        "conditions": "array<string>", "province": "string", "city": "string", "district": "string",
        "community": "string", "insurance_type": "string", "source_channel": "string",
        "responsible_id": "int64", "created_at": "timestamp",
    },
)  # fmt: skip
CONSENTS = _table(
    "consents",
    {
        "organization_id": "int64", "patient_id": "int64", "purpose": "string", "channel": "string",
        "status": "string", "at": "timestamp",
    },
)  # fmt: skip
SCORES = _table(
    "scores",
    {"organization_id": "int64", "patient_id": "int64", "score": "string", "value": "float64"},
)
TAGS = _table("patient_tags", {"patient_id": "int64", "tag": "string"})
LISTS = _table("audience_lists", {"organization_id": "int64", "audience_id": "int64", "patient_id": "int64"})
