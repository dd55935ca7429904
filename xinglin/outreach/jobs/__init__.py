from datetime import timedelta

from xinglin.audiences import queries as audiences
from xinglin.audiences.actions import snapshot
from xinglin.core.actor import Actor
from xinglin.core.jobs import JobRun, job
from xinglin.outreach import actions, dispatch
from xinglin.outreach.models import Campaign


@job("outreach.dispatch", queue="dispatch", every=timedelta(seconds=1), lease=150)
def dispatch_due_messages(run: JobRun) -> None:
    """Send what is due until nothing is, then close campaigns that have nothing left."""
    connections = dispatch.Connections()
    try:
        while dispatch.send_batch(worker=run.worker, now=run.now(), connections=connections):
            run.heartbeat()
            if run.is_cancelled:
                break
    finally:
        connections.close()
    actions.finish_campaigns(now=run.now())


@job("outreach.reconcile", queue="dispatch", every=timedelta(seconds=15), lease=120)
def reconcile(run: JobRun) -> None:
    """Bring back what dead workers left: claimed rows to the queue, unconfirmed ones to the truth."""
    dispatch.reap(now=run.now())
    dispatch.reconcile(now=run.now())


@job("outreach.plan", lease=180)
def plan(run: JobRun) -> None:
    """Take the audience's members, decide about each, chunk by chunk; continues where it was killed."""
    campaign_id, plan_no = run.args["campaign"], run.args["plan"]
    campaign = Campaign.objects.filter(pk=campaign_id).first()
    if campaign is None:
        return
    total = take_audience(campaign, run)
    while True:
        run.stop_if_cancelled()
        done = actions.plan_chunk(campaign_id=campaign_id, plan_no=plan_no, now=run.now())
        if done is None:
            break
        run.progress(done, total)
    while actions.forget_old_plans(campaign_id=campaign_id):
        run.heartbeat()
    run.progress(total, total)


def take_audience(campaign: Campaign, run: JobRun) -> int:
    """Write down who is in the audience now, unless this campaign has done so; returns how many."""
    if campaign.snapshot_id is not None:
        return campaign.plan_size
    assert campaign.audience_version_id is not None
    version = audiences.get_version(campaign.organization_id, campaign.audience_version_id)
    made = snapshot(
        actor=Actor.system(campaign.organization_id, "outreach"),
        public_id=version.audience.public_id,
        version_id=version.pk,
        now=run.now(),
    )
    Campaign.objects.filter(pk=campaign.pk).update(snapshot_id=made.pk, plan_size=made.size)
    return made.size


@job("outreach.cancel", lease=120)
def cancel_rest(run: JobRun) -> None:
    """Cancel what a cancelled campaign has left, piece by piece."""
    done = 0
    while count := actions.cancel_rest(campaign_id=run.args["campaign"]):
        done += count
        run.progress(done)


@job("outreach.staff", queue="dispatch", every=timedelta(minutes=1), lease=300)
def look_after_staff_tasks(run: JobRun) -> None:
    """WeCom messages that wait for colleagues: what became of them, chase, substitute, expiry."""
    dispatch.look_after(now=run.now())


@job("outreach.heal_staff", queue="dispatch", every=timedelta(hours=1), lease=300)
def heal_staff_tasks(run: JobRun) -> None:
    """Messages that still wait under a WeCom task that has ended: what became of them, and on they go."""
    dispatch.heal_staff_tasks(now=run.now())


@job("outreach.check_templates", every=timedelta(minutes=30), lease=300)
def check_templates(run: JobRun) -> None:
    """Ask providers about templates under review; forget callbacks of long ago."""
    dispatch.check_templates(now=run.now())
    actions.forget_old_events(now=run.now())


@job("outreach.experiments", every=timedelta(minutes=1), lease=120)
def decide_experiments(run: JobRun) -> None:
    """Which wording did best, where the time is up; and the occasions of repeated campaigns."""
    actions.decide_experiments(now=run.now())
    actions.run_occasions(now=run.now())


@job("outreach.release_rest", lease=180)
def release_rest(run: JobRun) -> None:
    """The best wording for everybody who waited for it, piece by piece."""
    done = 0
    while count := actions.release_rest(campaign_id=run.args["campaign"], now=run.now()):
        done += count
        run.progress(done)


@job("outreach.articles", queue="dispatch", every=timedelta(minutes=1), lease=300)
def send_articles(run: JobRun) -> None:
    """Approved articles that wait for the official account's drafts, and drafts to be deleted there."""
    while dispatch.send_articles(now=run.now()):
        run.heartbeat()
        if run.is_cancelled:
            break
