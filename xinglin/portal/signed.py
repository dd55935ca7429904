"""Links that only the owner of an appointment has: signed, good for half a year."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.urls import reverse

from xinglin.booking import queries as booking
from xinglin.core.actor import Actor
from xinglin.core.errors import NotFound

SALT = "portal.appointment"
GOOD_FOR = timedelta(days=180)


def sign(appointment: Any) -> str:
    """The appointment's name in an address."""
    return signing.dumps([appointment.organization_id, appointment.public_id.hex], salt=SALT)


def appointment_url(slug: str, appointment: Any) -> str:
    """The address of one's own appointment."""
    return reverse("portal:appointment-detail", args=[slug, sign(appointment)])


def open_signed(actor: Actor, text: str) -> Any:
    """The appointment behind a signed link of this hospital; NotFound for anything else."""
    try:
        organization_id, public_id = signing.loads(text, salt=SALT, max_age=GOOD_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        raise NotFound from None
    if organization_id != actor.organization_id:
        raise NotFound
    return booking.get_appointment(actor=actor, public_id=UUID(hex=public_id))
