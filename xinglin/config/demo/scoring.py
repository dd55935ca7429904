"""People of the demo who filled in a questionnaire, some who refuse to be scored, and the scores."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from xinglin.config.demo.hospital import Hospital
from xinglin.insights import actions as insights
from xinglin.insights.queries import get_uplift
from xinglin.outreach.models import Campaign
from xinglin.patients.models import Patient
from xinglin.scores import actions
from xinglin.scores import queries as scores

ANSWERED = 12


def fill_scores(hospital: Hospital, *, random: Random, now: datetime) -> None:
    """Scores are computed by the workers, as every night."""
    mine = Patient.objects.filter(organization=hospital.organization, deceased_on=None)
    women = mine.filter(sex="F", birth_date__lt=(now - timedelta(days=365 * 55)).date())
    for number, person in enumerate(women.order_by("pk")[:ANSWERED]):
        age = person.age_on(now.date()) or 60
        actions.answer(
            actor=hospital.system,
            slug="osta",
            patient=person.public_id,
            answers={"age": min(age, 110), "weight": random.randrange(42, 76)},
            now=now - timedelta(days=number * 3, hours=2),
            key=f"demo-{number}",
            by_patient=number % 3 == 0,
        )
    for person in mine.order_by("-pk")[:1]:
        actions.refuse(actor=hospital.system, patient=person.public_id, note="电话回访时提出", now=now)
    for person in mine.order_by("-pk")[1:3]:
        actions.refuse(actor=hospital.system, patient=person.public_id, by_patient=True, now=now)
    actions.begin_all(actor=hospital.system)


def measure_campaigns(hospital: Hospital, *, now: datetime) -> None:
    """Who came because of the campaigns that are over; needs the lake, and the libraries of models."""
    if not scores.can_learn():
        return
    for campaign in Campaign.objects.filter(organization=hospital.organization).order_by("pk"):
        asked: dict[str, Any] = {
            "actor": hospital.system, "public_id": campaign.public_id, "outcome": "booked", "days": 14,
            "now": now,
        }  # fmt: skip
        if not get_uplift(**asked).obstacle:
            insights.measure_uplift(**asked)
