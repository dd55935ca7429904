"""A file of people becomes a list: uploaded, its column chosen, looked up in the background, confirmed."""

import csv
import shutil
from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from xinglin.audiences.actions.exporting import Watch
from xinglin.audiences.actions.refreshing import enqueue_refresh
from xinglin.audiences.actions.saving import NameTaken
from xinglin.audiences.models import Audience, AudienceVersion, ListImport, ListMember
from xinglin.audiences.permissions import Permission
from xinglin.audiences.queries import audiences, imports
from xinglin.audiences.rules import listing
from xinglin.core import audit, db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, Invalid
from xinglin.core.exports import safe_row
from xinglin.core.jobs import enqueue
from xinglin.core.tables import Limits, TableError, open_table
from xinglin.patients import queries as patients

LIMITS = Limits(file_bytes=100_000_000, rows=1_000_000)
BATCH = 2_000
Status = ListImport.Status


def begin_list(
    *, actor: Actor, name: str, file_name: str, pieces: Iterable[bytes], now: datetime
) -> ListImport:
    """Take a file in and propose the column that names people; ``name`` is a new list's or a known one's.

    Raises Invalid (name), NameTaken (an audience that is no list), TableError in words, PermissionDenied.
    """
    require(actor, Permission.EDIT_AUDIENCE)
    assert actor.organization_id is not None
    name = name.strip()
    if not name or len(name) > 80:
        raise Invalid(fields={"name": [_("名称要有 1 到 80 个字")]})
    item = ListImport(
        organization_id=actor.organization_id, name=name, file_name=Path(file_name).name[:200],
        by=actor.name[:120], user_id=actor.user_id,
    )  # fmt: skip
    item.audience = _known_list(item)
    target = imports.source_file(item)
    try:
        with target.open("wb") as stream:
            target.chmod(0o600)
            stream.writelines(pieces)
        table = open_table(target, limits=LIMITS)
    except TableError:
        shutil.rmtree(target.parent, ignore_errors=True)
        raise
    item.header = table.header
    samples = [line.cells for line in islice(table.rows(), 200)]
    item.column, item.identifies = listing.guess(table.header, samples)
    with transaction.atomic():
        item.save()
        audit.record(actor, "audiences.list.uploaded", item, at=now, label=name, file=item.file_name)
    return item


def _known_list(item: ListImport) -> Audience | None:
    """The list of that name, None for a new one; NameTaken when the name is a question's."""
    known = audiences.find_audience(item.organization_id, item.name)
    if known is not None and known.kind != Audience.Kind.LIST:
        raise NameTaken(fields={"name": [NameTaken.default]})
    return known


@transaction.atomic
def begin_check(*, actor: Actor, public_id: UUID, column: int, identifies: str, now: datetime) -> ListImport:
    """Look the chosen column up in the background. Raises Invalid, NotFound, Conflict when done."""
    item = imports.get_list_import(actor, public_id, lock=True)
    if item.status == Status.DONE:
        raise Conflict(_("这份名单已经导入完成"))
    if not 0 <= column < len(item.header):
        raise Invalid(fields={"column": [_("文件里没有这一列")]})
    if identifies not in ListImport.Identifies.values:
        raise Invalid(fields={"identifies": [_("请说明这一列是什么")]})
    item.column, item.identifies, item.status, item.error = column, identifies, Status.CHECKING, ""
    job = enqueue(
        "audiences.check_list", {"import_id": item.pk}, actor=actor,
        title=_("核对名单「%(name)s」") % {"name": item.name},
        dedupe_key=f"audiences.check_list:{item.pk}",
    )  # fmt: skip
    item.job_public_id = job.public_id
    item.save()
    return item


def check_list(import_id: int, *, watch: Watch, now: datetime) -> ListImport:
    """Look up every row: people found are noted, rows of nobody go to the error file."""
    item = ListImport.objects.get(pk=import_id)
    if item.status != Status.CHECKING:
        return item
    try:
        found, rows, unknown = _look_up(item, watch)
    except TableError as error:
        item.status, item.error = Status.UPLOADED, str(error)[:300]
    else:
        people = imports.people_file(item)
        people.write_text("\n".join(map(str, sorted(found))), encoding="ascii")
        item.status, item.people, item.rows, item.unknown = Status.CHECKED, len(found), rows, unknown
    item.save(update_fields=["status", "error", "people", "rows", "unknown", "updated_at"])
    return item


