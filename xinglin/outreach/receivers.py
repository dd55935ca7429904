from datetime import datetime

from django.urls import reverse

from xinglin.audiences.usage import Use, audience_user
from xinglin.content.events import ContentWithdrawn
from xinglin.core.events import receives
from xinglin.outreach import actions, queries
from xinglin.patients.events import ConsentGiven, ConsentWithdrawn, PatientDied


@receives(ConsentWithdrawn)
def stop_messages_without_consent(event: ConsentWithdrawn, *, now: datetime) -> None:
    actions.stop_after_withdrawal(
        organization_id=event.organization_id,
        patient_id=event.patient_id,
        purpose=event.purpose,
        channel=event.channel,
        now=now,
    )


@receives(ConsentGiven)
def forget_older_refusal(event: ConsentGiven, *, now: datetime) -> None:
    actions.welcome_back(
        organization_id=event.organization_id,
        patient_id=event.patient_id,
        purpose=event.purpose,
        channel=event.channel,
        now=now,
    )


@receives(PatientDied)
def stop_messages_to_the_dead(event: PatientDied, *, now: datetime) -> None:
    actions.stop_after_death(organization_id=event.organization_id, patient_id=event.patient_id, now=now)


@receives(ContentWithdrawn)
def stop_messages_to_what_is_gone(event: ContentWithdrawn, *, now: datetime) -> None:
    actions.stop_after_retraction(organization_id=event.organization_id, item_id=event.item_id, now=now)


@receives(ContentWithdrawn)
def remove_draft_of_what_is_gone(event: ContentWithdrawn, *, now: datetime) -> None:
    actions.remove_article_draft(organization_id=event.organization_id, item_id=event.item_id, now=now)


@audience_user("outreach")
def campaigns_of_audience(*, organization_id: int, audience_id: int) -> list[Use]:
    """Campaigns that are drafted for an audience or still run on it."""
    rows = queries.list_campaigns_of_audience(organization_id=organization_id, audience_id=audience_id)
    return [
        Use(label=row.name, url=reverse("outreach:campaign-detail", args=[row.public_id]))
        for row in rows[:50]
    ]
