"""The second reader: what it asks after, what it lets go, and what it must leave alone."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xinglin.compliance.checker import Item, check
from xinglin.compliance.engine.folding import fold
from xinglin.compliance.engine.points import points_of
from xinglin.compliance.engine.reader import Reader, kinds_of, sentences, stretches
from xinglin.compliance.engine.rulebook import Rulebook, default_rulebook

PROMISE = "扎完这一疗程，老寒腿从此跟您没关系，大冬天也敢穿单裤"
LAWFUL_TRAP = "幽门螺杆菌根除治疗通常需要服药14天，停药至少四周后再做呼气试验。"


@pytest.fixture
def book() -> Rulebook:
    return default_rulebook()


@pytest.fixture
def reader(book: Rulebook) -> Reader:
    assert book.reader is not None
    return book.reader


def test_a_promise_that_no_pattern_foresaw_is_found_with_its_article(book: Rulebook) -> None:
    item = Item(kind="wechat_article", text=f"阳光门诊小课堂\n{PROMISE}")
    assert "MED-01" not in {f.rule for f in check(item, rulebook=replace(book, reader=None)).findings}

    [finding] = [f for f in check(item, rulebook=book).findings if f.rule == "MED-01"]
    assert finding.severity == "block"
    assert finding.article[0] == "广告法第十六条第一款第一项"
    assert finding.start is not None
    assert item.text[finding.start : finding.end] == finding.quote
    assert finding.quote in PROMISE
    assert "语句判读" in finding.message


def test_a_message_with_a_name_put_in_is_asked_about_never_held(book: Rulebook) -> None:
    found = check(
        Item(kind="sms", text=f"王芳您好，{PROMISE}。退订回T", meta={"consent": True}), rulebook=book
    )
    assert {f.severity for f in found.findings if "语句判读" in f.message} <= {"warn"}


def test_a_hit_in_a_sentence_that_reads_lawful_is_let_go_and_says_why(book: Rulebook) -> None:
    item = Item(kind="wechat_article", text=LAWFUL_TRAP)
    assert check(item, rulebook=replace(book, reader=None)).verdict == "block"

    result = check(item, rulebook=book, explain=True)
    assert result.verdict == "pass"
    assert any("整句读来合法" in saved.reason for saved in result.saved if saved.rule == "COM-04")


@pytest.mark.parametrize(
    "text",
    [
        "每天走路半小时，根治糖尿病，坚持下来",
        "复诊请带病历。本科室治疗效果最好。取号在一楼。",
        "取号在一楼。我院骨科全省第一。饮水机在拐角。",
        "停车在东门，种植牙全市最便宜，住院部在三楼。",
        "空腹血糖高一点，先别慌。这个国内最先进办法很简单：每次记下时间和数字。",
        "每天走路半小时，少吃甜食，坚持下来，保证治愈。带着本子去复诊，医生看得更清楚。",
        "门诊在二楼，王主任是国内顶尖专家，周三出诊",
        "饭前记一次，*饭后*记一次。\n\n照着做，**保证治愈**。",
    ],
)
def test_a_listed_word_amid_lawful_talk_stays_held(text: str, book: Rulebook) -> None:
    assert check(Item(kind="wechat_article", text=text), rulebook=book).verdict == "block"


def test_a_listed_word_in_a_sentence_that_denies_it_is_let_go(book: Rulebook) -> None:
    item = Item(
        kind="wechat_article", text="目前还没有任何一种方法能让类风湿关节炎断根，规范治疗是为了控制活动度。"
    )
    assert check(item, rulebook=replace(book, reader=None)).verdict == "block"
    assert check(item, rulebook=book).verdict == "pass"
    assert check(replace(item, kind="ad"), rulebook=book).verdict == "block"


def test_what_somebody_disguised_is_never_let_go(book: Rulebook) -> None:
    disguised = LAWFUL_TRAP.replace("停药", "停·药")
    assert check(Item(kind="wechat_article", text=disguised), rulebook=book).verdict == "block"


@pytest.mark.parametrize(
    "text",
    [
        "这条阔腿裤垂感好，小个子穿也显高，配白衬衫就很出片。",
        "新到的柚木餐桌，榫卯结构，桌面打了三遍木蜡油。",
        "周末去看了那部新片，前半段有点闷，结尾哭得稀里哗啦。",
        "本院门诊时间：周一至周五8:00-17:00，地址文昌路9号，电话0571-88880000",
    ],
)
def test_ordinary_texts_are_left_alone(text: str, book: Rulebook) -> None:
    assert check(Item(kind="web_page", text=text), rulebook=book).verdict == "pass"


@given(st.text(alphabet="我院保证治好门诊，。！\nab", max_size=260))
@settings(max_examples=80, deadline=None)
def test_every_character_is_read_once_at_each_level_and_lines_stay_apart(text: str) -> None:
    points = points_of(fold(text).text)
    for cut in (sentences, stretches):
        starts = list(cut(kinds_of(points)))
        assert starts == sorted(set(starts))
        assert starts[0] == 0
        ends = [at + 1 for at, point in enumerate(points) if point == 10 and at + 1 < len(points)]
        assert set(ends) <= set(starts)


@given(
    st.sampled_from([PROMISE, LAWFUL_TRAP]),
    st.text(alphabet="门诊时间调整为周一节假日，。", min_size=8, max_size=120),
)
@settings(max_examples=40, deadline=None)
def test_a_paragraph_before_it_changes_nothing_about_a_line(line: str, before: str) -> None:
    reader = default_rulebook().reader
    assert reader is not None
    text = fold(line).text
    alone = reader.read(text).at(0, len(text))
    behind = fold(f"{before}\n{line}").text
    start = len(behind) - len(text)
    assert reader.read(behind).at(start, len(behind)) == pytest.approx(alone, abs=1e-4)


def test_the_rule_it_names_counts_for_the_kind(reader: Reader) -> None:
    text = fold(PROMISE).text
    reading = reader.read(text)
    assert reader.rule_of(reading, 0, len(text), {"MED-01", "MED-04"}) == "MED-01"
    assert reader.rule_of(reading, 0, len(text), {"MED-04"}) == ""
