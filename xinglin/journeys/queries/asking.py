"""Audience questions as journeys ask them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from xinglin.audiences import queries as audiences
from xinglin.core.actor import Actor
from xinglin.core.errors import Invalid
from xinglin.journeys.rules.props import Condition


def condition_question(organization_id: int, props: Condition, *, now: datetime) -> audiences.Question:
    """The question of a condition node. Raises BadQuestion with paths."""
    return audiences.question(organization_id=organization_id, now=now, tree=props.question)


def audience_of(organization_id: int, audience: str | int | None) -> Any:
    """The saved audience in use that a step names by public id or row id. Raises Invalid or NotFound."""
    actor = Actor.system(organization_id, "journeys")
    text = str(audience or "")
    if text.isdigit():
        found = audiences.list_audiences(actor).filter(pk=int(text)).first()
    else:
        try:
            found = audiences.get_audience(actor, UUID(text))
        except ValueError:
            found = None
    if found is None or found.archived_at is not None:
        raise Invalid(_("没有这个人群，或它已归档"))
    return found


def audience_question(
    organization_id: int, audience: str | int | None, *, now: datetime
) -> audiences.Question:
    """What a saved audience asks now; ``audience`` is its public id or row id. Raises Invalid or NotFound."""
    found = audience_of(organization_id, audience)
    version = audiences.current_version(found)
    return audiences.question(organization_id=organization_id, now=now, audience_version_id=version.pk)
