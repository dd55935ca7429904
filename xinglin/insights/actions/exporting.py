from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from xinglin.core import audit
from xinglin.core.actor import Actor
from xinglin.core.exports import safe_row
from xinglin.insights import queries
from xinglin.insights.queries import CampaignResult
from xinglin.insights.rules import Estimate


def export_campaign(*, actor: Actor, public_id: UUID, days: int, now: datetime) -> tuple[bytes, str]:
    """A result as a workbook without persons, and its file name; on record. Raises as ``campaign_result``."""
    import xlsxwriter  # slow to load; a start must not wait for it

    result = queries.campaign_result(actor=actor, public_id=public_id, days=days, now=now)
    audit.record(actor, "insights.campaign.exported", result.campaign, at=now, days=result.days)
    sheets = {_("结果"): _outcomes(result), _("去向"): _accounts(result), _("曲线"): _curve(result)}
    body = BytesIO()
    with xlsxwriter.Workbook(body, {"in_memory": True}) as book:
        bold = book.add_format({"bold": True})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            sheet.set_column(0, 0, 34)
            sheet.set_column(1, 12, 14)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, safe_row(list(row)), bold if number == 0 else None)
    return body.getvalue(), _("群发结果-%(name)s.xlsx") % {"name": result.campaign.name}


def _outcomes(result: CampaignResult) -> list[list[Any]]:
    head = [_("结果"), _("发了"), _("对照"), _("发了的比例"), _("对照的比例"), _("差"), _("下限"), _("上限")]
    rows = [
        [
            str(row.outcome.label), row.treated, row.held, row.treated_share.point, row.held_share.point,
            *_three(row.difference),
        ]
        for row in result.outcomes
    ]  # fmt: skip
    money = result.revenue
    rows.append(
        [
            _("人均收入（元）"), result.treated, result.held, money.treated.mean / 100, money.held.mean / 100,
            *_three(money.difference.times(0.01)),
        ]
    )  # fmt: skip
    fresh = timezone.localtime(result.fresh_as_of).isoformat(" ", "minutes") if result.fresh_as_of else "–"
    return [
        head,
        *rows,
        [],
        [_("花费（元）"), result.account.cost_fen / 100],
        [_("观察天数"), result.days],
        [_("数据截至"), fresh],
    ]


def _three(estimate: Estimate) -> list[float | str]:
    values = (estimate.point, estimate.low, estimate.high)
    return [value if abs(value) != float("inf") else "–" for value in values]


def _accounts(result: CampaignResult) -> list[list[Any]]:
    account, before = result.account, result.campaign.preflight
    rows: list[list[Any]] = [[_("去向与原因"), _("发送前"), _("实际")]]
    rows.append([_("已发出"), before.get("send", 0), account.sent])
    rows.append([_("对照组，随机抽出不发"), before.get("holdout", 0), account.holdout])
    for label, number in (
        (_("等着发"), account.pending),
        (_("未确认"), account.unconfirmed),
        (_("没有送到"), account.failed),
        (_("已取消"), account.cancelled),
    ):
        if number:
            rows.append([label, 0, number])
    rows += [[line.label, line.before, line.now] for line in result.reasons]
    rows.append([_("合计"), before.get("planned", 0), account.total])
    return rows


def _curve(result: CampaignResult) -> list[list[Any]]:
    head = [pgettext("看板", "天"), _("发了"), _("下限"), _("上限"), _("对照"), _("下限"), _("上限")]
    return [head, *([day, *_three(treated), *_three(held)] for day, treated, held in result.curve)]
