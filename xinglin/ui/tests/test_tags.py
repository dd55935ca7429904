import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation
from django_cotton.compiler_regex import CottonCompiler

from xinglin.ui import drawing, formats

NOON = datetime(2026, 11, 22, 6, 5, tzinfo=UTC)


def show(source: str, path: str = "/", **context: Any) -> str:
    request = RequestFactory().get(path)
    compiled = CottonCompiler().process("{% load xinglin %}" + source)
    return Template(compiled).render(Context({"request": request, **context}))


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (None, "–", "–"),
        (0, "0", "0"),
        (12_480, "12,480", "12,480"),
        (486_000, "48.6 万", "486,000"),
        (120_000, "12 万", "120,000"),
        (340_000_000, "3.4 亿", "340,000,000"),
    ],
)
def test_big_counts_read_as_people_say_them(value: int | None, chinese: str, english: str) -> None:
    with translation.override("zh-hans"):
        assert formats.count(value) == chinese
    with translation.override("en"):
        assert formats.count(value) == english


def test_shares_money_and_masks() -> None:
    assert show("{{ a|percent }} {{ b|percent:2 }}", a=0.062, b=-0.0014) == "6.2 % −0.14 %"
    assert show("{{ a|yuan }}", a=1234560) == "¥12,345.60"
    assert show("{{ a|mask_phone }}", a="13812345678") == "138****5678"


def test_times_are_local_with_the_weekday_and_the_distance_on_hover() -> None:
    with translation.override("zh-hans"):
        html = show(
            "{{ at|when }} {{ day|when }} {{ none|when }}", at=NOON, day=date(2026, 11, 22), none=None
        )
        assert "2026-11-22 周日 14:05" in html
        assert html.endswith("–")
        assert formats.relative(NOON - timedelta(hours=3), NOON) == "3 小时前"
        assert formats.relative(NOON + timedelta(days=2), NOON) == "2 天后"


def test_an_address_in_chinese_text_is_a_link_and_the_rest_is_escaped() -> None:
    shown = show("{{ text|with_links }}", text="点：http://a.cn/r/x?y=1&z 退订<b>")

    assert shown == (
        '点：<a href="http://a.cn/r/x?y=1&amp;z" rel="nofollow noopener">'
        "http://a.cn/r/x?y=1&amp;z</a> 退订&lt;b&gt;"
    )


def test_icons_are_decoration_unless_they_are_named() -> None:
    assert 'aria-hidden="true"' in show('{% icon "users" "lg" %}')
    assert 'aria-label="同意"' in show('{% icon "check" "" "同意" %}')
    assert show('{% icon "" %}') == ""


def test_the_address_keeps_the_other_filters_and_forgets_the_cursor() -> None:
    path = "/p/?dept=a&dept=b&q=x&cursor=zz"
    assert show("{% query_with open='7' %}", path) == "?dept=a&amp;dept=b&amp;q=x&amp;open=7"
    assert show("{% query_with q=None %}", path) == "?dept=a&amp;dept=b"
    assert show("{% query_without 'dept' 'a' %}", path) == "?dept=b&amp;q=x"
    assert show("{% query_with q=None %}", "/p/?q=x") == "?"


def test_a_column_head_turns_its_own_order_round() -> None:
    once = show("{% sort_state 'name' as s %}{{ s.url }} {{ s.aria }}", "/?sort=-name")
    assert once == "?sort=name descending"
    assert show("{% sort_state 'name' as s %}{{ s.aria }}") == "none"


def test_a_spark_line_spans_its_box_and_needs_two_values() -> None:
    points = drawing.spark_points([1, 3, 2])
    assert points == "0.0,27.0 39.0,3.0 78.0,15.0"
    assert show("{% spark v %}", v=[5]) == ""
    assert "polyline" in show("{% spark v %}", v=[5, 5])


def test_interval_and_funnel_shapes() -> None:
    clear = drawing.interval_shape(low=1, point=2, high=3, start=0, stop=4, width=100)
    assert clear == {"low": 25.0, "point": 50.0, "high": 75.0, "zero": 0.0, "is_clear": True}
    assert not drawing.interval_shape(low=-1, point=1, high=3, start=-1, stop=3)["is_clear"]
    shapes = drawing.funnel_shapes([100, 50, 0])
    assert [shape["h"] for shape in shapes] == [146.0, 73.0, 0.0]
    assert [shape["part"] for shape in shapes] == [100.0, 50.0, 0.0]
    assert shapes[1]["share"] == 0
    assert drawing.funnel_shapes([0, 0])[0]["share"] is None
    assert drawing.ticks(-0.5, 3.5) == [0.0, 1.0, 2.0, 3.0]


class Sample(forms.Form):
    name = forms.CharField(label="名称", help_text="患者会看到")
    way = forms.ChoiceField(label="渠道", choices=[("a", "短信"), ("b", "电话")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="同意", required=False)


def test_a_field_ties_label_help_and_error_together() -> None:
    html = show('<c-field :field="form.name" />', form=Sample({}))
    assert 'for="id_name"' in html
    assert 'aria-describedby="id_name_help id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert "form-control" in html


def test_the_summary_leads_to_each_field() -> None:
    with translation.override("zh-hans"):
        html = show('<c-form-errors :form="form" />', form=Sample({"name": "x"}))
    assert "有 1 处要改" in html
    assert "data-focus" in html
    assert show('<c-form-errors :form="form" />', form=Sample()).strip() == ""


def test_choices_stand_in_a_fieldset_and_a_box_carries_its_label() -> None:
    assert "<fieldset" in show('<c-field :field="form.way" />', form=Sample())
    assert "同意" in show('<c-field :field="form.agreed" />', form=Sample())


def test_dark_by_choice_and_dark_by_system_are_the_same_colours() -> None:
    css = (Path(__file__).parents[1] / "static" / "ui" / "tokens.css").read_text("utf-8")
    chosen = css.split("[data-theme=dark]{", 1)[1].split("}", 1)[0]
    followed = css.split("[data-theme=auto]{", 1)[1].split("}", 1)[0]
    assert chosen.split() == followed.split()


def test_no_component_is_given_a_comparison_as_a_value() -> None:
    """A ``:name`` is read as a variable or literal; ``:on="a == b"`` would quietly be off for ever."""
    dynamic = re.compile(r' :[a-z_]+="([^"{\[]*)"')
    root = Path(__file__).resolve().parents[2]
    wrong = [
        f"{path.name}: {value}"
        for path in root.rglob("*.html")
        for value in dynamic.findall(path.read_text(encoding="utf-8"))
        if re.search(r"==|!=|\bnot |\band\b|\bor\b", value)
    ]
    assert wrong == []


def test_the_tab_and_chip_one_stands_on_say_so() -> None:
    tab = """<c-tab href="?" on="{% if state == 'valid' %}1{% endif %}">有效</c-tab>"""
    chip = tab.replace("c-tab", "c-chip")

    for source in (tab, chip):
        assert "aria-current" in show(source, state="valid")
        assert "aria-current" not in show(source, state="ended")
