"""The one place where this module talks to the lake."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from threading import Lock
from typing import Any, Literal

import pyarrow as pa

from xinglin.ledger import lake
from xinglin.ledger.lake import LakeNotReady, QueryStopped, QueryTooLarge, QueryTooSlow, Stop

__all__ = ["UNANSWERED", "LakeNotReady", "QueryStopped", "QueryTooLarge", "QueryTooSlow"]
#: What keeps a question from being answered although it is sound.
UNANSWERED = (LakeNotReady, QueryTooSlow, QueryTooLarge)

_REMEMBERED = 512
_PATIENT = 20  # background work may take so many times longer than a page
_sql: "OrderedDict[tuple[Any, ...], Any]" = OrderedDict()
_lock = Lock()
_limits: ContextVar[tuple[float | None, Stop | None]] = ContextVar("audiences_limits", default=(None, None))


def remembered(key: tuple[Any, ...], make: Callable[[], Any]) -> Any:
    """Compiled SQL by question, so that asking the same again costs no compiling; the newest 512 are kept."""
    key = (dialect(), *key)
    with _lock:
        if key in _sql:
            _sql.move_to_end(key)
            return _sql[key]
    made = make()
    with _lock:
        _sql[key] = made
        while len(_sql) > _REMEMBERED:
            _sql.popitem(last=False)
    return made


@contextmanager
def in_background(stop: Stop) -> Iterator[None]:
    """Questions asked inside may run twenty times longer, and end when ``stop`` says so (QueryStopped)."""
    token = _limits.set((lake.patience() * _PATIENT, stop))
    try:
        yield
    finally:
        _limits.reset(token)


@contextmanager
def stoppable(stop: Stop) -> Iterator[None]:
    """Questions asked inside end when ``stop`` says so (QueryStopped), asked five times a second."""
    token = _limits.set((None, stop))
    try:
        yield
    finally:
        _limits.reset(token)


def rows(sql: str) -> list[tuple[Any, ...]]:
    """All rows of a query; raises as `table` does."""
    columns = [column.to_pylist() for column in table(sql).columns]
    return list(zip(*columns, strict=True))


def table(sql: str) -> pa.Table:
    """All rows of a query as Arrow. Raises LakeNotReady before the first synchronization, QueryTooSlow,
    QueryTooLarge, or QueryStopped inside `in_background` and `stoppable`."""
    seconds, stop = _limits.get()
    return lake.ask(sql, seconds=seconds, stop=stop)


def dialect() -> Literal["duckdb", "pyspark"]:
    """The dialect of the configured engine."""
    return lake.dialect()


def fresh_as_of() -> datetime | None:
    """Until when the lake knows; None before the first synchronization."""
    return lake.fresh_as_of()
