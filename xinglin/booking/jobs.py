"""Work of booking that nobody clicks for."""

from datetime import timedelta

from xinglin.booking import actions, queries
from xinglin.core.actor import Actor
from xinglin.core.jobs import JobRun, job


@job("booking.generate_slots", every=timedelta(hours=6))
def generate_slots(run: JobRun) -> None:
    """Keep two weeks of slots ahead in every hospital that has a schedule."""
    hospitals = queries.list_hospitals_with_schedules()
    for done, organization_id in enumerate(hospitals, start=1):
        made = actions.generate_slots(actor=Actor.system(organization_id, "booking"), now=run.now())
        run.log(f"hospital {organization_id}: {made} new slots")
        run.progress(done, len(hospitals))
