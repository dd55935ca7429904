from dataclasses import dataclass
from io import RawIOBase
from typing import Any, BinaryIO

from django.utils.translation import gettext as _

from xinglin.core.tables.errors import TableTooLarge, TooManyColumns

MB = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is read at most. ``ratio`` (unpacked to packed) counts once ``ratio_from`` bytes came out."""

    file_bytes: int = 500 * MB
    unpacked_bytes: int = 2_000 * MB
    ratio: int = 200
    ratio_from: int = 30 * MB
    rows: int = 2_000_000
    columns: int = 256
    cell_chars: int = 32_767
    line_chars: int = 2_000_000

    def check_unpacked(self, packed: int, unpacked: int) -> None:
        if unpacked > self.unpacked_bytes:
            raise TableTooLarge(
                _("解压后超过 %(limit)s MB，请拆成几份再导入") % {"limit": self.unpacked_bytes // MB}
            )
        if unpacked > self.ratio_from and unpacked > self.ratio * max(packed, 1):
            raise TableTooLarge(
                _("压缩比异常（超过 %(ratio)s 倍），像是压缩炸弹，没有打开") % {"ratio": self.ratio}
            )

    def check_columns(self, number: int) -> None:
        if number > self.columns:
            raise TooManyColumns(
                _("这个表有 %(number)s 列，最多能导入 %(limit)s 列；请删去用不着的列再上传")
                % {"number": number, "limit": self.columns}
            )

    def check_rows(self, number: int) -> None:
        if number > self.rows:
            raise TableTooLarge(_("超过 %(limit)s 行，请拆成几份再导入") % {"limit": f"{self.rows:,}"})

    def check_cell(self, line: int, text: str) -> None:
        if len(text) > self.cell_chars:
            raise TableTooLarge(
                _("第 %(line)s 行有一格超过 %(limit)s 字；常见原因是前面有一个引号没有成对")
                % {"line": line, "limit": f"{self.cell_chars:,}"}
            )


DEFAULT_LIMITS = Limits()


class Metered(RawIOBase):
    """A stream of unpacked bytes that stops at the limits, whatever the archive claims about itself."""

    def __init__(self, stream: BinaryIO, packed: int, limits: Limits) -> None:
        self._stream, self._packed, self._limits, self._read = stream, packed, limits, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer).cast("B")
        data = self._stream.read(len(view))
        self._read += len(data)
        self._limits.check_unpacked(self._packed, self._read)
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()
