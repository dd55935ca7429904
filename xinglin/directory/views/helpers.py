"""What the pages of this module share."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar, cast
from uuid import UUID

from django.http import HttpResponse, StreamingHttpResponse

from xinglin.core.access import StaffRequest
from xinglin.core.errors import NotFound
from xinglin.core.exports import safe_row

T = TypeVar("T")


def opened(request: StaffRequest, get: Callable[[UUID], T]) -> T | None:
    """The row that ``?open=`` names, for the side panel of a list; None when there is none."""
    try:
        return get(UUID(request.GET.get("open", "")))
    except (ValueError, NotFound):
        return None


def csv_download(rows: Iterable[list[object]], *, head: list[object], filename: str) -> HttpResponse:
    """A table that Excel opens with Chinese intact (UTF-8 with byte order mark), formulas disarmed."""

    def lines() -> Iterator[str]:
        yield "\ufeff" + _line(head)
        for row in rows:
            yield _line(safe_row(row))

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Cache-Control"] = "no-store"
    return cast(HttpResponse, response)


def _line(cells: list[object]) -> str:
    texts = ("" if cell is None else str(cell) for cell in cells)
    return ",".join('"' + text.replace('"', '""') + '"' for text in texts) + "\r\n"
