"""The demo hospital: the same by seed, lawful in its numbers, and removable without a trace."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection

from xinglin.booking.models import Appointment, Invoice
from xinglin.config.demo import accounts, make_demo, remove_demo
from xinglin.core.errors import Conflict
from xinglin.core.fields import EncryptedText
from xinglin.directory.actions import sync_roles
from xinglin.directory.models import Organization, User
from xinglin.outreach.models import Campaign, Message
from xinglin.patients.models import Patient
from xinglin.patients.queries.search import SEARCH

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


#: Written by the clock, or encrypted with a fresh nonce, or named at random on purpose.
CLOCKED = {
    "created_at", "updated_at", "recorded_at", "published_at", "seen_at", "last_login", "fresh_as_of",
    "seconds",
}  # fmt: skip
OWN = {
    "core.Job",
    "core.JobLine",
    "core.Periodic",
    "core.Worker",
    "core.RateCount",
    "core.DomainEvent",
    "ledger.LakeLease",
}


def picture() -> dict[str, str]:
    """Every table of the demo, column by column, but for what the clock or chance must write."""
    found = {}
    for model in apps.get_models():
        if not model.__module__.startswith("xinglin.") or model._meta.label in OWN:
            continue
        names = [
            one.attname
            for one in model._meta.concrete_fields
            if one.name not in CLOCKED and not isinstance(one, EncryptedText)
        ]
        rows = model._base_manager.order_by(*[f.attname for f in model._meta.pk_fields])
        found[model._meta.label] = json.dumps(list(rows.values_list(*names)), default=_text)
    return found


def _text(value: object) -> str:
    return bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)


def rows() -> dict[str, int]:
    return {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models()
        if model.__module__.startswith("xinglin.")
    }


def test_the_same_seed_gives_the_same_hospital_and_removal_leaves_nothing() -> None:
    keep = Organization.objects.create(name="别的医院", slug="other")
    Patient.objects.create(organization=keep, name="留下的人")
    before = rows()

    make_demo(people=150, seed=7, now=NOW)
    assert {account.role_name.split("（")[0] for account in accounts()} >= {"市场部主任", "数据分析师"}
    assert Patient.objects.exclude(organization=keep).count() == 150
    assert (
        Appointment.objects.filter(status="fulfilled").count()
        == Invoice.objects.exclude(appointment=None).count()
    )
    with pytest.raises(Conflict):
        make_demo(people=150, seed=7, now=NOW)
    assert remove_demo(now=NOW) > 0
    connection.check_constraints()
    left = {label: count - before[label] for label, count in rows().items() if count != before[label]}
    assert left.keys() <= {"core.Job", "core.Periodic", "ledger.LakeLease"}, left
    assert User.objects.count() == 0


def test_the_same_seed_gives_every_row_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = []
    for turn in range(2):
        monkeypatch.setenv("LAKE_DIR", str(tmp_path / f"lake{turn}"))  # numbers of touches begin again
        remove_demo(now=NOW)
        call_command("flush", interactive=False, reset_sequences=True)
        with connection.cursor() as cursor:  # No model's table: a flush leaves it, and ids begin again.
            cursor.execute(f"DELETE FROM {SEARCH.table}")
        sync_roles()
        make_demo(people=400, seed=7, now=NOW)
        found.append(picture())
    differing = [label for label in found[0] if found[0][label] != found[1][label]]
    assert not differing
    assert Campaign.objects.filter(status="done").count() == 3
    wards = Patient.objects.filter(guardian__isnull=False)
    assert wards.exists()
    assert Message.objects.filter(guardian_id__isnull=False, patient__in=wards).exists()
    assert Patient.objects.filter(deceased_on__isnull=False).exists()
