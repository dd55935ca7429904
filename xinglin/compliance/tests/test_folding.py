"""Folding looks at what a text asks for first; what it leaves out must change nothing."""

from typing import Any
from unittest import mock

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from xinglin.compliance.engine import folding
from xinglin.compliance.engine.points import points_of

SIGNS = "根治癌，。、!？a1 ·-\n全㊙Ⅷ囯🎉𝐀\u200b\ufe0f．＊\ud800"


def whole(text: str) -> tuple[Any, int]:
    return np.full(len(points_of(text)), 7, dtype=np.uint8), 7


@given(st.text(alphabet=SIGNS, max_size=60))
@settings(max_examples=400, deadline=None)
def test_what_a_text_does_not_ask_for_would_have_changed_nothing(text: str) -> None:
    with (
        mock.patch.object(folding, "_asked", whole),
        mock.patch.object(folding, "_may_be_chopped", return_value=True),
    ):
        slow = folding.fold(text)
    assert folding.fold(text) == slow


def test_every_character_that_is_folded_or_taken_out_asks_for_it() -> None:
    for code, bit in [*((code, 1) for code in folding.fold_table()), (0x200B, 2), (0x1F389, 3), (0xFF0C, 4)]:
        assert folding._asked(chr(code))[1] & bit == bit
    assert folding._asked("本院门诊时间调整")[1] == 0
