"""Taking over a journey that comes with the house."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinglin.audiences import actions as audiences
from xinglin.audiences import queries as audience_queries
from xinglin.core.actor import Actor, require
from xinglin.core.errors import DomainError, NotFound
from xinglin.journeys.actions.editing import create_journey
from xinglin.journeys.models import Journey
from xinglin.journeys.permissions import Permission
from xinglin.journeys.rules import library
from xinglin.outreach.actions import templates
from xinglin.outreach.queries import templates as template_queries


@transaction.atomic
def add_ready_made(*, actor: Actor, key: str, now: datetime) -> Journey:
    """The journey with its audiences and texts as the hospital's own; a text waits for another's approval.

    What the hospital has under the same name already (an audience, a text of the same purpose) is used as it
    is. Raises NotFound for an unknown ``key``, PermissionDenied without the right to write texts.
    """
    require(actor, Permission.EDIT_JOURNEY)
    entry = library.find(key)
    if entry is None:
        raise NotFound
    texts = {name: _text(actor, text, now=now) for name, text in entry.texts.items()}
    asked = {name: _audience(actor, one, now=now) for name, one in entry.audiences.items()}
    return create_journey(
        actor=actor,
        name=_free_name(actor, entry.name),
        note=entry.note,
        graph=audience_queries.departments_at_home(
            actor, library.graph_of(entry, texts=texts, audiences=asked)
        ),
        ready_made=entry.key,
        now=now,
    )


def _text(actor: Actor, text: library.Text, *, now: datetime) -> str:
    """The public id of the template."""
    rows = template_queries.list_templates(actor=actor, purpose=text.purpose).filter(name=text.name)
    known = rows.order_by("id").first()
    if known is not None:
        return str(known.public_id)
    version = templates.create_template(
        actor=actor, name=text.name, purpose=text.purpose, bodies=text.parts(), now=now
    )
    template = version.template
    try:
        with transaction.atomic():
            templates.submit_template(
                actor=actor, public_id=template.public_id, seen_hash=version.content_hash, now=now
            )
    except DomainError:
        pass  # the hospital's own rules stop it: the draft stays, and the check before going live says so
    return str(template.public_id)


def _audience(actor: Actor, asked: library.Asked, *, now: datetime) -> str:
    """The row id of the audience."""
    assert actor.organization_id is not None
    known = audience_queries.find_audience(actor.organization_id, asked.name)
    if known is None:
        tree = audience_queries.departments_at_home(actor, asked.tree)
        known = audiences.save_audience(
            actor=actor, name=asked.name, tree=tree, refresh=asked.refresh, now=now
        )
    return str(known.pk)


def _free_name(actor: Actor, name: str) -> str:
    """The name, with a number where the hospital has a journey of that name."""
    taken = set(
        Journey.objects.visible_to(actor).filter(name__startswith=name).values_list("name", flat=True)
    )
    number, found = 1, name
    while found in taken:
        number += 1
        found = _("%(name)s（%(n)s）") % {"name": name, "n": number}
    return found
