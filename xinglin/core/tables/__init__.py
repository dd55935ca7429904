"""Reads tables as Excel and hospital systems really write them: CSV, TSV, their gzip, XLSX and XLS.

``open_table(path)`` looks at the first rows only; ``Table.rows()`` streams them in bounded memory and
``Table.scan()`` goes over all of them once, so that a broken file is refused before anything is written.
Cells are text: numbers without a needless ``.0``, dates in ISO form. Formulas give their stored value.
"""

from xinglin.core.tables.errors import (
    BrokenTable,
    EmptyTable,
    TableError,
    TableTooLarge,
    TooManyColumns,
    UnreadableTable,
)
from xinglin.core.tables.limits import DEFAULT_LIMITS, Limits
from xinglin.core.tables.table import Line, Scan, Skipped, Table, open_table

__all__ = [
    "DEFAULT_LIMITS",
    "BrokenTable",
    "EmptyTable",
    "Limits",
    "Line",
    "Scan",
    "Skipped",
    "Table",
    "TableError",
    "TableTooLarge",
    "TooManyColumns",
    "UnreadableTable",
    "open_table",
]
