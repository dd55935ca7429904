"""The engines that read Parquet: DuckDB in this process, or a Spark cluster that ``LAKE_URL`` names."""

import os
from typing import Any, Literal

import duckdb

from xinglin.core.errors import Invalid
from xinglin.ledger.lake import layout


def dialect() -> Literal["duckdb", "pyspark"]:
    """What ``LAKE_URL`` asks for: nothing or ``duckdb:`` is DuckDB, ``spark://host:port`` a cluster.

    Raises Invalid for anything else.
    """
    url = os.environ.get("LAKE_URL", "")
    if not url or url.startswith("duckdb:"):
        return "duckdb"
    if url.startswith("spark://"):
        return "pyspark"
    raise Invalid(f"LAKE_URL: {url.partition(':')[0]} is not a known engine; leave it empty for DuckDB")


def open_duckdb() -> Any:
    """A new in-memory DuckDB; memory, threads and spill folder by ``LAKE_MEMORY`` and ``LAKE_THREADS``."""
    spill = layout.folder() / "spill"
    spill.mkdir(exist_ok=True)
    connection = duckdb.connect(
        config={
            "memory_limit": os.environ.get("LAKE_MEMORY") or "2GB",
            "threads": int(os.environ.get("LAKE_THREADS") or os.cpu_count() or 2),
            "temp_directory": str(spill),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
    )
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET parquet_metadata_cache = true")
    return connection
