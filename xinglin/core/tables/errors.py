from django.utils.translation import gettext_lazy as _

from xinglin.core.errors import DomainError


class TableError(DomainError):
    """The file cannot be read as a table; the message says what to do."""

    code, status, default = "table", 422, _("这个文件读不出表格")


class EmptyTable(TableError):
    code, default = "table-empty", _("文件是空的，没有可以导入的行")


class TableTooLarge(TableError):
    code, default = "table-too-large", _("文件太大，请拆成几份再导入")


class TooManyColumns(TableError):
    code, default = "table-too-many-columns", _("列太多")


class UnreadableTable(TableError):
    code, default = "table-unreadable", _("读不懂这个文件，请用 Excel 另存为 .xlsx 或 UTF-8 的 CSV 再上传")


class BrokenTable(TableError):
    code, default = "table-broken", _("文件内容有损坏")
