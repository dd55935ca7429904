"""One file on its way in: upload, map, try, run, undo. Each step is an action; the work is a job."""

import shutil
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from xinglin.core import audit, db, env
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, Invalid, NotFound
from xinglin.core.jobs import enqueue
from xinglin.core.models import Job
from xinglin.core.tables import Table, TableError, open_table
from xinglin.directory import queries as directory
from xinglin.patients.imports import mapping, names, undoing
from xinglin.patients.imports.registry import Policy, get_importer
from xinglin.patients.imports.running import Run, look_for_order, reading_of
from xinglin.patients.models import Import, ImportMapping
from xinglin.patients.permissions import Permission

Status = Import.Status
OPTIONS = ("key", "policy", "source", "sheet", "encoding", "header_line", "date_order", "unknown")
UNKNOWN_KEPT = 200  # names of a trial that are listed, the most frequent


@transaction.atomic
def upload_import(
    *, actor: Actor, kind: str, file_name: str, pieces: Iterable[bytes] | Path, now: datetime, **options: Any
) -> Import:
    """Take a file in: recognise it, find its header, propose what each column means.

    ``pieces`` are copied into the data folder; a path is read where it stands. Raises TableError in
    words for a person, NotFound for an unknown kind, PermissionDenied.
    """
    importer = get_importer(kind)
    require(actor, importer.permission)
    assert actor.organization_id is not None
    item = Import(
        organization_id=actor.organization_id,
        kind=kind,
        file_name=Path(file_name).name[:200],
        user_id=actor.user_id,
        by=actor.name[:120],
    )
    item.file_path, item.file_hash = _keep(item, pieces)
    try:
        table = _open(item, options)
    except TableError:
        discard_file(item)
        raise
    organization = directory.get_own_organization(actor)
    item.options = {
        "key": "",
        "policy": importer.policy,
        "source": "his",
        "zone": organization.timezone,
        "today": now.astimezone().date().isoformat(),
        **{name: value for name, value in options.items() if name in OPTIONS and value is not None},
    }
    _describe(item, table)
    remembered = find_mapping(item, name="")
    item.columns = _fitting(remembered.columns, table) if remembered else guess_columns(item, table)
    if remembered:
        kept = names.allowed(actor, remembered.options)
        item.options |= {k: v for k, v in kept.items() if not options.get(k)}
    item.save()
    audit.record(actor, "patients.import.uploaded", item, at=now, kind=kind, file=item.file_name)
    return item


def _open(item: Import, options: Mapping[str, Any]) -> Table:
    return open_table(
        Path(item.file_path),
        sheet=options.get("sheet"),
        encoding=options.get("encoding"),
        header_line=options.get("header_line"),
    )


def _describe(item: Import, table: Table) -> None:
    item.form, item.sheet, item.header = table.form, table.sheet[:80], table.header
    item.fingerprint = table.fingerprint


def guess_columns(item: Import, table: Table) -> dict[str, str]:
    """What the columns seem to mean, by their headers and first values."""
    samples = [line.cells for line in islice(table.rows(), mapping.SAMPLE)]
    return mapping.guess(get_importer(item.kind), table.header, samples, reading_of(item))


def _fitting(columns: Mapping[str, str], table: Table) -> dict[str, str]:
    return {name: key for name, key in columns.items() if name in table.header}


def _keep(item: Import, pieces: Iterable[bytes] | Path) -> tuple[str, str]:
    digest = sha256()
    if isinstance(pieces, Path):
        with pieces.open("rb") as stream:
            while block := stream.read(1 << 20):
                digest.update(block)
        return str(pieces.absolute()), digest.hexdigest()
    target = env.files_dir("imports", str(item.public_id)) / "file"
    with target.open("wb") as stream:
        target.chmod(0o600)
        for piece in pieces:
            digest.update(piece)
            stream.write(piece)
    return str(target), digest.hexdigest()


def discard_file(item: Import) -> None:
    """Delete the uploaded copy; a file read where it stands is nobody's to delete."""
    path = Path(item.file_path)
    if path.is_relative_to(env.files_dir("imports")):
        shutil.rmtree(path.parent, ignore_errors=True)


def find_mapping(item: Import, *, name: str) -> ImportMapping | None:
    """The mapping kept under a name, or (with "") for files with this header."""
    rows = ImportMapping.objects.filter(organization_id=item.organization_id, kind=item.kind, name=name)
    return (rows if name else rows.filter(fingerprint=item.fingerprint)).first()


