"""Price lists as files; importing this registers them."""

from dataclasses import replace
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from xinglin.core import bulk
from xinglin.core.errors import Invalid
from xinglin.core.events import publish
from xinglin.core.ids import uuid7
from xinglin.directory import queries as directory
from xinglin.patients.imports.chunk import Chunk
from xinglin.patients.imports.registry import Field, Importer, Kind, Policy, Row, importer
from xinglin.prices import actions, rules
from xinglin.prices.events import PriceListChanged
from xinglin.prices.models import PriceItem
from xinglin.prices.permissions import Permission

INSURANCE = {
    "甲": "a", "甲类": "a", "医保甲类": "a", "a": "a",
    "乙": "b", "乙类": "b", "医保乙类": "b", "b": "b",
    "自费": "self", "丙": "self", "丙类": "self", "全自费": "self", "self": "self",
}  # fmt: skip
FIELDS = (
    Field(
        key="code",
        label=_("编码"),
        kind=Kind.CODE,
        required=True,
        can_key=True,
        max_length=40,
        aliases=("code", "项目编码", "收费编码", "收费项目编码", "编码"),
    ),
    Field(
        key="name",
        label=_("项目"),
        max_length=rules.MOST_NAME,
        aliases=("name", "项目名称", "收费项目", "收费项目名称", "名称", "项目"),
    ),
    Field(key="department", label=_("科室"), aliases=("department", "dept", "科室", "执行科室", "科室名称")),
    Field(key="unit", label=_("计价单位"), max_length=20, aliases=("unit", "单位", "计价单位")),
    Field(
        key="price_fen",
        label=_("价格（元）"),
        kind=Kind.MONEY,
        aliases=("price", "单价", "价格", "价格元", "收费标准", "金额"),
    ),
    Field(
        key="insurance",
        label=_("医保类别"),
        choices=INSURANCE,
        aliases=("insurance", "医保", "医保类别", "医保等级", "医保类型", "甲乙类"),
    ),
    Field(
        key="notes",
        label=_("项目内涵与说明"),
        max_length=rules.MOST_NOTES,
        aliases=("notes", "项目内涵", "说明", "备注", "项目说明", "项目内涵与说明"),
    ),
    Field(
        key="valid_from",
        label=_("生效日"),
        kind=Kind.DATE,
        aliases=("validfrom", "生效日", "生效日期", "执行日期", "开始日期"),
    ),
    Field(
        key="valid_until",
        label=_("最后一天"),
        kind=Kind.DATE,
        aliases=("validuntil", "最后一天", "失效日期", "停用日期", "截止日期"),
    ),
    Field(
        key="position",
        label=_("顺序"),
        kind=Kind.INTEGER,
        aliases=("position", "order", "顺序", "排序", "序号"),
    ),
)
COLUMNS = (
    "id", "organization_id", "public_id", "created_at", "updated_at", "code", "name", "department_id", "unit",
    "price_fen", "notes", "insurance", "valid_from", "valid_until", "position", "verdict", "is_held",
    "written_by_id", "released_by_id", "released_at", "release_note",
)  # fmt: skip
#: What a file can change of an entry that is here already.
CHANGEABLE = (
    "name", "department_id", "unit", "price_fen", "notes", "insurance", "valid_from", "valid_until",
    "position",
)  # fmt: skip
JUDGED = ("verdict", "is_held", "written_by_id", "released_by_id", "released_at", "release_note")


