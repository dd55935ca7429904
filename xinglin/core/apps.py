from importlib import import_module
from importlib.util import find_spec

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

# What a module may hang into the shared registries; each file registers by being imported.
REGISTERING = (
    "touches",
    "dimensions",
    "receivers",
    "jobs",
    "menu",
    "home",
    "palette",
    "panels",
    "importers",
    "erasing",
    "checks",
    "wording",
    "corpus",
)


class ModuleConfig(AppConfig):
    """Base of every module's configuration: loads what the module registers, in a fixed order."""

    default = False

    def ready(self) -> None:
        for part in REGISTERING:
            path = f"{self.name}.{part}"
            if find_spec(path) is not None:
                import_module(path)


class CoreConfig(ModuleConfig):
    default = True
    name = "xinglin.core"
    label = "core"
    verbose_name = _("内核")
