"""A campaign with known people, groups and touches, in a lake of its own."""

from datetime import datetime, timedelta
from typing import Any

from xinglin.booking.touches import AppointmentBooked, AppointmentKept, BillSettled
from xinglin.directory.tests.factories import make_organization
from xinglin.ledger import lake
from xinglin.ledger.actions import NewTouch, record_many
from xinglin.outreach.models import CampaignMember, Message
from xinglin.outreach.tests.factories import NOON, make_campaign, make_people, run_plan

START = NOON


def make_result(
    organization: Any = None, *, size: int = 60, holdout: float = 0.3, booked: tuple[int, int] = (8, 2)
) -> Any:
    """A campaign that ran; of those sent to and held out the first so many booked, came, paid 100 yuan."""
    organization = organization or make_organization()
    people = make_people(organization, size)
    campaign = run_plan(
        make_campaign(organization, people, holdout_share=holdout, unit_cost_fen=5), now=START
    )
    Message.objects.filter(campaign=campaign).update(state="accepted", sent_at=START)
    for arm, number in zip((1, 2), booked, strict=True):
        book(campaign, arm, number, at=START + timedelta(days=2, hours=1))
    lake.sync(now=START + timedelta(days=20))
    campaign.refresh_from_db()
    return campaign


def drawn(campaign: Any, arm: int) -> list[int]:
    rows = CampaignMember.objects.filter(campaign=campaign, plan_no=campaign.plan_no, arm=arm)
    return list(rows.order_by("patient_id").values_list("patient_id", flat=True))


def book(campaign: Any, arm: int, number: int, *, at: datetime) -> None:
    """The first people of a group book, come and pay."""
    touches = []
    for patient in drawn(campaign, arm)[:number]:
        for props, fen in (
            (AppointmentBooked(appointment="a"), None),
            (AppointmentBooked(appointment="again"), None),
            (AppointmentKept(appointment="a"), None),
            (BillSettled(bill="b"), 10_000),
        ):
            touches.append(
                NewTouch(
                    props=props,
                    organization_id=campaign.organization_id,
                    at=at,
                    patient_id=patient,
                    amount_fen=fen,
                    channel="web",
                )
            )
    record_many(touches, now=at)
