"""The lake: the ledger and its dimensions as Parquet, for questions over many people."""

from xinglin.ledger.lake.asking import (
    LakeNotReady,
    QueryStopped,
    QueryTooLarge,
    QueryTooSlow,
    Stop,
    ask,
    patience,
)
from xinglin.ledger.lake.dimensions import dimension
from xinglin.ledger.lake.engine import dialect
from xinglin.ledger.lake.layout import folder, fresh_as_of, version
from xinglin.ledger.lake.lease import LakeBusy
from xinglin.ledger.lake.reader import connect, cursor, sql, table
from xinglin.ledger.lake.status import LakeStatus, status
from xinglin.ledger.lake.syncing import SyncResult, compact, rebuild, sync

__all__ = [
    "LakeBusy",
    "LakeNotReady",
    "LakeStatus",
    "QueryStopped",
    "QueryTooLarge",
    "QueryTooSlow",
    "Stop",
    "SyncResult",
    "ask",
    "compact",
    "connect",
    "cursor",
    "dialect",
    "dimension",
    "folder",
    "fresh_as_of",
    "patience",
    "rebuild",
    "sql",
    "status",
    "sync",
    "table",
    "version",
]  # fmt: skip
