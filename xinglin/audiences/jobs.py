"""Work in the background: exports, and keeping audiences fresh."""

import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from time import monotonic

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.audiences import actions, queries
from xinglin.audiences.models import Audience, AudienceVersion
from xinglin.audiences.queries.lake import QueryStopped
from xinglin.audiences.rules.parse import BadQuestion
from xinglin.core.actor import Actor, Scope
from xinglin.core.jobs import Cancelled, JobRun, job
from xinglin.ledger import lake

HOUR = timedelta(hours=1)
BEAT = 60  # seconds between two signs of life


@job("audiences.export", lease=300, max_attempts=2)
def export(run: JobRun) -> None:
    """Write the file and attach it."""
    args = run.args
    version = AudienceVersion.objects.select_related("audience").get(pk=args["version_id"])
    actor = acting(run.organization_id, args["scope"])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"members.{args['format']}"
        count = actions.write_export(
            actor=actor,
            version_id=version.pk,
            file_format=args["format"],
            path=path,
            watch=run,
            now=run.now(),
        )
        run.attach(path, actions.export_name(version.audience, args["format"], run.now()))
    run.log(f"{version.audience.name} v{version.number}: {count}")


def acting(organization_id: int | None, scope: dict[str, object]) -> Actor:
    """The person who asked, with the sight they had then."""
    plain = {**scope, "scope": Scope(str(scope["scope"]))}
    for name in ("permissions", "department_ids", "team_staff_ids"):
        plain[name] = frozenset(scope[name])  # type: ignore[call-overload]
    return Actor(organization_id=organization_id, **plain)  # type: ignore[arg-type]


@job("audiences.refresh", lease=300, max_attempts=8)
def refresh(run: JobRun) -> None:
    """One audience asked anew, what changed written down; a question that no longer holds is skipped."""
    if run.args.get("sync"):
        lake.sync(now=run.now())
    try:
        with queries.in_background(_stop(run)):
            made = actions.refresh_audience(run.args["audience_id"], now=run.now())
    except QueryStopped:
        raise Cancelled from None
    except BadQuestion as error:
        run.log(str(error), level="warning")
        return
    run.link(reverse("audiences:detail", args=[made.audience.public_id]))
    words = {"n": f"{made.size:,}", "entered": f"{made.entered:,}", "left": f"{made.left:,}"}
    run.log(_("数出 %(n)s 人：新进 %(entered)s，离开 %(left)s") % words)


def _stop(run: JobRun) -> Callable[[], bool]:
    """Whether somebody asked the job to stop; keeps its lease meanwhile."""
    last = monotonic()

    def stop() -> bool:
        nonlocal last
        if monotonic() - last > BEAT:
            last = monotonic()
            run.heartbeat()
        return run.is_cancelled

    return stop


@job("audiences.refresh_hourly", every=HOUR)
def refresh_hourly(run: JobRun) -> None:
    """Ask for the refresh of every audience that wants it hourly."""
    _refresh_all(Audience.Refresh.HOURLY)


@job("audiences.refresh_nightly", at_hour=3)
def refresh_nightly(run: JobRun) -> None:
    """Ask for the refresh of every audience that wants it nightly or hourly."""
    _refresh_all(Audience.Refresh.NIGHTLY, Audience.Refresh.HOURLY)


def _refresh_all(*wanted: str) -> None:
    """What others lean on comes first; a nested question is asked anew with whatever names it."""
    rows = list(Audience.objects.filter(archived_at__isnull=True, refresh__in=wanted))
    for audience, depth in queries.in_dependency_order(rows):
        actions.enqueue_refresh(audience, priority=-depth)


@job("audiences.check_list", lease=300, max_attempts=2)
def check_list(run: JobRun) -> None:
    """Look up whom the file names; nothing is put on the list yet."""
    item = actions.check_list(run.args["import_id"], watch=run, now=run.now())
    run.link(reverse("audiences:list-import", args=[item.public_id]))
    run.log(_("%(rows)s 行，找到 %(people)s 人") % {"rows": f"{item.rows:,}", "people": f"{item.people:,}"})
