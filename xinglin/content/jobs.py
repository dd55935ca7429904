from datetime import timedelta

from django.urls import reverse

from xinglin.content import actions
from xinglin.core.jobs import JobRun, job


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
