"""Invented people and numbers that the gallery shows; nothing here is read anywhere else."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django import forms

from xinglin.core.ids import uuid7

NOON = datetime(2026, 11, 22, 4, 5, tzinfo=UTC)
NAMES = [
    "陈立新",
    "邓佩芬",
    "高志远",
    "胡春兰",
    "蒋国栋",
    "柯美玲",
    "梁学文",
    "马晓雯",
    "彭建设",
    "秦雅琴",
    "史宏伟",
    "田桂英",
]
SOURCES = ["社区义诊", "老患者介绍", "官网", "梧桐里社区", "单位体检", "公众号文章"]
SPENT = [620400, 987150, 231500, 1248080, 396000, 412730, 703360, 184200, 1520890, 551640, 269000, 841270]
RISKS = [0.82, 0.74, 0.66, 0.71, 0.58, 0.63, 0.79, 0.44, 0.69, 0.52, 0.77, 0.85]


def people() -> list[dict[str, Any]]:
    return [
        {
            "id": index,
            "name": name,
            "about": f"{'女' if index % 2 else '男'} {47 + index * 2}",
            "phone": f"13{index % 9}0000{1000 + index * 317}",
            "seen": (NOON - timedelta(days=100 + index * 6)).date(),
            "source": SOURCES[index % len(SOURCES)],
            "spent": SPENT[index],
            "risk": RISKS[index],
        }
        for index, name in enumerate(NAMES)
    ]


class SampleForm(forms.Form):
    """One of each control."""

    name = forms.CharField(label="活动名称", help_text="患者会看到这个名字")
    budget = forms.DecimalField(label="预算", max_value=80_000)
    owner = forms.ChoiceField(
        label="负责人", choices=[("", "选一位同事"), ("1", "周岚"), ("2", "何静")], required=False
    )
    starts_on = forms.DateField(
        label="开始日期", required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    channels = forms.MultipleChoiceField(
        label="渠道",
        required=False,
        choices=[("wechat", "公众号"), ("sms", "短信"), ("phone", "电话")],
        widget=forms.CheckboxSelectMultiple,
    )
    quiet = forms.BooleanField(
        label="夜间暂停", required=False, widget=forms.CheckboxInput(attrs={"class": "switch"})
    )
    note = forms.CharField(label="说明", required=False, widget=forms.Textarea(attrs={"rows": 3}))


def sample_form(scheme: str, *, with_errors: bool) -> SampleForm:
    data = {"name": "冬季儿童健康周", "budget": "86400", "channels": ["wechat"], "quiet": "on"}
    form = SampleForm(data if with_errors else None, initial=data, auto_id=f"id_{scheme}_%s")
    if with_errors:
        form.fields["budget"].error_messages["max_value"] = ""
        form.full_clean()
        form.errors["budget"] = form.error_class(["超出本季余额 ¥6,400.00，可申请追加"])
    return form


def job(**values: Any) -> SimpleNamespace:
    """Looks like a Job row to the component, without being one; finished, so that nothing polls."""
    words = {"done": "已完成", "dead": "没有完成", "leased": "进行中"}
    base: dict[str, Any] = {
        "public_id": uuid7(),
        "title": "导入患者 社区义诊名单.xlsx",
        "name": "patients.run_import",
        "status": "leased",
        "is_finished": False,
        "percent": 64,
        "done": 6402,
        "total": 10000,
        "note": "还要约 20 秒；31 行有误",
        "cancel_requested": False,
        "result_file": "",
        "result_url": "",
        "is_sample": True,
    } | values
    return SimpleNamespace(**base, get_status_display=words[str(base["status"])])


def lines() -> list[dict[str, Any]]:
    texts = [
        ("info", "读到 10,000 行，7 列都认出来了"),
        ("info", "前 5,000 行已存好"),
        ("warning", "第 5,120 行：手机号少一位，先存人、不存号"),
        ("error", "第 6,018 行：没有姓名，跳过"),
    ]
    return [
        {"at": NOON + timedelta(seconds=9 * i), "level": level, "text": text}
        for i, (level, text) in enumerate(texts)
    ]


STEPS = ["选人群", "写内容", "定时间", "看闸门", "批准"]
FUNNEL = [
    {"label": label, "value": value}
    for label, value in [
        ("计划", 12480),
        ("送达", 9871),
        ("已读", 5236),
        ("点开预约页", 1418),
        ("预约", 459),
        ("到诊", 345),
    ]
]
PARTS = [
    {"label": "已发出", "value": 9933, "color": "c1"},
    {"label": "对照", "value": 1104, "color": "c3"},
    {"label": "没有发", "value": 1443, "color": "c6"},
]
SOURCE_BARS = [
    {"label": label, "value": value, "color": f"c{i + 1}"}
    for i, (label, value) in enumerate(
        [
            ("公众号", 412),
            ("社区义诊", 268),
            ("老患者介绍", 231),
            ("官网搜索", 184),
            ("单位体检", 122),
            ("其他", 67),
        ]
    )
]
INTERVALS = [
    {
        "label": "预约率",
        "note": "约多 207 个预约",
        "with_value": "4.62 %",
        "without_value": "2.54 %",
        "low": 1.07,
        "point": 2.08,
        "high": 3.1,
        "point_label": "+2.08",
        "range_label": "1.07 到 3.10",
        "is_better": True,
    },
    {
        "label": "退订率",
        "note": "护栏未触发",
        "with_value": "0.31 %",
        "without_value": "0.18 %",
        "low": -0.14,
        "point": 0.13,
        "high": 0.4,
        "point_label": "+0.13",
        "range_label": "−0.14 到 0.40",
        "is_better": False,
    },
]
CHECKS = [
    {"label": label, "outcome": outcome}
    for label, outcome in zip(
        ["模板", "法规", "身份", "同意", "停发名单", "时段", "频次", "重复", "预算"],
        ["pass", "pass", "pass", "fail", "fail", "skip", "skip", "skip", "skip"],
        strict=True,
    )
]
SPARK = [20, 24, 22, 29, 27, 15, 14, 31, 33, 28, 34, 32, 19, 17, 35, 36, 34, 38, 37, 22, 21, 36]
DAYS = [
    {"weekday": f"周{'一二三四五六日'[i]}", "label": f"11-{23 + i}", "is_today": i == 3} for i in range(7)
]


def week() -> list[dict[str, Any]]:
    shapes = {
        (0, 3): ("09:20 余 1", ""),
        (0, 5): ("余 4", ""),
        (1, 0): ("满", "full"),
        (1, 3): ("10:40 等确认", "wait"),
        (2, 1): ("满", "full"),
        (2, 3): ("余 2", ""),
    }
    return [
        {
            "label": hour,
            "cells": [
                {
                    "off": day in {2, 4, 6},
                    "slots": [{"label": shapes[r, day][0], "tone": shapes[r, day][1], "url": "#"}]
                    if (r, day) in shapes
                    else [],
                }
                for day in range(7)
            ],
        }
        for r, hour in enumerate(["09:00", "10:00", "11:00"])
    ]


BOARD = [
    {
        "value": "new",
        "title": "新线索",
        "cards": [{"id": 1, "title": "梧桐药房 一店"}, {"id": 2, "title": "江湾社区"}],
    },
    {"value": "talk", "title": "在谈", "cards": [{"id": 3, "title": "新城体检中心"}]},
    {"value": "won", "title": "已签约", "cards": [{"id": 4, "title": "梧桐里社区卫生服务站"}]},
]
NODES = [
    {
        "id": "a",
        "x": 40,
        "y": 180,
        "icon": "player-play",
        "label": "复诊到期",
        "count": 12480,
        "note": "90 天没来",
        "url": "#a",
    },
    {
        "id": "b",
        "x": 300,
        "y": 180,
        "icon": "git-branch",
        "label": "有公众号？",
        "count": 12480,
        "note": "看同意",
        "url": "#b",
    },
    {
        "id": "c",
        "x": 560,
        "y": 70,
        "icon": "message",
        "label": "公众号提醒",
        "count": 8236,
        "note": "早上 8:30",
        "url": "#c",
    },
    {
        "id": "d",
        "x": 560,
        "y": 290,
        "icon": "phone",
        "label": "电话随访",
        "count": 1697,
        "note": "何静",
        "url": "#d",
    },
    {
        "id": "e",
        "x": 820,
        "y": 180,
        "icon": "calendar-check",
        "label": "约上了",
        "count": 459,
        "note": "退出旅程",
        "url": "#e",
    },
]
WIRES = [
    {"path": "M216 205H300"},
    {"path": "M476 205C520 205 516 95 560 95"},
    {"path": "M476 205C520 205 516 315 560 315"},
    {"path": "M736 95C780 95 776 205 820 205"},
    {"path": "M736 315C780 315 776 205 820 205"},
]
CHART = {
    "xAxis": {"type": "category", "data": [f"11-{d}" for d in range(11, 23)], "boundaryGap": False},
    "yAxis": {"type": "value", "splitNumber": 2},
    "series": [
        {
            "type": "line",
            "name": "本月",
            "data": [40, 43, 37, 52, 55, 60, 57, 66, 63, 70, 69, 76],
            "endLabel": {"show": True, "formatter": "{c}", "color": "--c1", "fontWeight": 600},
        },
        {
            "type": "line",
            "name": "上月",
            "data": [40, 39, 41, 44, 46, 47, 50, 50, 53, 55, 54, 58],
            "lineStyle": {"type": "dashed", "width": 2, "color": "--c6"},
            "itemStyle": {"color": "--c6"},
            "endLabel": {"show": True, "formatter": "{a}", "color": "--ink-3"},
        },
    ],
}
