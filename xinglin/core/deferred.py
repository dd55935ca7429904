"""What is slow to load and needed by few requests."""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any


class Deferred:
    """Stands for an object and makes it at the first use; a start must not wait for what it may not need."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:
        return getattr(self._made(), name)

    def __getitem__(self, name: str) -> Any:
        return self._made()[name]

    def _made(self) -> Any:
        if "_object" not in self.__dict__:
            self.__dict__["_object"] = self._make()
        return self.__dict__["_object"]


def deferred_module(name: str) -> Any:
    """A module by its name, loaded when something of it is asked for."""
    return Deferred(partial(import_module, name))
