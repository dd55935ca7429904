"""The list as a file, in the columns that the import reads back."""

from collections.abc import Iterable, Iterator
from typing import cast

from django.http import HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _

from xinglin.core.exports import safe_row
from xinglin.prices.models import PriceItem


def head() -> list[str]:
    """Names of the columns."""
    return [
        _("编码"),
        _("项目"),
        _("科室"),
        _("计价单位"),
        _("价格（元）"),
        _("医保类别"),
        _("项目内涵与说明"),
        _("生效日"),
        _("最后一天"),
        _("顺序"),
    ]


def row_of(item: PriceItem) -> list[object]:
    """An entry, in the order of ``head``."""
    return [
        item.code,
        item.name,
        item.department.name if item.department else "",
        item.unit,
        f"{item.price_fen / 100:.2f}",
        item.get_insurance_display(),
        item.notes,
        item.valid_from.isoformat(),
        item.valid_until.isoformat() if item.valid_until else "",
        str(item.position),
    ]


def csv_answer(rows: Iterable[PriceItem]) -> HttpResponse:
    """A table that Excel opens with Chinese intact (UTF-8 with byte order mark), formulas disarmed."""

    def lines() -> Iterator[str]:
        yield "\ufeff" + _line(list(head()))
        for row in rows:
            yield _line(safe_row(row_of(row)))

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="prices.csv"'
    response["Cache-Control"] = "no-store"
    return cast(HttpResponse, response)


def _line(cells: list[object]) -> str:
    return ",".join('"' + str(cell).replace('"', '""') + '"' for cell in cells) + "\r\n"
