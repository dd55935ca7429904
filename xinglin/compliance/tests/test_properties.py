"""What must hold for any text."""

import os
import subprocess
import sys
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from xinglin.compliance.checker import Item, check
from xinglin.compliance.engine.folding import fold

KINDS = ["ad", "wechat_article", "sms", "community_post", "video_script", "web_page", "case_story"]
BLOCKED = [
    "我院根治白癜风",
    "本院治愈率98%",
    "保证不反弹",
    "全国第一的种植牙医院",
    "无效退款",
    "解放军医院专家坐诊",
]
CHINESE = st.text(alphabet="我院最好第一医生治愈率根无效退款保证，。！8%90【】 \n😀​·-", max_size=60)
NOISE = st.sampled_from(["​", "﻿", "😀", "·", "*", "_", " ", "️", "✨", "/"])


@given(st.one_of(st.text(max_size=80), CHINESE), st.sampled_from(KINDS))
@settings(max_examples=300, deadline=None)
def test_offsets_select_the_quoted_text(text: str, kind: str) -> None:
    result = check(Item(kind=kind, text=text))
    for finding in result.findings:
        if finding.start is not None and finding.end is not None:
            assert 0 <= finding.start < finding.end <= len(text)
            assert text[finding.start : finding.end] == finding.quote


@given(st.one_of(st.text(max_size=80), CHINESE), st.sampled_from(KINDS))
@settings(max_examples=150, deadline=None)
def test_same_input_same_answer(text: str, kind: str) -> None:
    item = Item(kind=kind, text=text)
    assert check(item) == check(item)


@given(st.sampled_from(BLOCKED), st.lists(NOISE, min_size=12, max_size=12), st.booleans())
@settings(max_examples=150, deadline=None)
def test_hidden_characters_do_not_hide_a_forbidden_word(
    text: str, noise: list[str], is_full_width: bool
) -> None:
    hidden = text[0] + "".join(n + c for n, c in zip(noise, text[1:], strict=False))
    if is_full_width:
        hidden = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" and c not in "*/_-" else c for c in hidden)
    assert check(Item(kind="ad", text=hidden)).verdict == "block"


@given(st.one_of(st.text(max_size=120), CHINESE))
@settings(max_examples=300, deadline=None)
def test_folding_maps_every_place_back(text: str) -> None:
    folded = fold(text)
    places = [folded.origin(i, i + 1) for i in range(len(folded.text))]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert [start for start, _end in places] == sorted({start for start, _end in places})


@given(st.binary(max_size=40))
@settings(max_examples=100, deadline=None)
def test_no_input_raises(raw: bytes) -> None:
    assert check({"kind": "ad", "text": raw.decode("utf-8", "surrogateescape")}).verdict


PARAGRAPHS = [
    "门诊时间调整为周一至周五，节假日停诊。",
    "本院食堂今日供应小米粥和青菜，欢迎员工就餐。",
    "根据国家法律规定，医院严禁收受红包。",
    "专家提醒：天气转凉，注意添衣保暖。来源：市气象台公告。",
    "第一人民医院停车场正在施工，请绕行。😀",
    "联系电话请见院内公示栏，谢谢配合。",
]
HIDDEN = {"治": "冶", "根": "跟", "愈": "欲", "效": "笑", "医": "醫", "无": "無", "保": "保", "退": "退"}


@given(st.sampled_from(BLOCKED), st.sampled_from(PARAGRAPHS), st.booleans(), st.sampled_from(KINDS[:3]))
@settings(max_examples=150, deadline=None)
def test_an_unrelated_paragraph_never_makes_it_pass(text: str, more: str, is_first: bool, kind: str) -> None:
    if check(Item(kind=kind, text=text)).verdict == "block":
        joined = f"{more}\n\n{text}" if is_first else f"{text}\n\n{more}"
        assert check(Item(kind=kind, text=joined)).verdict == "block"


@given(st.lists(st.sampled_from([*BLOCKED, *PARAGRAPHS]), min_size=2, max_size=8), st.randoms())
@settings(max_examples=60, deadline=None)
def test_results_do_not_depend_on_what_was_checked_before(texts: list[str], random: Random) -> None:
    first = {text: check(Item(kind="ad", text=text)) for text in texts}
    random.shuffle(texts)
    assert {text: check(Item(kind="ad", text=text)) for text in texts} == first


def test_results_do_not_depend_on_the_process() -> None:
    script = (
        "from xinglin.compliance.checker import Item, check\n"
        "import sys, hashlib\n"
        "texts = sys.stdin.read().split('\\x00')\n"
        "print(hashlib.sha256(repr([check(Item(kind='ad', text=t)) for t in texts]).encode()).hexdigest())"
    )
    texts = "\x00".join([*BLOCKED, *PARAGRAPHS])
    seen = {
        subprocess.run(
            [sys.executable, "-c", script], input=texts, capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(seen) == 1


@given(
    st.sampled_from(["我院根治白癜风", "无效退款", "本院保证治愈"]), st.sets(st.sampled_from(sorted(HIDDEN)))
)
@settings(max_examples=60, deadline=None)
def test_look_alike_and_sound_alike_spellings_stay_blocked(text: str, changed: set[str]) -> None:
    hidden = "".join(HIDDEN[c] if c in changed else c for c in text)
    result = check(Item(kind="ad", text=hidden))
    assert result.verdict == "block"
    assert any(f.start is not None for f in result.findings)