@importer
class PriceImporter(Importer):
    """A row is an entry, recognised by its code; each is judged as if somebody had typed it."""

    name: ClassVar[str] = "prices"
    label: ClassVar[Any] = _("服务与价格")
    unit: ClassVar[Any] = _("条价目")
    permission: ClassVar[str] = Permission.EDIT_PRICE
    order: ClassVar[int] = 60
    is_about_people: ClassVar[bool] = False
    policy: ClassVar[Policy] = Policy.UPDATE
    fields = FIELDS
    default_key = "code"

    def start(self, chunk: Chunk) -> None:
        rows = directory.list_departments(chunk.actor, is_open=None)
        self.departments = {word.casefold(): row for row in rows for word in (row.name, row.code) if word}
        self.lines: dict[str, int] = {}

    def check(self, row: Row) -> object | None:
        price = row.get("price_fen")
        if price is not None and not 0 <= price <= rules.MOST_FEN:
            return _("价格不能是负数")
        position = row.get("position")
        if position is not None and not 0 <= position <= 1_000_000:
            return _("顺序要在 0 到 1000000 之间")
        code = row.values["code"]
        first = self.lines.setdefault(code, row.line)
        if first != row.line:
            return _("编码「%(code)s」在第 %(line)s 行已经有了") % {"code": code, "line": first}
        return None

    def apply(self, chunk: Chunk) -> None:
        codes = [row.values["code"] for row in chunk.rows]
        rows = PriceItem.objects.filter(organization_id=chunk.organization_id, code__in=codes)
        known = {item.code: item for item in rows.select_related("department")}
        ids = iter(bulk.reserve_ids(PriceItem, len(chunk.rows)))
        made: list[PriceItem] = []
        changed: list[PriceItem] = []
        for row in chunk.rows:
            item = known.get(row.values["code"])
            try:
                if item is None:
                    made.append(self._made(chunk, row, next(ids)))
                    chunk.created(row, PriceItem, made[-1].pk)
                elif self._changed(chunk, row, item):
                    changed.append(item)
                else:
                    chunk.unchanged(row)
            except Invalid as error:
                chunk.refuse(row, "；".join(str(one) for some in error.fields.values() for one in some))
        bulk.insert_rows(PriceItem, COLUMNS, [[getattr(item, name) for name in COLUMNS] for item in made])
        PriceItem.objects.bulk_update(changed, [*CHANGEABLE, *JUDGED, "updated_at"], batch_size=200)
        if made or changed:
            publish(PriceListChanged(organization_id=chunk.organization_id))

    def _facts(self, chunk: Chunk, row: Row, item: PriceItem | None) -> actions.PriceFacts:
        """What the entry would say after this row."""
        told = dict(row.values)
        if name := told.pop("department", ""):
            if name.casefold() not in self.departments:
                raise Invalid(fields={"department": [_("没有这个科室：%(text)s") % {"text": name[:40]}]})
            told["department"] = self.departments[name.casefold()]
        if item is None:
            missing = [one.label for one in FIELDS if one.key in {"name", "unit", "price_fen"} - set(told)]
            if missing:
                words = "、".join(map(str, missing))
                raise Invalid(fields={"name": [_("新的价目要有：%(words)s") % {"words": words}]})
            return actions.PriceFacts(**told)
        if chunk.policy == Policy.FILL:
            told = {key: value for key, value in told.items() if getattr(item, key) in (None, "")}
        return replace(actions.facts_of(item), **told)

    def _made(self, chunk: Chunk, row: Row, pk: int) -> PriceItem:
        item = PriceItem(pk=pk, organization_id=chunk.organization_id, public_id=uuid7())
        item.created_at = item.updated_at = chunk.stamp
        actions.write(item, self._facts(chunk, row, None), actor=chunk.actor, now=chunk.stamp)
        return item

    def _changed(self, chunk: Chunk, row: Row, item: PriceItem) -> bool:
        """Whether the row changed the entry, which then is not saved yet."""
        names = (*CHANGEABLE, *JUDGED, "updated_at")
        before = {name: getattr(item, name) for name in names}
        if chunk.policy == Policy.SKIP:
            return False
        actions.write(item, self._facts(chunk, row, item), actor=chunk.actor, now=chunk.stamp)
        if all(getattr(item, name) == before[name] for name in CHANGEABLE):
            return False
        item.updated_at = chunk.stamp
        after = {name: getattr(item, name) for name in names}
        different = {name for name in names if before[name] != after[name]}
        chunk.updated(
            row,
            PriceItem,
            item.pk,
            before={name: before[name] for name in names if name in different},
            after={name: after[name] for name in names if name in different},
        )
        return True
