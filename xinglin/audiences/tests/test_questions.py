"""What a question may be, what is said when it is wrong, and how it reads aloud."""

import contextlib
from typing import Any

import pytest
from django.utils import translation

from xinglin.audiences.queries.asking import kinds
from xinglin.audiences.rules import ready_made
from xinglin.audiences.rules.names import resolve_audiences
from xinglin.audiences.rules.parse import BadQuestion, parse, validate
from xinglin.audiences.rules.tree import dump
from xinglin.audiences.rules.words import Reader
from xinglin.patients.rules.consents import CHANNELS

EXAMPLE: dict[str, Any] = {"all": [
    {"attr": "sex", "is": "F"}, {"attr": "age", "between": [25, 45]},
    {"did": "visit.ended", "where": {"department": "obstetrics"}, "within_days": 180, "times": {"gte": 1}},
    {"not": {"did": "appointment.booked", "within_days": 60}},
    {"spent": {"within_days": 365, "gte_fen": 200000}},
    {"consent": {"channel": "sms", "purpose": "marketing"}},
    {"in_audience": "糖友"}, {"tag": "VIP"}]}  # fmt: skip
READER = Reader(labels={("department", "obstetrics"): "产科"})


def problems(text: str) -> list[str]:
    with pytest.raises(BadQuestion) as caught:
        parse(text, kinds=kinds())
    return [p.where for p in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("{", "$"),
        ("[1]", "$"),
        ('{"all": 5}', "all"),
        ('{"all": [{"any": []}]}', "all[0]"),
        ('{"all": [{"attr": "age", "is": "x"}]}', "all[0]"),
        ('{"all": [{"attr": "age", "between": [60, 18]}]}', "all[0]"),
        ('{"all": [{"attr": "age", "gte": 18, "lte": 60}]}', "all[0]"),
        ('{"all": [{"attr": "shoe_size", "is": 5}]}', "all[0]"),
        ('{"not": {"did": "visit.ended", "times": {"gte": -1}}}', "not.times.gte"),
        ('{"any": [{"tag": "a"}, {"did": "nothing.known"}]}', "any[1]"),
        ('{"did": "visit.ended", "where": {"shoe": 1}}', "$"),
        ('{"did": "visit.ended", "where": {"minutes": "long"}}', "$"),
        ('{"did": "visit.ended", "within_days": true}', "within_days"),
        ('{"did": "visit.ended", "within_days": 3, "between": ["2026-01-01", "2026-01-02"]}', "$"),
        ('{"did": "visit.ended", "between": ["2026-01-01", "soon"]}', "between[1]"),
        ('{"did": "visit.ended", "since": {"did": "visit.ended", "times": {"eq": 1}}}', "since.times"),
        ('{"spent": {}}', "spent"),
        ('{"consent": {"channel": "fax", "purpose": "marketing"}}', "consent.channel"),
        ('{"tag": "a", "colour": "red"}', "colour"),
        ('{"tag": "a\\u0000b"}', "tag"),
        ('{"tag": NaN}', "$"),
    ],
)
def test_a_wrong_question_is_refused_with_its_place(text: str, where: str) -> None:
    assert problems(text) == [where]


@pytest.mark.parametrize(
    "text",
    [
        '{"not":' * 100 + '{"tag":"a"}' + "}" * 100,
        '{"not":' * 13 + '{"tag":"a"}' + "}" * 13,
        "[" * 60_000,
        '{"all":[' + ",".join(['{"tag":"a"}'] * 201) + "]}",
        '{"tag":"' + "a" * 70_000 + '"}',
    ],
    ids=["depth 100", "depth 13", "brackets", "201 nodes", "70 kB"],
)
def test_a_huge_question_is_refused_without_recursion(text: str) -> None:
    assert len(problems(text)) == 1


def test_a_question_survives_its_own_json() -> None:
    tree = validate(EXAMPLE, kinds=kinds())

    assert validate(dump(tree), kinds=kinds()) == tree
    assert dump(validate(dump(tree))) == dump(tree)


def test_a_score_says_that_it_is_not_there_yet() -> None:
    tree = validate({"all": [{"score": "churn_risk", "gte": 0.6}]})

    with pytest.raises(BadQuestion, match="churn_risk") as caught:
        resolve_audiences(tree, lambda name: None)
    assert caught.value.problems[0].path == ("all", 0)


def test_it_reads_aloud_in_chinese() -> None:
    with translation.override("zh-hans"):
        text = READER.read(validate(EXAMPLE))

    assert text == (
        "25–45 岁女性，最近 180 天在产科就诊过，最近 60 天没有预约，最近 365 天消费至少 ¥2,000.00，"
        "同意短信营销，在人群「糖友」里，有标签「VIP」"
    )


def test_it_reads_aloud_in_english() -> None:
    with translation.override("en"):
        text = Reader(labels={("department", "obstetrics"): "Obstetrics"}).read(validate(EXAMPLE))

    assert text == (
        "Women aged 25–45, had a visit in Obstetrics in the last 180 days, "
        "have not booked an appointment in the last 60 days, spent at least ¥2,000.00 in the last 365 days, "
        "agreed to marketing by SMS, in the audience “糖友”, tagged “VIP”"
    )


@pytest.mark.parametrize(
    ("tree", "chinese"),
    [
        ({"all": []}, "所有人"),
        ({"not": {"tag": "VIP"}}, "所有人；不含有标签「VIP」"),
        (
            {"all": [
                {"attr": "age", "gte": 18}, {"not": {"any": [{"tag": "a"}, {"attr": "sex", "is": "M"}]}},
            ]},
            "18 岁及以上；不含有标签「a」、男性",
        ),
        (
            {"any": [
                {"tag": "a"},
                {"all": [{"attr": "birthday", "in_next_days": 7}, {"attr": "deceased", "is": False}]},
            ]},
            "有标签「a」或（7 天内过生日 且 在世）",
        ),
        (
            {"did": "appointment.kept", "since": {"did": "appointment.missed", "within_days": 30},
             "times": {"eq": 0}},
            "最近 30 天失约过，此后没有到诊",
        ),
        (
            {"did": "visit.ended", "between": ["2026-01-01", "2026-03-31"], "times": {"gte": 2, "lte": 3}},
            "2026-01-01 到 2026-03-31 期间就诊2 到 3 次",
        ),
    ],
)  # fmt: skip
def test_other_sentences(tree: dict[str, Any], chinese: str) -> None:
    with translation.override("zh-hans"):
        assert READER.read(validate(tree)) == chinese


def test_every_channel_that_may_be_agreed_to_may_be_asked_for() -> None:
    for channel, _label in CHANNELS:
        tree = validate({"consent": {"channel": channel, "purpose": "service"}}, kinds=kinds())
        assert READER.read(tree)


@pytest.mark.parametrize("entry", ready_made.entries(), ids=lambda e: e.key)
def test_every_ready_made_audience_is_sound_and_reads(entry: ready_made.Entry) -> None:
    tree = validate(entry.tree, kinds=kinds())

    for language in ("zh-hans", "en"):
        with translation.override(language):
            assert Reader(kinds=kinds()).read(tree)


def test_the_parser_never_raises_anything_else() -> None:
    pieces = ["{", "}", "[", "]", '"all"', ":", ",", '"not"', "1", "null", '"did"', '"x"']
    for seed in range(2000):
        text = "".join(pieces[(seed * 7919 + i * i * 31) % len(pieces)] for i in range(seed % 23))
        with contextlib.suppress(BadQuestion):
            parse(text)
