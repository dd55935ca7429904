"""An expression that gives up sooner must find the same."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xinglin.compliance.engine.expressions import quick

EXPRESSIONS = [
    "(?:保证|包[你您])?[^，。]{0,3}(?:治好|治愈|根治)(?:率|了)?",
    "(?<![0-9])[0-9]{1,3}(?:例|位)(?:患者|病人)?[^，。]{0,2}(?:有效|好转)",
    "(?:最(?:好|佳)|第一|[顶一]流)的?(?:医院|专家)",
    "(?:(?:我院|本院)|咱们?)[^。]{0,4}?(?=最)最[先强]",
    "^(?:通知|公告)|(?:专家)?.{2}坐诊",
    "(?:不|没)?(?:疼|痛|复发)+(?!的)",
    "[一-龥]{1,2}(?:片|丸|胶囊)|\\s?(?:针|贴)",
    "(?:a|b)?",
    "()(?:a|0片)",
    "(?i:a|片)针|(?:片|针)",
    "(?i)(?:a|片)的",
]


@pytest.mark.parametrize("source", EXPRESSIONS)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_an_expression_made_quick_finds_the_same(source: str, data: st.DataObject) -> None:
    noise = st.text(alphabet="我院最好第一医生治愈不疼例0片的了，。 ", max_size=8)
    text = data.draw(noise) + data.draw(st.from_regex(source)) + data.draw(noise)
    found = [match.span() for match in re.finditer(source, text)]
    assert [match.span() for match in re.finditer(quick(source), text)] == found
