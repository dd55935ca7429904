"""The same thing done to many people, as a job in batches."""

import csv
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from xinglin.core import audit
from xinglin.core.actor import Actor, Scope, require
from xinglin.core.errors import Invalid
from xinglin.core.exports import safe_row
from xinglin.core.jobs import enqueue
from xinglin.core.masking import mask_phone
from xinglin.core.models import Job
from xinglin.directory import queries as directory
from xinglin.patients import queries
from xinglin.patients.actions.sorting import assign_many, tag_many
from xinglin.patients.permissions import Permission

BATCH = 1000
NEEDED = {
    "tag": Permission.EDIT_PATIENT,
    "untag": Permission.EDIT_PATIENT,
    "assign": Permission.EDIT_PATIENT,
    "export": Permission.EXPORT_PATIENT,
}


def start_bulk(
    *,
    actor: Actor,
    do: str,
    filters: Mapping[str, str],
    public_ids: list[str] | None,
    now: datetime,
    tag: str = "",
    staff_id: int | None = None,
    reason: str = "",
) -> Job:
    """Begin a job over the people of a filter, or over those named. Raises Invalid, PermissionDenied."""
    if do not in NEEDED:
        raise Invalid(_("没有这种批量操作"))
    require(actor, NEEDED[do])
    titles = {"tag": _("打标签"), "untag": _("去标签"), "assign": _("分配负责人"), "export": _("导出名单")}
    args = {
        "do": do,
        "filters": dict(filters),
        "ids": public_ids,
        "tag": tag,
        "staff_id": staff_id,
        "actor": _as_args(actor),
    }
    job = enqueue("patients.bulk", args, actor=actor, title=titles[do])
    audit.record(
        actor,
        f"patients.bulk.{do}",
        job,
        at=now,
        reason=reason,
        filters=dict(filters),
        named=len(public_ids or []),
    )
    return job


def _as_args(actor: Actor) -> dict[str, Any]:
    return {
        "organization_id": actor.organization_id,
        "user_id": actor.user_id,
        "staff_id": actor.staff_id,
        "name": actor.name,
        "role": actor.role,
        "permissions": sorted(map(str, actor.permissions)),
        "scope": str(actor.scope),
        "department_ids": sorted(actor.department_ids),
        "team_staff_ids": sorted(actor.team_staff_ids),
        "is_system": actor.is_system,
    }


def actor_of(args: Mapping[str, Any]) -> Actor:
    """The person who started the job, with the rights they had then."""
    return Actor(
        **{
            **args,
            "permissions": frozenset(args["permissions"]),
            "scope": Scope(args["scope"]),
            "department_ids": frozenset(args["department_ids"]),
            "team_staff_ids": frozenset(args["team_staff_ids"]),
        }
    )


def selected(actor: Actor, args: Mapping[str, Any], *, now: datetime) -> Any:
    """The people of the job's selection, unordered."""
    rows = queries.list_patients(actor, args["filters"], now=now)
    return rows.filter(public_id__in=args["ids"]) if args["ids"] is not None else rows


def apply_batch(actor: Actor, args: Mapping[str, Any], ids: list[int], *, now: datetime) -> int:
    """Do it to some hundred people; returns how many changed."""
    if args["do"] == "assign":
        return assign_many(actor=actor, patient_ids=ids, staff_id=args["staff_id"], now=now)
    return tag_many(actor=actor, patient_ids=ids, name=args["tag"], now=now, remove=args["do"] == "untag")


HEADER = (
    "档案号", "姓名", "性别", "年龄", "手机（遮挡）", "省", "市", "区县", "社区",
    "首次来源", "负责人", "建档时间",
)  # fmt: skip


def write_export(actor: Actor, rows: Any, tick: Any, *, now: datetime) -> Path:
    """Everybody of the selection as a CSV for Excel: numbers masked, formulas neutralised."""
    require(actor, Permission.EXPORT_PATIENT)
    zone = ZoneInfo(directory.get_own_organization(actor).timezone)
    done = 0
    with NamedTemporaryFile("w", suffix=".csv", delete=False, newline="", encoding="utf-8-sig") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        for patient in rows.select_related("responsible").order_by("id").iterator(chunk_size=BATCH):
            writer.writerow(safe_row(_export_row(patient, zone, now)))
            done += 1
            if done % BATCH == 0:
                tick(done)
    return Path(stream.name)


def _export_row(patient: Any, zone: ZoneInfo, now: datetime) -> list[object]:
    age = patient.age_on(now.astimezone(zone).date())
    return [
        patient.record_number, patient.name, str(patient.get_sex_display()), "" if age is None else age,
        mask_phone(patient.phone), patient.province, patient.city, patient.district, patient.community,
        patient.source_channel, patient.responsible.name if patient.responsible else "",
        f"{patient.created_at.astimezone(zone):%Y-%m-%d %H:%M}",
    ]  # fmt: skip
