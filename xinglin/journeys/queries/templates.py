"""Which wording a send node means."""

from datetime import datetime
from typing import Any
from uuid import UUID

from xinglin.journeys.rules.props import Send
from xinglin.outreach import queries as outreach


def version_of(props: Send, *, organization_id: int, now: datetime) -> Any:
    """The version to send: the one named by its row id, or the newest approved of a template's public id.

    None where there is none (any more); whether it may be used now is the gate's to say.
    """
    text = str(props.template or "")
    if text.isdigit():
        return outreach.find_version(organization_id=organization_id, version_id=int(text))
    try:
        return outreach.find_newest_approved(organization_id=organization_id, public_id=UUID(text), now=now)
    except ValueError:
        return None
