"""The rows that were refused, as a CSV that opens in Excel: line, reason, the row as it stood."""

import csv
import io
from collections.abc import Iterator

from django.utils.translation import gettext as _

from xinglin.core.exports import safe_row
from xinglin.patients.imports.packing import unpack
from xinglin.patients.models import Import


def refused_rows(item: Import) -> Iterator[tuple[int, str, list[str]]]:
    """Line, reason and cells, from the run or (before there is one) from the trial."""
    pieces = item.pieces.filter(is_trial=not item.chunks).filter(refusals__isnull=False).order_by("number")
    for piece in pieces.iterator(chunk_size=20):
        yield from unpack(piece.refusals)


def errors_csv(item: Import) -> Iterator[str]:
    """The file piece by piece, with a byte-order mark; formulas are neutralised."""
    yield "\ufeff" + _line([_("行号"), _("原因"), *item.header])
    for number, reason, cells in refused_rows(item):
        yield _line([number, reason, *cells])


def _line(values: list[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(safe_row(values))
    return buffer.getvalue()
