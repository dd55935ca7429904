# ruff: noqa: S608 (the SQL is made of our own words, values are numbers and paths)
"""The lake on a Spark cluster: the same Parquet files as temporary views of one session a generation.

Needs the extra ``[spark]`` and Java 17; workers must see the lake's folder under the same path.
"""

import os
import sys
import threading
from pathlib import Path
from typing import Any
from uuid import uuid4

import pyarrow as pa

from xinglin.core.errors import Invalid
from xinglin.ledger.lake import layout
from xinglin.ledger.lake.layout import ANONYMOUS, KNOWN, Manifest

_lock = threading.Lock()
_state: dict[str, Any] = {}
#: Columns as the embedded engine knows them; ``visitor`` is a 16-byte UUID in the files.
TOUCHES = (
    "seq long, organization_id long, `at` timestamp_ntz, kind string, patient_id long, visitor binary, "
    "channel string, campaign_id long, content_id long, event_id long, partner_id long, staff_id long, "
    "department_id long, department string, amount_fen long, import_id long, props string"
)
_NAMES = [part.split()[0].strip("`") for part in TOUCHES.split(", ")]


def _settings() -> dict[str, str]:
    """Spark's configuration; ``LAKE_SPARK`` adds ``name=value`` pairs, separated by commas."""
    found = {
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.ui.enabled": "false",
        "spark.executor.memory": "2g",
    }
    for pair in filter(None, os.environ.get("LAKE_SPARK", "").split(",")):
        name, _sign, value = pair.partition("=")
        found[name.strip()] = value.strip()
    return found


def session() -> Any:
    """A Spark session with the lake's tables as of now, one a manifest; Invalid without the extra."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    try:
        from pyspark.sql import SparkSession  # an extra
    except ImportError:
        raise Invalid("LAKE_URL names Spark: install xinglin[spark] and Java 17") from None
    with _lock:
        url, version = os.environ["LAKE_URL"], (str(layout.folder()), layout.version())
        if _state.get("url") != url or _state.get("pid") != os.getpid():
            builder = SparkSession.builder.master(url).appName("xinglin")
            for name, value in _settings().items():
                builder = builder.config(name, value)
            _state.update(url=url, pid=os.getpid(), root=builder.getOrCreate(), version=None)
        if _state["version"] != version:
            made = _state["root"].newSession()
            for name, value in _settings().items():
                if name.startswith("spark.sql."):
                    made.conf.set(name, value)
            _views(made, layout.load(), layout.folder())
            _state.update(version=version, session=made, ibis=None)
        return _state["session"]


def connect() -> Any:
    """The session as an Ibis backend, with the functions that Ibis brings for JSON."""
    import ibis  # slow to load

    made = session()
    with _lock:
        if _state.get("ibis") is None or _state["ibis_of"] is not made:
            _state.update(ibis=ibis.pyspark.connect(made), ibis_of=made)
        return _state["ibis"]


def _views(spark: Any, manifest: Manifest, folder: Path) -> None:
    for name, file in manifest.dimensions.items():
        spark.read.parquet(str(folder / file.path)).createOrReplaceTempView(name)
    for side in (KNOWN, ANONYMOUS):
        paths = [str(folder / file.path) for file in manifest.touches if file.side == side]
        rows = spark.read.schema(TOUCHES).parquet(*paths) if paths else spark.createDataFrame([], TOUCHES)
        rows.createOrReplaceTempView(f"touches_{side}")
    if "visitor_links" not in manifest.dimensions:
        empty = spark.createDataFrame([], "organization_id long, visitor string, patient_id long")
        empty.createOrReplaceTempView("visitor_links")
    columns = ", ".join(
        "coalesce(a.patient_id, l.patient_id) AS patient_id" if name == "patient_id" else f"a.`{name}`"
        for name in _NAMES
    )
    spark.sql(
        f"SELECT {', '.join(f'`{name}`' for name in _NAMES)} FROM touches_known UNION ALL"
        f" SELECT {columns} FROM touches_anonymous a LEFT JOIN visitor_links l"
        " ON a.organization_id = l.organization_id AND a.visitor = unhex(replace(l.visitor, '-', ''))"
    ).createOrReplaceTempView("touches")


class running:  # noqa: N801 (reads as a call)
    """A query on the cluster under a tag of its own, by which it is stopped."""

    def __init__(self, query: str) -> None:
        self.query, self.tag, self.session = query, f"xinglin-{uuid4().hex}", session()

    def run(self) -> pa.Table:
        from pyspark.errors import AnalysisException

        from xinglin.ledger.lake.asking import LakeNotReady

        self.session.addTag(self.tag)
        try:
            return self.session.sql(self.query).toArrow()
        except AnalysisException as error:
            if "TABLE_OR_VIEW_NOT_FOUND" in str(error):
                raise LakeNotReady from None
            raise
        finally:
            self.session.removeTag(self.tag)

    def interrupt(self) -> None:
        self.session.interruptTag(self.tag)

    def close(self) -> None:
        """Nothing is held beyond the query."""
