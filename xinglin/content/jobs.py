from datetime import date, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.content import actions
from xinglin.content.actions import many, metrics
from xinglin.core import env
from xinglin.core.jobs import JobRun, job
from xinglin.directory.queries import actor_for, list_memberships_of

#: Lines of a job's record that say what was wrong; the file with all of them is complete.
SAID = 100


@job("content.clock", every=timedelta(seconds=20), lease=120)
def keep_the_clock(run: JobRun) -> None:
    """Publish what is due, take down what has lapsed, remind of certificates; a second run finds nothing."""
    now = run.now()
    while actions.take_down_lapsed(now=now):
        run.heartbeat()
    while actions.publish_due(now=now):
        run.heartbeat()
    actions.remind_of_certificates(now=now)


@job("content.read_pictures", every=timedelta(hours=1), lease=300)
def read_pictures(run: JobRun) -> None:
    """The words in pictures that nobody has read yet, where a reader is installed."""
    while actions.read_pictures(now=run.now(), limit=5):
        run.heartbeat()


@job("content.measure", every=timedelta(hours=1), lease=300)
def measure(run: JobRun) -> None:
    """Views, visitors and bookings of what is on our own site, from our own touches."""
    actions.measure_items(now=run.now())


@job("content.render_material", lease=300)
def render_material(run: JobRun) -> None:
    """Set the files of one printed piece."""
    run.progress(0, 1)
    material = actions.render_material(material_id=int(run.args["material"]), now=run.now())
    if material is None:
        run.log("withdrawn or gone")
        return
    if material.problem:
        run.log(material.problem, level="error")
    run.progress(1, 1)
    run.link(reverse("content:material-detail", args=[material.public_id]))


@job("content.import_metrics", lease=300)
def import_metrics(run: JobRun) -> None:
    """A platform's long file, a thousand lines at a time; a killed worker's successor goes on behind the last
    batch. Lines that were not taken lie in a file to be mended and read again."""
    args, hospital = run.args, run.organization_id or 0
    text = (env.home() / args["path"]).read_text(encoding="utf-8")
    today, at = date.fromisoformat(args["today"]), run.cursor
    taken, wrong = int(at.get("taken", 0)), int(at.get("wrong", 0))
    for batch in metrics.batches_of(text, today=today, after=int(at.get("line", 0))):
        run.stop_if_cancelled()
        with transaction.atomic():
            count, left = metrics.take_lines(
                batch, organization_id=hospital, source=args["source"], now=run.now()
            )
            for line in left[: max(SAID - wrong, 0)]:
                run.log(metrics.said(line), level="error")
            taken, wrong = taken + count, wrong + len(left)
            run.save_cursor({"line": batch[-1].number, "taken": taken, "wrong": wrong})
        run.progress(batch[-1].number, args["lines"])
    if wrong:
        path = metrics.write_wrong(text, today=today, organization_id=hospital, tick=run.heartbeat)
        run.attach(path, _("没有读入的行.csv"))
    metrics.finish_metrics(organization_id=hospital, by=args["by"], taken=taken, wrong=wrong, now=run.now())
    run.log(_("读入 %(n)s 行，%(bad)s 行有问题") % {"n": taken, "bad": wrong})
    run.progress(args["lines"], args["lines"])
    run.link(reverse("content:sheet-list"))
    (env.home() / args["path"]).unlink(missing_ok=True)


@job("content.change_many", lease=300)
def change_many(run: JobRun) -> None:
    """One thing done to many items, some hundred at a time, with the rights the person has by now."""
    args, at = run.args, run.cursor
    members = list_memberships_of(int(args["user"] or 0))
    member = members.filter(organization_id=run.organization_id or 0, is_active=True).first()
    if member is None:
        run.log(_("发起的人已经不在本院，没有改"), level="error")
        return
    actor, ids = actor_for(member), args["ids"]
    done, changed = int(at.get("done", 0)), int(at.get("changed", 0))
    while done < len(ids):
        run.stop_if_cancelled()
        batch = ids[done : done + many.AT_ONCE]
        with transaction.atomic():
            count, problems = many.change_batch(
                actor=actor, public_ids=batch, facts=args["facts"], now=run.now()
            )
            for one in problems:
                run.log(one, level="error")
            done, changed = done + len(batch), changed + count
            run.save_cursor({"done": done, "changed": changed})
        run.progress(done, len(ids))
    run.log(_("改好了 %(n)s 项") % {"n": changed})
    run.link(reverse("content:item-list"))