@transaction.atomic
def map_import(
    *,
    actor: Actor,
    public_id: UUID | str,
    columns: Mapping[str, str],
    options: Mapping[str, Any],
    now: datetime,
    name: str = "",
) -> Import:
    """Say what each column means; checked against the file, and remembered for the next one like it.

    Goes over the whole file once, so that a broken one is refused here. Raises Invalid, TableError,
    NotFound, PermissionDenied, or Conflict once it runs.
    """
    item = get_import(actor, public_id, lock=True)
    importer = get_importer(item.kind)
    require(actor, importer.permission)
    if not item.is_open:
        raise Conflict(_("这个文件已经在导入，不能再改对列"))
    item.options |= {key: value for key, value in options.items() if key in OPTIONS}
    _check_options(item)
    names.require_creating(actor, item.options)
    table = _open(item, item.options | {"sheet": item.options.get("sheet") or item.sheet})
    _describe(item, table)
    item.columns = {head: key for head, key in columns.items() if key}
    mapping.check(importer, table.header, item.columns)
    scan = table.scan()
    item.total = scan.rows
    item.skipped = [[one.number, one.reason] for one in scan.skipped[:100]]
    if not item.options.get("date_order"):
        item.options["date_order"] = look_for_order(table, item.columns, importer)
    item.status, item.trial, item.unknown = Status.UPLOADED, {}, []
    item.pieces.filter(is_trial=True).delete()
    item.save()
    _remember(item, name)
    return item


def _check_options(item: Import) -> None:
    options = item.options
    if options["policy"] not in set(Policy):
        raise Invalid(fields={"policy": [_("没有这种做法")]})
    keys = {field.key for field in get_importer(item.kind).fields if field.can_key}
    if options.get("key") and options["key"] not in keys:
        raise Invalid(fields={"key": [_("不能按这一项认人")]})
    if options.get("date_order") not in {"", "dmy", "mdy", None}:
        raise Invalid(fields={"date_order": [_("没有这种日期写法")]})
    if options.get("unknown") not in {"", names.REFUSE, names.CREATE, None}:
        raise Invalid(fields={"unknown": [_("没有这种做法")]})
    source = str(options.get("source") or "his").strip().lower()
    if not source.replace("_", "").replace("-", "").isalnum() or len(source) > 40:
        raise Invalid(fields={"source": [_("来源系统用 1 到 40 个字母或数字")]})
    options["source"] = source


def _remember(item: Import, name: str) -> None:
    kept = {key: item.options.get(key) for key in ("key", "policy", "source", "date_order", "unknown")}
    kept["names"] = item.options.get("names", {})
    for one in dict.fromkeys(["", name.strip()[:60]]):
        rows = ImportMapping.objects.filter(organization_id=item.organization_id, kind=item.kind)
        rows = rows.filter(name=one) if one else rows.filter(name="", fingerprint=item.fingerprint)
        rows.update_or_create(
            organization_id=item.organization_id,
            kind=item.kind,
            name=one,
            defaults={"columns": item.columns, "options": kept, "fingerprint": item.fingerprint},
        )


def get_import(actor: Actor, public_id: UUID | str, *, lock: bool = False) -> Import:
    """One import of the actor's hospital. Raises NotFound or PermissionDenied."""
    require(actor, Permission.RUN_IMPORT)
    rows = Import.objects.visible_to(actor).filter(public_id=public_id)
    item: Import | None = (db.lock_rows(rows) if lock else rows).first()
    if item is None:
        raise NotFound
    return item


@transaction.atomic
def start_trial(*, actor: Actor, public_id: UUID | str, now: datetime) -> Job:
    """Try the whole file without keeping anything, as a job. Raises Conflict while something runs."""
    item = get_import(actor, public_id, lock=True)
    require(actor, get_importer(item.kind).permission)
    if not item.is_open or not item.total:
        raise Conflict(_("请先对好列"))
    title = _("试运行 %(file)s") % {"file": item.file_name}
    return _start(item, Status.CHECKING, "patients.try_import", actor, title)


@transaction.atomic
def choose_names(
    *, actor: Actor, public_id: UUID | str, choices: Iterable[tuple[str, str, str]], now: datetime
) -> Job:
    """Say what each unknown department or doctor means, as (kind, name, choice), and try the file again.

    The choices are remembered for files with this header. Raises Invalid, PermissionDenied for making what
    one may not make, NotFound, or Conflict once it runs.
    """
    item = get_import(actor, public_id, lock=True)
    if not item.is_open:
        raise Conflict(_("这个文件已经在导入，不能再改对列"))
    chosen = {kind: dict(some) for kind, some in item.options.get("names", {}).items()}
    for kind, name, choice in choices:
        names.check_choice(actor, kind, choice)
        chosen.setdefault(kind, {})[name[:200]] = choice
    item.options["names"] = chosen
    item.save(update_fields=["options", "updated_at"])
    alike = ImportMapping.objects.filter(
        organization_id=item.organization_id, kind=item.kind, fingerprint=item.fingerprint
    )
    for one in alike:
        one.options["names"] = chosen
        one.save(update_fields=["options", "updated_at"])
    audit.record(actor, "patients.import.names_chosen", item, at=now, names=chosen)
    return start_trial(actor=actor, public_id=public_id, now=now)


