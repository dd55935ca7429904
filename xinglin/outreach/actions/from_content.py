"""Texts of the library on their way to message templates."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction

from xinglin.compliance import review
from xinglin.compliance.review import ReviewStatus
from xinglin.content import actions as content
from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.outreach.actions.templates import checked, create_template, new_version
from xinglin.outreach.models import MessageTemplate, TemplateVersion
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries import templates as queries

#: Channels of the library that messages go by; a text that names none of them is for SMS.
CHANNELS: Final = ("sms", "wechat", "wecom", "email")


@transaction.atomic
def draft_from_content(*, actor: Actor, version: UUID, now: datetime) -> TemplateVersion:
    """A draft with the words of an approved version of the library: of a new template, or the next version
    of the item's own template.

    Asked again for the same version it gives what there is. It takes the template's own review like any
    other; whoever wrote the text may not approve it there either. Raises Invalid (unknown variables) and
    what ``text_for_messages`` raises.
    """
    require(actor, Permission.EDIT_TEMPLATE)
    text = content.text_for_messages(actor=actor, public_id=version, now=now)
    purpose = "service" if text.is_service else "marketing"
    known = queries.find_template_of_item(item_id=text.item_id, lock=True)
    if known is None:
        draft = create_template(
            actor=actor, name=text.title[:80], purpose=purpose, bodies=bodies_of(text), now=now
        )
        draft.template.item_id = text.item_id
        draft.template.save(update_fields=["item", "updated_at"])
        return _note_source(draft, text)
    latest = queries.latest_version(known)
    if latest.source_id == text.version_id:
        return latest
    return _note_source(_next(known, latest, text, purpose, actor=actor, now=now), text)


def bodies_of(text: content.MessageText) -> dict[str, dict[str, str]]:
    """The body of each channel; mail has the title as its subject."""
    channels = [name for name in CHANNELS if name in text.channels] or ["sms"]
    return {name: {"subject": text.title if name == "email" else "", "body": text.text} for name in channels}


def _next(
    template: MessageTemplate,
    latest: TemplateVersion,
    text: content.MessageText,
    purpose: str,
    *,
    actor: Actor,
    now: datetime,
) -> TemplateVersion:
    """What was written by hand for other channels stays; a draft of before stays among the versions."""
    bodies: dict[str, Mapping[str, str]] = {**latest.bodies, **bodies_of(text)}
    variables = {name: str(value.get("default", "")) for name, value in latest.variables.items()}
    facts = checked(name=template.name, purpose=purpose, bodies=bodies, variables=variables)
    template.purpose, template.channels = purpose, list(facts["bodies"])
    template.save(update_fields=["purpose", "channels", "updated_at"])
    if latest.status == ReviewStatus.IN_REVIEW:
        review.withdraw(latest)
    version = new_version(template, latest, facts, latest.landing_page, actor=actor)
    audit.record(
        actor, "outreach.template.changed", template, at=now, label=template.name, number=version.number
    )
    return version


def _note_source(version: TemplateVersion, text: content.MessageText) -> TemplateVersion:
    version.source_id = text.version_id
    version.author_ids = sorted({*version.author_ids, *text.author_ids})
    version.save(update_fields=["source", "author_ids", "updated_at"])
    return version


def words_of_source(version: TemplateVersion) -> str:
    """What the text of the library says that a version was made from; "" without one."""
    return content.words_for_messages(version.source) if version.source else ""
