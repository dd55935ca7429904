"""The view of a text as it reads is told where every word stands, and nothing but words."""

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from xinglin.content.rules.pieces import pieces
from xinglin.directory.tests.factories import make_client, make_organization

LISTS = ["- 周一：上午", "*  乙", "1. 一", "2) 二", "> 引", ">"]
WORDS = ["**粗**尾", "*斜*", " 😀 ", "[词](https://a.cn/b)", "<b>", "\u3000"]
ALONE = ["# 题", "##", "[ 预约 ]", "![图](media:01a21895-cc00-73b2-ac4e-9a46224ed285)", "\n", "\n\n"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(LISTS + WORDS + ALONE), max_size=12).map("".join))
def test_every_word_is_found_at_its_place_and_pieces_lie_one_after_the_other(body: str) -> None:
    units = body.encode("utf-16-le")
    end = 0
    for piece in pieces(body):
        assert end <= piece.start < piece.end
        end = piece.end
        for run in piece.term + piece.runs:
            assert piece.start <= run.at <= end
            assert units[2 * run.at :].decode("utf-16-le").startswith(run.text)


@pytest.mark.django_db
def test_markup_stays_words_and_only_web_addresses_are_links() -> None:
    client = make_client("content", make_organization())
    body = "<img src=x onerror=alert(1)> [点](javascript:alert(1)) [看](https://a.cn/)\r\n\r\n[电话]"

    found = client.post(reverse("content:piece-list"), {"body": body}).json()["pieces"]

    assert [piece["kind"] for piece in found] == ["text", "way"]
    assert [(text, url) for text, _kind, url, _at in found[0]["runs"]] == [
        ("<img src=x onerror=alert(1)> [点](javascript:alert(1)) ", ""),
        ("看", "https://a.cn/"),
    ]
    assert client.post(reverse("content:piece-list"), {"body": "字" * 50_001}).status_code == 422


@pytest.mark.django_db
def test_a_form_from_elsewhere_is_refused() -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies = make_client("content", make_organization()).cookies

    assert client.post(reverse("content:piece-list"), {"body": "题"}).status_code == 403
