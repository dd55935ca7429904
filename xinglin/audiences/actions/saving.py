"""Saving, archiving and restoring an audience."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.audiences.models import Audience, AudienceVersion
from xinglin.audiences.permissions import Permission
from xinglin.audiences.queries import asking, audiences
from xinglin.audiences.queries.compile import Question
from xinglin.audiences.rules.tree import dump
from xinglin.core import audit
from xinglin.core.actor import Actor, require
from xinglin.core.errors import Conflict, Invalid


class AudienceInUse(Conflict):
    """Something still leans on the audience."""

    code = "audience-in-use"


class NameTaken(Invalid):
    """Another audience of the hospital has the name."""

    code = "audience-name-taken"
    default = gettext_lazy("已有同名的人群，请换一个名称")


@transaction.atomic
def save_audience(
    *,
    actor: Actor,
    name: str,
    tree: str | dict[str, Any],
    now: datetime,
    note: str = "",
    refresh: str = Audience.Refresh.NIGHTLY,
    public_id: UUID | None = None,
    ready_made: str = "",
) -> Audience:
    """Create an audience, or change one; a changed question becomes a new version.

    Raises BadQuestion (with paths), NameTaken, Invalid, NotFound, PermissionDenied, or AudienceInUse when
    a rename would break audiences that name it.
    """
    require(actor, Permission.EDIT_AUDIENCE)
    organization_id = actor.organization_id
    assert organization_id is not None
    audience = (
        audiences.get_audience(actor, public_id) if public_id else Audience(organization_id=organization_id)
    )
    name = _checked_name(audience, name)
    if refresh not in Audience.Refresh.values:
        raise Invalid(fields={"refresh": [_("没有这种更新方式")]})
    moment = asking.as_of_for(organization_id, None, now=now)
    question = asking.understand(tree, organization_id=organization_id, as_of=moment, own_name=name)
    audience.name, audience.note, audience.refresh = name, note.strip()[:300], refresh
    if audience.pk is None:
        audience.created_by_id, audience.created_by_name = actor.user_id, actor.name[:120]
        audience.ready_made = ready_made
    try:
        with transaction.atomic():
            audience.save()
    except IntegrityError:
        raise NameTaken(fields={"name": [NameTaken.default]}) from None
    version = _add_version(audience, dump(question.tree), question, actor, now)
    audit.record(
        actor,
        "audiences.audience.saved",
        audience,
        at=now,
        label=name,
        version=version.number,
        words=version.words,
    )
    return audience


def _checked_name(audience: Audience, name: str) -> str:
    name = name.strip()
    if not name or len(name) > 80:
        raise Invalid(fields={"name": [_("名称要有 1 到 80 个字")]})
    if audience.pk and audience.name != name and (users := audiences.dependents(audience)):
        raise AudienceInUse(
            _("不能改名：人群%(names)s按名称引用了它") % {"names": _quoted([a.name for a in users])},
            fields={"name": [_("别的人群按名称引用了它，先改它们")]},
        )
    return name


def _add_version(
    audience: Audience, tree: dict[str, Any], question: Question, actor: Actor, now: datetime
) -> AudienceVersion:
    """The version that holds this tree: the newest one if it is the same, else a new one."""
    latest = audience.versions.order_by("-number").first()
    if latest is not None and latest.tree == tree:
        return latest
    with translation.override("zh-hans"):
        words = asking.words_of(audience.organization_id, question.tree)
    return AudienceVersion.objects.create(
        audience=audience,
        number=latest.number + 1 if latest else 1,
        tree=tree,
        words=words,
        created_at=now,
        created_by_name=actor.name[:120],
    )


@transaction.atomic
def schedule_audience(*, actor: Actor, public_id: UUID, refresh: str, now: datetime) -> Audience:
    """Say how often an audience is refreshed by itself. Invalid, NotFound, PermissionDenied."""
    require(actor, Permission.EDIT_AUDIENCE)
    audience = audiences.get_audience(actor, public_id)
    if refresh not in Audience.Refresh.values:
        raise Invalid(fields={"refresh": [_("没有这种更新方式")]})
    if audience.refresh != refresh:
        audience.refresh = refresh
        audience.save(update_fields=["refresh", "updated_at"])
        audit.record(
            actor, "audiences.audience.scheduled", audience, at=now, label=audience.name, refresh=refresh
        )
    return audience


@transaction.atomic
def archive_audience(*, actor: Actor, public_id: UUID, now: datetime) -> Audience:
    """Take an audience out of use; its versions and snapshots stay. AudienceInUse says where it is used."""
    require(actor, Permission.EDIT_AUDIENCE)
    audience = audiences.get_audience(actor, public_id)
    uses = audiences.list_uses(audience)
    if uses:
        raise AudienceInUse(
            _("还有地方在用「%(name)s」：%(uses)s。先在那里换掉它，再归档。")
            % {"name": audience.name, "uses": _("、").join(use.label for use in uses)},
            detail={"uses": [use.label for use in uses]},
        )
    if audience.archived_at is None:
        audience.archived_at = now
        audience.save(update_fields=["archived_at", "updated_at"])
        audit.record(actor, "audiences.audience.archived", audience, at=now, label=audience.name)
    return audience


@transaction.atomic
def restore_audience(*, actor: Actor, public_id: UUID, now: datetime) -> Audience:
    """Bring an archived audience back. NameTaken when the name is in use again."""
    require(actor, Permission.EDIT_AUDIENCE)
    audience = audiences.get_audience(actor, public_id)
    if audience.archived_at is None:
        return audience
    audience.archived_at = None
    try:
        with transaction.atomic():
            audience.save(update_fields=["archived_at", "updated_at"])
    except IntegrityError:
        raise NameTaken from None
    audit.record(actor, "audiences.audience.restored", audience, at=now, label=audience.name)
    return audience


def _quoted(names: list[str]) -> str:
    return _("、").join(_("「%(name)s」") % {"name": name} for name in names)
