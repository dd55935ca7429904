"""Making and removing the demo hospital in the background."""

from django.utils import timezone
from django.utils.translation import gettext as _

from xinglin.config.demo import make_demo, remove_demo
from xinglin.config.demo.make import demo_hospital_exists, join_demo
from xinglin.core.jobs import JobRun, job

#: Seconds; one transaction may hold the database that long.
LONG = 3_600


@job("demo.make", lease=LONG, max_attempts=2)
def make(run: JobRun) -> None:
    """The demo hospital; a broken-off first try is taken away before the second."""
    if demo_hospital_exists():
        remove_demo(now=timezone.now())
    people = int(run.args["people"])

    def say(done: int, total: int) -> None:
        run.progress(done, total + total // 10, _("%(n)s 位患者") % {"n": f"{done:,}"})

    make_demo(people=people, seed=1, say=say)
    join_demo(user_id=run.args.get("user_id"), now=timezone.now())
    run.progress(people + people // 10, people + people // 10)
    run.link("/account/hospital/")


@job("demo.remove", lease=LONG, max_attempts=3)
def remove(run: JobRun) -> None:
    """The same as ``xinglin demo --remove``."""
    run.progress(0, 100, _("正在撤掉"))
    rows = remove_demo(now=timezone.now())
    run.log(_("撤掉 %(n)s 行") % {"n": f"{rows:,}"})
    run.progress(100, 100)
