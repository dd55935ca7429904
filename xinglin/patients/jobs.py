from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from xinglin.core.actor import Actor
from xinglin.core.errors import DomainError
from xinglin.core.jobs import JobRun, job
from xinglin.patients.actions import bulk, imports
from xinglin.patients.imports.running import Overtaken
from xinglin.patients.models import Import


def _item(run: JobRun) -> tuple[Import, Actor]:
    item = Import.objects.get(pk=run.args["import"])
    return item, Actor.system(item.organization_id, item.by or "imports")


@job("patients.try_import", lease=120)
def try_import(run: JobRun) -> None:
    """A trial over the whole file; nothing of it stays."""
    item, actor = _item(run)
    if item.status != Import.Status.CHECKING:
        return
    with override("zh-hans"):
        try:
            imports.run_trial(item, actor=actor, clock=run.now, tick=run.progress)
        except DomainError as error:
            imports.fail(item, str(error))
            run.log(str(error), "error")
            return
    run.log(_("读了 %(read)s 行，%(refused)s 行有问题") % item.trial)


@job("patients.run_import", lease=120)
def run_import(run: JobRun) -> None:
    """The file itself; a killed worker's successor goes on after the last committed chunk."""
    item, actor = _item(run)
    if item.status != Import.Status.RUNNING:
        return
    try:
        finished = imports.run_import(
            item, actor=actor, clock=run.now, tick=run.progress, should_stop=lambda: run.is_cancelled
        )
    except Overtaken as error:
        run.log(str(error))
        return
    except DomainError as error:
        imports.fail(item, str(error))
        run.log(str(error), "error")
        return
    if not finished:
        imports.fail(item, _("被人停止；已写入的行保留，可以接着导入或撤销"))
        run.stop_if_cancelled()
    run.log(_("新建 %(created)s，更新 %(updated)s，未变 %(unchanged)s，拒收 %(refused)s") % item.counts)


@job("patients.abandoned_imports", every=timedelta(minutes=5))
def abandoned_imports(run: JobRun) -> None:
    """Imports whose job is gone no longer say that they run."""
    imports.fail_abandoned()


@job("patients.undo_import", lease=120)
def undo_import(run: JobRun) -> None:
    """Takes an import back chunk by chunk, from the last to the first."""
    item, actor = _item(run)
    if item.status != Import.Status.UNDOING:
        return
    imports.run_undo(item, actor=actor, now=run.now(), tick=run.progress)
    run.log(_("撤销完成：%(counts)s") % {"counts": item.undo_counts})


@job("patients.bulk", lease=120)
def bulk_job(run: JobRun) -> None:
    """One thing done to everybody of a selection, a thousand at a time."""
    args, now = run.args, run.now()
    actor = bulk.actor_of(args["actor"])
    rows = bulk.selected(actor, args, now=now)
    if args["do"] == "export":
        total = rows.count()
        path = bulk.write_export(actor, rows, lambda done: run.progress(done, total), now=now)
        run.progress(total, total)
        run.attach(path, "patients.csv")
        return
    done, last = int(run.cursor.get("done", 0)), int(run.cursor.get("last", 0))
    total = done + rows.filter(pk__gt=last).count()
    ids = list(rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), bulk.BATCH):
        run.stop_if_cancelled()
        batch = ids[start : start + bulk.BATCH]
        with transaction.atomic():
            bulk.apply_batch(actor, args, batch, now=now)
            done += len(batch)
            run.save_cursor({"last": batch[-1], "done": done})
        run.progress(done, total)
