"""Scores in the background: every night for every hospital, or one that somebody asked for."""

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.core.actor import Actor
from xinglin.core.errors import DomainError
from xinglin.core.jobs import JobRun, job
from xinglin.directory import queries as directory
from xinglin.scores import actions, queries


@job("scores.nightly", at_hour=2)
def nightly(run: JobRun) -> None:
    """Ask for every hospital's scores; models older than a week are fitted anew."""
    for organization in directory.list_organizations():
        actions.begin_all(actor=Actor.system(organization.pk, "scores"))


@job("scores.refresh", lease=1800, max_attempts=3)
def refresh(run: JobRun) -> None:
    """One score after the other; resumes behind the last that was finished."""
    names, actor = list(run.args["names"]), Actor.system(run.organization_id, "scores")
    done = int(run.cursor.get("done", 0))
    for number, name in enumerate(names[done:], done + 1):
        run.stop_if_cancelled()
        label = str(queries.get_kind(name).label)
        try:
            card = actions.refresh(actor=actor, name=name, is_fit_wanted=run.args["fit"], now=run.now())
        except DomainError as error:
            run.log(f"{label}: {error}", level="warning")
        else:
            run.log(
                _("%(name)s：%(n)s 人") % {"name": label, "n": f"{card.people:,}"}
                if card.has_skill
                else _("%(name)s：没有比基线准，不显示") % {"name": label}
            )
        run.save_cursor({"done": number})
        run.progress(number, len(names), note=label)
    run.save_cursor({})  # asked for again while it ran, it begins at the beginning
    if len(names) == 1:
        run.link(reverse("scores:detail", args=[names[0]]))
    else:
        run.link(reverse("scores:list"))
