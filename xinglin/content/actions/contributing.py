"""What anybody of the house hands in: a note, with photographs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinglin.content.actions.files import keep_file
from xinglin.content.actions.writing import CLASS_OF, add_version, content_of, save_new, slug_for
from xinglin.content.models import ContentComment, ContentItem
from xinglin.content.rules.kinds import Kind, Stage
from xinglin.content.rules.page_class import PageClass
from xinglin.core import audit
from xinglin.core.actor import Actor
from xinglin.core.errors import Invalid
from xinglin.directory.queries import hospital_id


@transaction.atomic
def contribute(
    *,
    actor: Actor,
    text: str,
    title: str = "",
    origin: str = "",
    kind: str = Kind.ARTICLE,
    uploads: Sequence[Any] = (),
    has_patient: bool = False,
    consent: str = "",
    now: datetime,
) -> ContentItem:
    """A note that anybody of the house hands in, with photographs; an editor makes something of it.

    ``consent`` says where the written permission of a patient in them lies. Raises Invalid.
    """
    organization_id = hospital_id(actor)
    if len(text.strip()) < 10:
        raise Invalid(fields={"text": [_("写几句话，至少十个字")]})
    if uploads and has_patient and not consent.strip():
        why = _("有患者的照片要先有书面同意（民法典第一千零一十九条、个人信息保护法第二十九条）")
        raise Invalid(fields={"consent": [why]})
    if kind not in Kind.values:
        raise Invalid(fields={"kind": [_("选一种内容")]})
    first_line = text.strip().splitlines()[0][:40]
    content = content_of(
        organization_id=organization_id,
        title=title.strip() or first_line,
        page_class=CLASS_OF.get(Kind(kind), PageClass.DISCLOSURE),
        body=text,
    )
    item = ContentItem(
        organization_id=organization_id,
        kind=kind,
        name=content["title"],
        stage=Stage.IDEA,
        slug=slug_for("", title=content["title"], organization_id=organization_id),
        origin=origin.strip()[:200],
        contributed_by_id=actor.user_id,
    )
    save_new(item)
    add_version(item, content, actor=actor)
    audit.record(actor, "content.item.contributed", item, at=now, label=item.name)
    for file in uploads:
        keep_file(actor=actor, public_id=item.public_id, file=file, name=file.name or "", now=now)
    if uploads and has_patient and actor.user_id:
        said = _("照片里有患者，书面同意：%(where)s") % {"where": consent.strip()}
        ContentComment.objects.create(
            organization_id=organization_id, item=item, author_id=actor.user_id, text=said
        )
    return item
