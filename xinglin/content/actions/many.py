"""One thing done to many items: few at once, many as a job."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.content import queries
from xinglin.content.models import ContentItem, ContentTag
from xinglin.content.permissions import Permission
from xinglin.core import audit, db
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Invalid
from xinglin.core.jobs import enqueue
from xinglin.core.models import Job

#: Items that are changed while the person waits; more become a job of batches of as many.
AT_ONCE = 200
MOST = 50_000
#: Tags of one item.
TAGS = 20


@dataclass(frozen=True, slots=True)
class Changed:
    """How many items were changed and why others were not; with ``job`` the work has only begun."""

    done: int = 0
    problems: list[str] = field(default_factory=list)
    job: Job | None = None


def change_many(
    *,
    actor: Actor,
    public_ids: Sequence[UUID],
    assignee: str = "",
    tag: str = "",
    due_on: str = "",
    now: datetime,
) -> Changed:
    """Give many items to somebody (a staff row's public id), a tag, or a due date.

    Those that cannot take it are left as they are and named. Raises Invalid (fields).
    """
    require(actor, Permission.EDIT_CONTENT)
    if not public_ids:
        raise Invalid(gettext_lazy("先选几项"))
    if len(public_ids) > MOST:
        raise Invalid(gettext_lazy("一次最多改五万项"))
    facts = _facts(actor, assignee=assignee, tag=tag, due_on=due_on)
    wanted = list(dict.fromkeys(public_ids))
    if len(wanted) <= AT_ONCE:
        done, problems = change_batch(actor=actor, public_ids=wanted, facts=facts, now=now)
        return Changed(done=done, problems=problems)
    with transaction.atomic():
        args = {"ids": [str(one) for one in wanted], "facts": facts, "user": actor.user_id}
        job = enqueue("content.change_many", args, actor=actor, title=_("批量改内容"))
        audit.record(actor, "content.item.started", job, at=now, items=len(wanted), fields=sorted(facts))
    return Changed(job=job)


def _facts(actor: Actor, *, assignee: str, tag: str, due_on: str) -> dict[str, Any]:
    """What is to be set, as plain values that a job can carry."""
    facts: dict[str, Any] = {}
    if assignee:
        person = next((p for p in queries.list_assignees(actor=actor) if str(p.public_id) == assignee), None)
        if person is None:
            raise Invalid(fields={"assignee": [gettext_lazy("没有这位同事，或没有账号")]})
        facts["assignee_id"] = person.user_id
    if due_on:
        try:
            facts["due_on"] = date.fromisoformat(due_on).isoformat()
        except ValueError as error:
            raise Invalid(fields={"due_on": [gettext_lazy("日期写成 2026-11-30")]}) from error
    if tag.strip():
        facts["tag"] = tag.strip()[:24]
    if not facts:
        raise Invalid(gettext_lazy("选要改什么：指派、标签或到期日"))
    return facts


@transaction.atomic
def change_batch(
    *, actor: Actor, public_ids: Sequence[UUID | str], facts: Mapping[str, Any], now: datetime
) -> tuple[int, list[str]]:
    """Do it to some hundred; how many were changed, and why others were not."""
    require(actor, Permission.EDIT_CONTENT)
    rows = ContentItem.objects.visible_to(actor).filter(public_id__in=public_ids)
    items = list(db.lock_rows(rows.order_by("pk")))
    problems = []
    if len(items) < len(public_ids):
        problems.append(_("%(n)s 项已经不在，或不归本院") % {"n": len(public_ids) - len(items)})
    if "tag" in facts:
        full = _full(items, facts["tag"])
        problems += [_("「%(name)s」的标签已有 20 个，没有改") % {"name": one.name} for one in full]
        items = [one for one in items if one not in full]
        ContentTag.objects.bulk_create(
            [ContentTag(item=one, organization_id=one.organization_id, word=facts["tag"]) for one in items],
            ignore_conflicts=True,
        )
    columns: dict[str, Any] = {name: facts[name] for name in ("assignee_id", "due_on") if name in facts}
    ContentItem.objects.filter(pk__in=[one.pk for one in items]).update(updated_at=now, **columns)
    names = sorted({"tag": "tags"}.get(name, name) for name in facts)
    audit.record_many(actor, "content.item.edited", [(one, one.name) for one in items], at=now, fields=names)
    return len(items), problems


def _full(items: Sequence[ContentItem], tag: str) -> list[ContentItem]:
    """Those that have no room for one more tag."""
    words: dict[int, set[str]] = {}
    for item_id, word in ContentTag.objects.filter(item__in=items).values_list("item_id", "word"):
        words.setdefault(item_id, set()).add(word)
    found = [(one, words.get(one.pk, set())) for one in items]
    return [one for one, known in found if tag not in known and len(known) >= TAGS]
