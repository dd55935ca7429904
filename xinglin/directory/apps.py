from typing import Any

from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from xinglin.core.apps import ModuleConfig


def load_shipped_roles(*, using: str, plan: Any = (), **_kwargs: object) -> None:
    """After the tables are up to date, bring the roles to what this release ships."""
    from django.db import connections

    from xinglin.directory.actions import sync_roles

    backwards = any(step[1] for step in plan)
    if not backwards and "directory_rolepermission" in connections[using].introspection.table_names():
        sync_roles()


class DirectoryConfig(ModuleConfig):
    """Hospitals, departments, staff, accounts, roles."""

    default = True
    name = "xinglin.directory"
    label = "directory"
    verbose_name = _("机构与账号")

    def ready(self) -> None:
        super().ready()
        post_migrate.connect(load_shipped_roles, sender=self, dispatch_uid="directory.roles")
