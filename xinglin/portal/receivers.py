"""The portal tells patients what happened to their appointments, whoever changed them."""

from datetime import datetime

from xinglin.booking.events import AppointmentBooked, AppointmentCancelled, AppointmentMoved
from xinglin.content.events import ContentPublished, ContentWithdrawn
from xinglin.core.events import receives
from xinglin.portal import actions
from xinglin.prices.events import PriceListChanged


@receives(AppointmentBooked)
def confirm(event: AppointmentBooked, *, now: datetime) -> None:
    """You have an appointment."""
    _tell(event, "appointment.booked", now)


@receives(AppointmentMoved)
def confirm_move(event: AppointmentMoved, *, now: datetime) -> None:
    """Your appointment is at another time."""
    _tell(event, "appointment.moved", now)


@receives(AppointmentCancelled)
def confirm_cancellation(event: AppointmentCancelled, *, now: datetime) -> None:
    """Your appointment is off."""
    _tell(event, "appointment.cancelled", now)


def _tell(
    event: AppointmentBooked | AppointmentMoved | AppointmentCancelled, occasion: str, now: datetime
) -> None:
    actions.tell_patient(
        organization_id=event.organization_id,
        appointment_id=event.appointment_id,
        occasion=occasion,
        now=now,
    )


@receives(ContentPublished)
def announce(event: ContentPublished, *, now: datetime) -> None:
    """Search engines hear of a new page."""
    actions.announce(organization_id=event.organization_id, slug=event.slug)


@receives(ContentWithdrawn)
def announce_end(event: ContentWithdrawn, *, now: datetime) -> None:
    """And of one that is gone; it answers 410 then."""
    actions.announce(organization_id=event.organization_id, slug=event.slug)


@receives(PriceListChanged)
def announce_prices(event: PriceListChanged, *, now: datetime) -> None:
    """And of other prices."""
    actions.announce_prices(organization_id=event.organization_id)
