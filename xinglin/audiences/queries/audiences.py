"""Saved audiences: one, many, their size over time, and who leans on them."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from xinglin.audiences import usage
from xinglin.audiences.models import Audience, AudienceMember, AudienceSnapshot, AudienceVersion
from xinglin.audiences.permissions import Permission
from xinglin.audiences.rules import ready_made
from xinglin.audiences.rules.names import walk
from xinglin.audiences.rules.parse import BadQuestion, validate
from xinglin.audiences.rules.tree import InAudience
from xinglin.audiences.usage import Use
from xinglin.core.actor import Actor, require
from xinglin.core.errors import NotFound
from xinglin.directory import queries as directory
from xinglin.patients.score_names import score_names


def list_audiences(actor: Actor, *, search: str = "", archived: bool = False) -> QuerySet[Audience]:
    """The hospital's audiences, newest first."""
    require(actor, Permission.VIEW_AUDIENCE)
    rows = Audience.objects.visible_to(actor).filter(archived_at__isnull=not archived)
    if search:
        rows = rows.filter(name__icontains=search)
    return rows.order_by("-id")


def departments_at_home(actor: Actor, tree: Any) -> Any:
    """A shipped question or setting with this hospital's department codes; see ``ready_made.at_home``."""
    departments = {one.code: one.name for one in directory.list_departments(actor)}
    return ready_made.at_home(tree, departments)


def list_ready_made(actor: Actor) -> list[ready_made.ReadyMade]:
    """Audiences that come with the house; without those that lean on a score that is not usable here."""
    require(actor, Permission.VIEW_AUDIENCE)
    usable = set(score_names(actor.organization_id or 0))
    return [
        one
        for one in ready_made.offered()
        if {part["score"] for part in one.tree.get("all", []) if "score" in part} <= usable
    ]


def get_audience(actor: Actor, public_id: UUID) -> Audience:
    """One audience, archived or not; NotFound."""
    require(actor, Permission.VIEW_AUDIENCE)
    audience = Audience.objects.visible_to(actor).filter(public_id=public_id).first()
    if audience is None:
        raise NotFound
    return audience


def find_audience(organization_id: int, name: str) -> Audience | None:
    """The living audience of that name, or None."""
    rows = Audience.objects.filter(organization_id=organization_id, archived_at__isnull=True)
    return rows.filter(name=name).first()


def current_version(audience: Audience) -> AudienceVersion:
    """The newest version."""
    return audience.versions.select_related("audience").latest("number")


def current_versions(audiences: list[Audience]) -> dict[int, AudienceVersion]:
    """The newest version of each, by audience id, in one query."""
    rows = AudienceVersion.objects.filter(audience__in=audiences).order_by("number")
    return {version.audience_id: version for version in rows}


def get_version(organization_id: int, version_id: int) -> AudienceVersion:
    """A version by id within one hospital; NotFound."""
    rows = AudienceVersion.objects.filter(audience__organization_id=organization_id)
    version = rows.select_related("audience").filter(pk=version_id).first()
    if version is None:
        raise NotFound
    return version


def list_versions(audience: Audience) -> QuerySet[AudienceVersion]:
    """All versions, newest first."""
    return audience.versions.order_by("-number")


def list_snapshots(audience: Audience, *, limit: int = 60) -> list[AudienceSnapshot]:
    """Finished snapshots by the moment they speak of, newest first."""
    rows = audience.snapshots.filter(status=AudienceSnapshot.Status.DONE)
    return list(rows.select_related("version").order_by("-as_of")[:limit])


def latest_snapshot(audience: Audience) -> AudienceSnapshot | None:
    """The newest finished snapshot that still has its members."""
    rows = audience.snapshots.filter(status=AudienceSnapshot.Status.DONE, keeps_members=True)
    return rows.order_by("-taken_at").first()


def list_members(snapshot: AudienceSnapshot) -> QuerySet[AudienceMember]:
    """Members by patient id, ascending."""
    return AudienceMember.objects.filter(snapshot=snapshot).order_by("patient_id")


def dependents(audience: Audience) -> list[Audience]:
    """Audiences of the hospital whose newest version names this one."""
    newest: dict[int, AudienceVersion] = {}
    rows = AudienceVersion.objects.filter(
        audience__organization_id=audience.organization_id, audience__archived_at__isnull=True
    )
    for version in rows.select_related("audience").order_by("number"):
        newest[version.audience_id] = version
    return [
        v.audience for v in newest.values() if audience.name in names_in(v) and v.audience_id != audience.pk
    ]


def names_in(version: AudienceVersion) -> set[str]:
    """The audiences a version names."""
    try:
        tree = validate(version.tree, complete=False)
    except BadQuestion:
        return set()
    return {node.in_audience for _path, node in walk(tree) if isinstance(node, InAudience)}


def list_uses(audience: Audience) -> list[Use]:
    """Everything that leans on an audience: other audiences, then what other modules say."""
    inside = [
        Use(_("人群「%(name)s」") % {"name": a.name}, f"/audiences/{a.public_id}/")
        for a in dependents(audience)
    ]
    others = usage.find_uses(organization_id=audience.organization_id, audience_id=audience.pk)
    return [*inside, *others]


def in_dependency_order(audiences: list[Audience]) -> list[tuple[Audience, int]]:
    """The audiences with how deep each leans on others of them (0: on none), the deepest last."""
    versions = {v.audience_id: v for v in current_versions(audiences).values()}
    by_name = {(a.organization_id, a.name): a for a in audiences}
    depths: dict[int, int] = {}

    def depth(audience: Audience, trail: frozenset[int]) -> int:
        if audience.pk not in depths and audience.pk in versions and audience.pk not in trail:
            named = (by_name.get((audience.organization_id, n)) for n in names_in(versions[audience.pk]))
            below = [depth(one, trail | {audience.pk}) for one in named if one is not None]
            depths[audience.pk] = max(below, default=-1) + 1
        return depths.get(audience.pk, 0)

    return sorted(((a, depth(a, frozenset())) for a in audiences), key=lambda pair: pair[1])