@transaction.atomic
def start_import(*, actor: Actor, public_id: UUID | str, now: datetime) -> Job:
    """Write the file's rows, as a job. Raises Conflict when it runs or ran already."""
    item = get_import(actor, public_id, lock=True)
    require(actor, get_importer(item.kind).permission)
    if item.status not in {Status.CHECKED, Status.FAILED}:
        raise Conflict(_("请先试运行"))
    names.require_creating(actor, item.options)
    audit.record(actor, "patients.import.started", item, at=now, kind=item.kind, rows=item.total)
    title = _("导入 %(file)s") % {"file": item.file_name}
    item.started_at = item.started_at or now
    return _start(item, Status.RUNNING, "patients.run_import", actor, title)


@transaction.atomic
def start_undo(*, actor: Actor, public_id: UUID | str, now: datetime) -> Job:
    """Take a finished or broken import back, as a job. Raises Conflict otherwise, PermissionDenied."""
    item = get_import(actor, public_id, lock=True)
    require(actor, Permission.UNDO_IMPORT)
    if item.status not in {Status.DONE, Status.FAILED}:
        raise Conflict(_("只有已完成的导入可以撤销"))
    audit.record(actor, "patients.import.undo_started", item, at=now, kind=item.kind)
    title = _("撤销导入 %(file)s") % {"file": item.file_name}
    return _start(item, Status.UNDOING, "patients.undo_import", actor, title)


def _start(item: Import, status: str, job_name: str, actor: Actor, title: str) -> Job:
    job = enqueue(job_name, {"import": item.pk}, actor=actor, title=title)
    item.status, item.job_public_id, item.error = status, job.public_id, ""
    item.save(update_fields=["status", "job_public_id", "error", "started_at", "updated_at"])
    return job


Tick = Callable[[int, int], None]


def run_trial(item: Import, *, actor: Actor, clock: Callable[[], datetime], tick: Tick) -> None:
    """The trial itself; what it found stands in ``item.trial``."""
    item.pieces.filter(is_trial=True).delete()
    run = Run(item, actor, clock, is_trial=True)
    run.go(tick, lambda: False)
    item.trial, item.status = run.counts, Status.CHECKED
    item.unknown = [[kind, name, rows] for (kind, name), rows in run.names.met.most_common(UNKNOWN_KEPT)]
    item.save(update_fields=["trial", "status", "unknown", "updated_at"])


def run_import(
    item: Import,
    *,
    actor: Actor,
    clock: Callable[[], datetime],
    tick: Tick,
    should_stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Take the file in from where it stopped; False when stopped again before the end."""
    if not Run(item, actor, clock, is_trial=False).go(tick, should_stop):
        return False
    item.pieces.filter(is_trial=True).delete()
    item.status, item.finished_at = Status.DONE, clock()
    item.save(update_fields=["status", "finished_at", "updated_at"])
    audit.record(actor, "patients.import.finished", item, at=clock(), kind=item.kind, counts=item.counts)
    discard_file(item)
    return True


def run_undo(item: Import, *, actor: Actor, now: datetime, tick: Tick) -> None:
    """The undoing itself; how many rows went, came back or stayed stands in ``item.undo_counts``."""
    counts = undoing.undo(item, actor=actor, now=now, tick=tick)
    item.status, item.undone_at = Status.UNDONE, now
    item.save(update_fields=["status", "undone_at", "updated_at"])
    audit.record(actor, "patients.import.undone", item, at=now, kind=item.kind, counts=dict(counts))


def fail_abandoned() -> int:
    """Give imports back to people whose job died (killed too often); returns how many.

    What is committed stays: such an import can be gone on from or undone. One that the command line runs
    has no job and is left alone.
    """
    busy = [Status.CHECKING, Status.RUNNING, Status.UNDOING]
    alive = Job.objects.filter(status__in=["ready", "leased"]).values("public_id")
    rows = Import.objects.filter(status__in=busy, job_public_id__isnull=False).exclude(
        job_public_id__in=alive
    )
    found = list(rows[:100])
    for item in found:
        fail(item, _("中途断了，没有做完；已写入的行保留，可以接着导入或撤销"))
    return len(found)


def fail(item: Import, message: str) -> None:
    """Note why it did not come to its end; what is committed stays and can be gone on from or undone."""
    item.status = Status.FAILED if item.chunks or item.status != Status.CHECKING else Status.UPLOADED
    item.error = message[:500]
    item.save(update_fields=["status", "error", "updated_at"])
