"""Takes the demo's hospitals away, every row of every module, and nothing else."""

from collections.abc import Iterator
from datetime import datetime

from django.apps import apps
from django.db import models, transaction

from xinglin.config.demo.hospital import facts
from xinglin.config.setup import token
from xinglin.core import env
from xinglin.core.models import AuditEntry, DomainEvent
from xinglin.directory.models import Membership, Organization, OrganizationGroup, User
from xinglin.ledger import actions as ledger
from xinglin.ledger import lake
from xinglin.ledger.models import Touch
from xinglin.patients.models import Patient
from xinglin.patients.queries.search import SEARCH


def remove_demo(*, now: datetime) -> int:
    """Delete the demo hospitals with all that belongs to them; returns the number of rows."""
    group = OrganizationGroup.objects.filter(name=facts()["group"]).first()
    slugs = [each["slug"] for each in facts()["hospitals"]]
    found = Organization.objects.filter(slug__in=slugs, group=group)
    ids = list(found.values_list("pk", flat=True))
    if not ids or group is None:
        return 0
    count = 0
    with transaction.atomic():
        users = list(Membership.objects.filter(organization_id__in=ids).values_list("user_id", flat=True))
        SEARCH.remove(list(Patient.objects.filter(organization_id__in=ids).values_list("pk", flat=True)))
        for organization_id in ids:
            count += ledger.forget_organization(organization_id=organization_id)
        for model, path in _by_distance():
            rows = model._base_manager.filter(**{f"{path}__in": ids})
            count += rows._raw_delete("default") or 0  # foreign keys are checked at the commit
        # Accounts that belong nowhere else.
        homeless = User.objects.filter(pk__in=users, memberships__isnull=True)
        for kind in _pointing_at(User):
            kind[0]._base_manager.filter(**{f"{kind[1]}__in": homeless.values("pk")})._raw_delete("default")
        count += homeless._raw_delete("default") or 0
        count += found._raw_delete("default") or 0
        DomainEvent.objects.filter(payload__organization_id__in=ids).delete()
        AuditEntry.objects.filter(object_id=str(group.public_id)).delete()
        group.delete()
    lake.rebuild(now=now)
    (env.home() / "accounts.txt").write_text("")
    if not Organization.objects.exists():
        token.issue()  # nobody can sign in any more; the next setup is for who reads the console
    return count


def _path(model: type[models.Model], seen: tuple[type[models.Model], ...] = ()) -> str | None:
    """The look-up that leads from a model to its organization: by column, or by a foreign key's."""
    names = {field.name for field in model._meta.concrete_fields}
    if "organization" in names:
        return "organization_id"
    if "organization_id" in names:
        return "organization_id"
    for field in model._meta.concrete_fields:
        target = field.related_model
        if isinstance(field, models.ForeignKey) and isinstance(target, type) and target not in seen:
            if not issubclass(target, models.Model) or target in {User, Organization}:
                continue
            further = _path(target, (*seen, model))
            if further:
                return f"{field.name}__{further}"
    return None


def _by_distance() -> Iterator[tuple[type[models.Model], str]]:
    """Models with their path, those that need a parent to be found first."""
    paths = {
        model: path
        for model in apps.get_models(include_auto_created=True)
        if model not in {Touch, Organization, User}
        and model.__module__.startswith("xinglin.")
        and (path := _path(model)) is not None
    }
    yield from sorted(paths.items(), key=lambda pair: -pair[1].count("__"))


def _pointing_at(target: type[models.Model]) -> Iterator[tuple[type[models.Model], str]]:
    """Models of other packages with a required foreign key to ``target`` (sessions, second factors)."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            points = isinstance(field, models.ForeignKey) and field.related_model is target
            if points and not field.null and not model.__module__.startswith("xinglin."):
                yield model, field.name
