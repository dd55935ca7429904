"""A list of members as a file: masked, formulas disarmed, written down in the audit log."""

import csv
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from xinglin.audiences.models import Audience
from xinglin.audiences.permissions import Permission
from xinglin.audiences.queries import answers, asking, audiences
from xinglin.audiences.queries.people import people_by_id
from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid
from xinglin.core.exports import safe_row
from xinglin.core.jobs import enqueue
from xinglin.core.models import Job

FORMATS = ("csv", "xlsx")
BATCH = 2000


@transaction.atomic
def begin_export(*, actor: Actor, public_id: UUID, file_format: str, now: datetime) -> Job:
    """Ask for the file; the job attaches it. Raises NotFound, PermissionDenied, Invalid."""
    require(actor, Permission.EXPORT_AUDIENCE)
    audience = audiences.get_audience(actor, public_id)
    if file_format not in FORMATS:
        raise Invalid(fields={"format": [_("只能导出 CSV 或 XLSX")]})
    version = audiences.current_version(audience)
    job = enqueue(
        "audiences.export",
        {"version_id": version.pk, "format": file_format, "scope": scope_of(actor)},
        actor=actor,
        title=_("导出人群「%(name)s」") % {"name": audience.name},
    )
    audit.record(
        actor, "audiences.audience.exported", audience, at=now, label=audience.name,
        format=file_format, version=version.number, job=str(job.public_id),
    )  # fmt: skip
    return job


def scope_of(actor: Actor) -> dict[str, Any]:
    """What is needed to act with the same sight later."""
    return {
        "user_id": actor.user_id,
        "staff_id": actor.staff_id,
        "name": actor.name,
        "role": actor.role,
        "scope": str(actor.scope),
        "permissions": sorted(actor.permissions),
        "department_ids": sorted(actor.department_ids),
        "team_staff_ids": sorted(actor.team_staff_ids),
        "is_system": actor.is_system,
    }


class Watch(Protocol):
    """What the writer tells while it works: a job, or nothing at all."""

    def progress(self, done: int, total: int | None = None, note: str = "") -> None: ...
    def stop_if_cancelled(self) -> None: ...


def write_export(
    *, actor: Actor, version_id: int, file_format: str, path: Path, watch: Watch, now: datetime
) -> int:
    """Write the members this person may see to ``path``, 2,000 at a time; returns how many rows."""
    require(actor, Permission.EXPORT_AUDIENCE)
    assert actor.organization_id is not None
    version = audiences.get_version(actor.organization_id, version_id)
    moment = asking.as_of_for(actor.organization_id, None, now=now)
    members = answers.member_ids(asking.question_of(version, as_of=moment))
    rows = _rows(actor, members.column("patient_id").to_pylist(), watch, moment.day)
    return _write_csv(path, rows) if file_format == "csv" else _write_xlsx(path, rows)


def heads() -> list[str]:
    return [_("编号"), _("姓名"), _("性别"), _("年龄"), _("手机"), _("省份"), _("城市"), _("区县"), _("社区"),
            _("首次来源"), _("建档日期")]  # fmt: skip


def _rows(actor: Actor, ids: list[int], watch: Watch, day: Any) -> Iterator[list[Any]]:
    for start in range(0, len(ids), BATCH):
        watch.stop_if_cancelled()
        for person in people_by_id(actor, ids[start : start + BATCH], day=day, with_phone=True):
            yield safe_row([
                str(person.public_id), person.name, person.sex_label, person.age, person.phone,
                person.province, person.city, person.district, person.community, person.source,
                person.created_on.isoformat(),
            ])  # fmt: skip
        watch.progress(min(start + BATCH, len(ids)), len(ids))


def _write_csv(path: Path, rows: Iterator[list[Any]]) -> int:
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(heads())
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


def _write_xlsx(path: Path, rows: Iterator[list[Any]]) -> int:
    import xlsxwriter  # slow to load; a start must not wait for it

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    count = 0
    with xlsxwriter.Workbook(path, options) as book:
        sheet = book.add_worksheet(_("名单"))
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, heads(), book.add_format({"bold": True}))
        for count, row in enumerate(rows, start=1):
            sheet.write_row(count, 0, row)
    return count


def export_name(audience: Audience, file_format: str, now: datetime) -> str:
    return f"{audience.name}-{now:%Y%m%d}.{file_format}"
