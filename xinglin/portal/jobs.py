"""Work of the public pages that nobody clicks for."""

from datetime import timedelta

from django.urls import reverse

from xinglin.core.jobs import JobRun, enqueue, job
from xinglin.directory.queries import list_organizations
from xinglin.portal import actions


@job("portal.forget_codes", every=timedelta(hours=6))
def forget_codes(run: JobRun) -> None:
    """Delete one-time codes that ended a day ago."""
    while actions.forget_old_codes(now=run.now()):
        run.heartbeat()


@job("portal.send_reminders", every=timedelta(minutes=10))
def send_reminders(run: JobRun) -> None:
    """Remind of visits one day and two hours ahead."""
    for kind in ("day", "hours"):
        while sent := actions.send_due_reminders(kind=kind, now=run.now()):
            run.log(f"{kind}: {sent}")
            run.heartbeat()


@job(actions.PUSH_JOB, lease=300)
def push_urls(run: JobRun) -> None:
    """Tell search engines about pages; none named means all."""
    organization_id = int(run.args["organization"])
    made = actions.push_urls(
        organization_id=organization_id, paths=run.args["paths"], now=run.now(), beat=run.heartbeat
    )
    for push in made:
        run.log(f"{push.engine}: {push.url_count}, {push.status} {push.answer}")
    run.progress(1, 1)
    run.link(reverse("portal:search"))


@job(actions.CHECK_JOB, lease=600)
def check_links(run: JobRun) -> None:
    """Walk over one hospital's public pages."""
    organization_id = int(run.args["organization"])
    pages, broken = actions.check_links(organization_id=organization_id, now=run.now(), beat=run.heartbeat)
    run.progress(pages, pages, note=str(broken))
    run.link(reverse("portal:link-list"))


@job("portal.check_all_links", at_hour=3)
def check_all_links(run: JobRun) -> None:
    """Every night, every hospital."""
    for hospital in list_organizations():
        enqueue(
            actions.CHECK_JOB,
            {"organization": hospital.pk},
            organization_id=hospital.pk,
            dedupe_key=f"{actions.CHECK_JOB}:{hospital.pk}",
        )


@job(actions.WORDS_JOB, at_hour=4, lease=600)
def check_words(run: JobRun) -> None:
    """Whether the pages of watched words say them; one hospital's, or every night everybody's."""
    chosen = run.args.get("organization")
    organizations = [int(chosen)] if chosen else [row.pk for row in list_organizations()]
    for done, organization_id in enumerate(organizations, 1):
        words, answered = actions.check_words(organization_id=organization_id, now=run.now())
        run.log(f"{answered}/{words}")
        run.progress(done, len(organizations))
    actions.forget_old_words(now=run.now())
    run.link(reverse("portal:word-list"))
