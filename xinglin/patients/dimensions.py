"""What the lake knows of people: no name, no number, no address."""

from typing import Any

import pyarrow as pa

from xinglin.ledger.lake import dimension
from xinglin.patients.models import Consent, Patient, PatientTag

MOMENT = pa.timestamp("us")


@dimension("patients", key="patient_id", changed_by="updated_at")
def patients() -> tuple[Any, pa.Schema]:
    """One row a person."""
    fields = [
        ("patient_id", "id", pa.int64()),
        ("organization_id", "organization_id", pa.int64()),
        ("sex", "sex", pa.string()),
        ("birth_date", "birth_date", pa.date32()),
        ("reported_age", "reported_age", pa.int32()),
        ("reported_age_on", "reported_age_on", pa.date32()),
        ("deceased_on", "deceased_on", pa.date32()),
        ("conditions", "conditions", pa.list_(pa.string())),
        ("province", "province", pa.string()),
        ("city", "city", pa.string()),
        ("district", "district", pa.string()),
        ("community", "community", pa.string()),
        ("insurance_type", "insurance_type", pa.string()),
        ("source_channel", "source_channel", pa.string()),
        ("source_campaign_id", "source_campaign_id", pa.int64()),
        ("responsible_id", "responsible_id", pa.int64()),
        ("is_vip", "is_vip", pa.bool_()),
        ("created_at", "created_at", MOMENT),
        ("updated_at", "updated_at", MOMENT),
    ]
    columns = Patient.objects.values_list(*(source for _name, source, _kind in fields))
    return columns, pa.schema([(name, kind) for name, _source, kind in fields])


@dimension("consents", key="consent_id", changed_by="recorded_at")
def consents() -> tuple[Any, pa.Schema]:
    """Every declaration, given and withdrawn, so that the past can be asked."""
    columns = Consent.objects.values_list(
        "id", "organization_id", "patient_id", "purpose", "channel", "status", "at", "recorded_at"
    )
    return columns, pa.schema(
        [
            ("consent_id", pa.int64()),
            ("organization_id", pa.int64()),
            ("patient_id", pa.int64()),
            ("purpose", pa.string()),
            ("channel", pa.string()),
            ("status", pa.string()),
            ("at", MOMENT),
            ("recorded_at", MOMENT),
        ]
    )


@dimension("patient_tags", key=("patient_id", "tag"))
def patient_tags() -> tuple[Any, pa.Schema]:
    """Who wears which tag."""
    columns = PatientTag.objects.values_list("organization_id", "patient_id", "tag__name")
    return columns, pa.schema(
        [("organization_id", pa.int64()), ("patient_id", pa.int64()), ("tag", pa.string())]
    )