def _look_up(item: ListImport, watch: Watch) -> tuple[set[int], int, int]:
    """Ids of the people found, rows read, rows of nobody."""
    table = open_table(imports.source_file(item), limits=LIMITS)
    found: set[int] = set()
    rows = unknown = 0
    lines = table.rows()
    with imports.error_file(item).open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(safe_row([_("行号"), _("原因"), *table.header]))
        while batch := list(islice(lines, BATCH)):
            values = [listing.tidy(line.cells[item.column]) for line in batch]
            known = patients.people_named(
                organization_id=item.organization_id,
                identifies=item.identifies,
                values={v for v in values if v},
            )
            for line, value in zip(batch, values, strict=True):
                if value in known:
                    found.update(known[value])
                    continue
                unknown += 1
                writer.writerow(safe_row([line.number, listing.reason(value, item.identifies), *line.cells]))
            rows += len(batch)
            watch.progress(rows)
            watch.stop_if_cancelled()
    return found, rows, unknown


@transaction.atomic
def confirm_list(*, actor: Actor, public_id: UUID, now: datetime) -> ListImport:
    """Put the people found on the list, making it if it is new, and ask for its refresh.

    Twice is once. Raises Conflict before the check is over, Invalid when nobody was found, NameTaken.
    """
    item = imports.get_list_import(actor, public_id, lock=True)
    if item.status == Status.DONE:
        return item
    if item.status != Status.CHECKED:
        raise Conflict(_("还没有核对完，请稍候"))
    if not item.people:
        raise Invalid(_("文件里没有找到一个人：请换一列，或核对编号的种类"))
    item.audience = _known_list(item) or _new_list(item, actor, now)
    item.added = _add(item.audience, imports.people_file(item), now=now)
    item.status, item.done_at = Status.DONE, now
    item.save()
    enqueue_refresh(item.audience, actor=actor, sync=True)
    audit.record(
        actor, "audiences.list.imported", item.audience, at=now, label=item.name, people=item.people,
        added=item.added, unknown=item.unknown,
    )  # fmt: skip
    public = item.public_id
    transaction.on_commit(lambda: _forget(public))
    return item


def _new_list(item: ListImport, actor: Actor, now: datetime) -> Audience:
    made = Audience(
        organization_id=item.organization_id, name=item.name, kind=Audience.Kind.LIST,
        refresh=Audience.Refresh.NIGHTLY, note=_("从 %(file)s 导入") % {"file": item.file_name[:200]},
        created_by_id=actor.user_id, created_by_name=actor.name[:120],
    )  # fmt: skip
    try:
        with transaction.atomic():
            made.save()
    except IntegrityError:
        raise NameTaken(fields={"name": [NameTaken.default]}) from None
    AudienceVersion.objects.create(
        audience=made, number=1, tree={"listed": made.pk}, words="在导入的名单上", created_at=now,
        created_by_name=actor.name[:120],
    )  # fmt: skip
    return made


def _add(audience: Audience, people: Path, *, now: datetime) -> int:
    """One statement for everybody; returns how many were not on the list before."""
    ids, given = db.id_rows([int(line) for line in people.read_text("ascii").split()])
    table = ListMember._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (audience_id, patient_id, added_at)"  # noqa: S608 (our own words)
            f" SELECT %s, id, %s FROM ({ids}) AS found WHERE true ON CONFLICT DO NOTHING",
            [audience.pk, connection.ops.adapt_datetimefield_value(now), given],
        )
        return int(cursor.rowcount)


def _forget(public_id: UUID) -> None:
    """The file and the people it named; the error file stays."""
    item = ListImport.objects.get(public_id=public_id)
    imports.source_file(item).unlink(missing_ok=True)
    imports.people_file(item).unlink(missing_ok=True)


@transaction.atomic
def discard_list(*, actor: Actor, public_id: UUID, now: datetime) -> None:
    """Give an unfinished import up; its files go. Conflict when it is done already."""
    item = imports.get_list_import(actor, public_id, lock=True)
    if item.status == Status.DONE:
        raise Conflict(_("这份名单已经导入完成"))
    audit.record(actor, "audiences.list.discarded", item, at=now, label=item.name)
    place = imports.folder(item)
    item.delete()
    transaction.on_commit(lambda: shutil.rmtree(place, ignore_errors=True))
