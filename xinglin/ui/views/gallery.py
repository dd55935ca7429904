from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from xinglin.core.access import StaffRequest, signed_in
from xinglin.core.errors import NotFound
from xinglin.ui import gallery_samples as samples

FOLDER = Path(__file__).resolve().parent.parent / "templates" / "ui" / "gallery" / "parts"
# Part file → its name and the one rule to remember.
PARTS = {
    "colours": (_("颜色与字号"), _("一种主色，一种点缀；六级字号")),
    "buttons": (_("按钮"), _("每屏一个主按钮")),
    "form": (_("表单"), _("说明在标签下，错误在旁边，已填的不丢")),
    "states": (_("状态"), _("一词一图标，颜色只是第三层")),
    "chips": (_("标签、筛选与分页签"), _("每个筛选都有地址")),
    "table": (_("表格"), _("数字右对齐、等宽；行高 44")),
    "empty": (_("空与错"), _("说发生了什么，下一步做什么")),
    "job": (_("长任务"), _("刷新页面也还在")),
    "floats": (_("浮层"), _("撤销代替确认；不能撤销才问")),
    "numbers": (_("数字与图"), _("先一句话；直接标注，不放图例；每张图都有表格")),
    "timeline": (_("时间线与闸门"), _("原因写在页面上")),
    "findings": (_("检查结果"), _("引到条文，一键改写")),
    "facts": (_("事实、提示与人"), _("三级灰，两种粗细")),
    "steps": (_("步骤、看板与周历"), _("退回总是可以")),
    "feet": (_("公开页页脚"), _("由页面类别决定，不由作者决定")),
}
KINDS = {
    "list": _("列表"),
    "record": _("档案"),
    "form": _("表单"),
    "wizard": _("向导"),
    "board": _("看板与日历"),
    "dashboard": _("看数"),
    "canvas": _("画布"),
    "editor": _("编辑"),
    "job": _("任务"),
    "public": _("公开页"),
}


@require_safe
@signed_in
def gallery(request: StaffRequest) -> HttpResponse:
    """Every part, light and dark beside each other, with the markup that makes it."""
    schemes = {scheme: sample_context(scheme) for scheme in ("light", "dark")}
    return render(
        request, "ui/gallery/parts.html", {"parts": list(parts()), "schemes": schemes, "kinds": KINDS}
    )


def parts() -> Iterator[dict[str, Any]]:
    for name, (title, rule) in PARTS.items():
        source = (FOLDER / f"{name}.html").read_text("utf-8").replace("{% load xinglin %}", "").strip()
        yield {"template": f"ui/gallery/parts/{name}.html", "title": title, "rule": rule, "source": source}


@require_safe
@signed_in
def kind(request: StaffRequest, kind: str) -> HttpResponse:
    """One page of each kind, filled with invented data."""
    if kind not in KINDS:
        raise NotFound
    context = sample_context("page") | {"kinds": KINDS, "kind": kind, "title": KINDS[kind]}
    chosen = request.GET.get("open", "")
    context["open"] = next((p for p in context["people"] if str(p["id"]) == chosen), None)
    if kind == "list" and request.headers.get("HX-Request") and context["open"]:
        return render(request, "ui/gallery/_list_panel.html", context)
    return render(request, f"ui/gallery/{kind}.html", context)


def sample_context(scheme: str) -> dict[str, Any]:
    people = samples.people()
    return {
        "scheme": scheme,
        "form": samples.sample_form(scheme, with_errors=scheme != "page"),
        "people": people,
        "page": SamplePage(people),
        "jobs": [samples.job(), samples.job(status="dead", is_finished=True, note="第 6,018 行读不懂")],
        "lines": samples.lines(),
        "steps": samples.STEPS,
        "funnel": samples.FUNNEL,
        "sums": samples.PARTS,
        "bars": samples.SOURCE_BARS,
        "intervals": samples.INTERVALS,
        "checks": samples.CHECKS,
        "spark": samples.SPARK,
        "days": samples.DAYS,
        "week": samples.week(),
        "board": samples.BOARD,
        "nodes": samples.NODES,
        "wires": samples.WIRES,
        "chart": samples.CHART,
        "chart_id": f"daily-{scheme}",
        "noon": samples.NOON,
    }


class SamplePage(list[dict[str, Any]]):
    """As much of a Page as the pagination shows."""

    total, total_label = 12_480, "12,480"
    prev_url, next_url = "", "?cursor=sample"
