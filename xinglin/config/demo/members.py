"""Audiences with a history: six refreshes in as many weeks, a list from a file, one that leaves it out."""

from datetime import datetime, timedelta

from django.utils import timezone

from xinglin.audiences import actions as audiences
from xinglin.audiences import queries as audience_queries
from xinglin.audiences.cli import Quiet
from xinglin.audiences.models import Audience
from xinglin.config.demo.hospital import Hospital
from xinglin.ledger import lake
from xinglin.patients.models import Patient

LIST = "社区义诊登记名单"
WEEKS = (5, 4, 3, 2, 1)
LISTED = 40


def fill_members(hospital: Hospital, *, now: datetime) -> None:
    """Call it when the lake has everything that happened so far."""
    mine = Audience.objects.filter(organization=hospital.organization, archived_at=None).order_by("pk")
    known = list(mine.values_list("pk", flat=True))
    _import_list(hospital, now=now)
    audiences.save_audience(
        actor=hospital.system,
        name="近一年失约，不含义诊名单",
        tree={
            "all": [
                {"did": "appointment.missed", "within_days": 365},
                {"not": {"in_audience": LIST}},
            ]
        },
        note="排除名单的例子：义诊登记过的人另有同事联系",
        now=now,
    )
    lake.sync(now=timezone.now())
    for pk in known:
        for weeks in WEEKS:
            audiences.refresh_audience(pk, now=now - timedelta(weeks=weeks))
    for pk in mine.values_list("pk", flat=True):
        audiences.refresh_audience(pk, now=now)
    _take_one_off(hospital, now=now)


def _import_list(hospital: Hospital, *, now: datetime) -> None:
    """Phones as a colleague wrote them down at a free clinic; two of them are nobody's."""
    people = Patient.objects.filter(organization=hospital.organization, phone_index__isnull=False)
    phones = [person.phone for person in people.order_by("pk")[:LISTED]]
    lines = ["登记日期,联系电话", *(f"2026-10-18,{phone}" for phone in (*phones, "13000000000", "不详"))]
    item = audiences.begin_list(
        actor=hospital.system,
        name=LIST,
        file_name="社区义诊登记.csv",
        pieces=["\n".join(lines).encode()],
        now=now,
    )
    audiences.begin_check(
        actor=hospital.system,
        public_id=item.public_id,
        column=item.column,
        identifies=item.identifies,
        now=now,
    )
    audiences.check_list(item.pk, watch=Quiet(), now=now)
    audiences.confirm_list(actor=hospital.system, public_id=item.public_id, now=now)


def _take_one_off(hospital: Hospital, *, now: datetime) -> None:
    """Somebody on the list asked to be left alone."""
    listed = audience_queries.find_audience(hospital.organization.pk, LIST)
    assert listed is not None
    first = audience_queries.current_members(listed).values_list("patient_id", flat=True).last()
    if first is not None:
        audiences.remove_from_list(
            actor=hospital.system,
            public_id=listed.public_id,
            patient=Patient.objects.get(pk=first).public_id,
            reason="本人要求不再联系",
            now=now,
        )
