"""Asking the configured engine for a whole answer, with limits on time and memory and a way to stop."""

import os
import threading
from collections.abc import Callable
from time import monotonic
from typing import Any

import duckdb
import pyarrow as pa
from django.utils.translation import gettext_lazy as _

from xinglin.core.errors import Conflict, DomainError
from xinglin.ledger.lake import engine, reader

PATIENCE = 30.0
TICK = 0.2
Stop = Callable[[], bool]


class LakeNotReady(Conflict):
    """A table that the question needs has never been mirrored."""

    code = "lake-not-ready"
    default = _("统计数据还没有同步过：请先运行一次同步（xinglin lake sync），或等后台任务跑完")


class QueryStopped(Conflict):
    """Somebody stopped the question while it ran."""

    code, default = "lake-query-stopped", _("已停下，没有改动任何数据")


class QueryTooSlow(DomainError):
    """The question ran longer than it may."""

    code, status = "lake-query-too-slow", 503
    default = _("这个问题算得太久，已经停下。请缩小范围，或在人群页上交给后台更新")


class QueryTooLarge(DomainError):
    """The question needs more memory than the engine may use."""

    code, status = "lake-query-too-large", 503
    default = _("这个问题需要的内存超过了上限，已经停下。请减少条件或缩短时间范围")


def patience() -> float:
    """Seconds a question may run: ``LAKE_SECONDS``, by default 30."""
    return float(os.environ.get("LAKE_SECONDS") or PATIENCE)


def ask(query: str, *, seconds: float | None = None, stop: Stop | None = None) -> pa.Table:
    """All rows of a query in the dialect of `engine.dialect`, as Arrow.

    ``seconds`` (default `patience`) limits the time; ``stop`` is asked five times a second in the caller's
    thread. Raises LakeNotReady, QueryTooSlow, QueryTooLarge or QueryStopped.
    """
    limit = patience() if seconds is None else seconds
    if engine.dialect() == "pyspark":
        from xinglin.ledger.lake import spark  # an extra

        return _watched(spark.running(query), limit, stop)
    return _watched(_Embedded(query), limit, stop)


class _Embedded:
    """A query on a DuckDB cursor of its own."""

    def __init__(self, query: str) -> None:
        self.query, self.cursor = query, reader.cursor()

    def run(self) -> pa.Table:
        try:
            return self.cursor.sql(self.query).to_arrow_table()
        except duckdb.CatalogException:
            raise LakeNotReady from None
        except duckdb.OutOfMemoryException:
            raise QueryTooLarge from None

    def interrupt(self) -> None:
        self.cursor.interrupt()

    def close(self) -> None:
        self.cursor.close()


def _watched(running: Any, limit: float, stop: Stop | None) -> pa.Table:
    """Run it in a thread of its own and watch the clock and ``stop`` here."""
    found: list[pa.Table] = []
    wrong: list[BaseException] = []

    def work() -> None:
        try:
            found.append(running.run())
        except BaseException as error:
            wrong.append(error)

    thread = threading.Thread(target=work, daemon=True)
    end = monotonic() + limit
    verdict: DomainError | None = None
    thread.start()
    try:
        thread.join(min(TICK, limit))
        while thread.is_alive():
            if monotonic() >= end:
                verdict = QueryTooSlow()
            elif stop is not None and stop():
                verdict = QueryStopped()
            if verdict is not None:
                running.interrupt()
            thread.join(TICK)
    finally:
        if thread.is_alive():
            running.interrupt()
            thread.join()
        running.close()
    if wrong:
        raise verdict or wrong[0]
    return found[0]
