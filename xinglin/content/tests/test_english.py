"""What rules say of a text is said in the reader's language."""

import re

import pytest
from django.utils import translation

from xinglin.content.rules.anonymity import traces
from xinglin.content.rules.calendar import themes
from xinglin.content.rules.lawful import as_science
from xinglin.content.rules.sample import compare

CHINESE = re.compile("[\u4e00-\u9fff]")
STORY = (
    "李桂芳13912345678，住院号 12345，在红星厂上班，梧桐路12号，2026年3月4日出院，身份证 11010119600101123X"
)


def said() -> list[str]:
    deviations = compare(
        text="第一医院\n电话：021-1\n我们最好", sample="接诊时间：8:00\n电话：010-1",
        first_name="第一医院", number="号", contacts=("021-1",),
    )  # fmt: skip
    found = traces(STORY, identifiers=["李桂芳"])
    taken = as_science("[预约]\n看[这里](https://a.cn/x)或 https://b.cn", lambda _text: [])[1]
    days = [theme for group in themes().values() for theme in group]
    return [
        *(one.clause for one in deviations),
        *(one.what for one in found),
        *(one.why for one in taken),
        *(words for theme in days for words in (theme.name, theme.source)),
    ]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_word_of_the_rules_is_in_the_readers_language(language: str) -> None:
    with translation.override(language):
        words = said()
    assert len(set(words)) > 50
    assert {bool(CHINESE.search(word)) for word in words} == {language != "en"}
