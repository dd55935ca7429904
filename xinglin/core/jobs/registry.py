from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from xinglin.core.jobs.run import JobRun

Handler = Callable[["JobRun"], None]
H = TypeVar("H", bound=Handler)


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of one kind of job; ``lease`` in seconds."""

    name: str
    handler: Handler
    queue: str
    every: timedelta | None
    at_hour: int | None
    lease: int
    max_attempts: int


kinds: dict[str, Kind] = {}


def job(
    name: str,
    *,
    queue: str = "default",
    every: timedelta | None = None,
    at_hour: int | None = None,
    lease: int = 60,
    max_attempts: int = 5,
) -> Callable[[H], H]:
    """Register a handler: ids in, one batch, commit, ask again. It may run twice for one row.

    ``every`` repeats it, ``at_hour`` (0 to 23, local time) runs it daily.
    """

    def register(handler: H) -> H:
        if name in kinds and kinds[name].handler.__module__ != handler.__module__:
            raise ValueError(f"two jobs are called {name}")
        kinds[name] = Kind(name, handler, queue, every, at_hour, lease, max_attempts)
        return handler

    return register
