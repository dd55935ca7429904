import re
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidTag
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from xinglin.core import crypto, limits, masking, money
from xinglin.core.errors import TooMany
from xinglin.core.exports import safe_cell
from xinglin.core.ids import uuid7


@given(st.text(min_size=1))
def test_encryption_comes_back_and_never_looks_the_same(text: str) -> None:
    first, second = crypto.encrypt(text, "t.c"), crypto.encrypt(text, "t.c")

    assert crypto.decrypt(first, "t.c") == text
    assert first != second


def test_a_value_moved_to_another_column_cannot_be_read() -> None:
    with pytest.raises(InvalidTag):
        crypto.decrypt(crypto.encrypt("13812345678", "patients.phone"), "patients.id_number")


def test_blind_indexes_find_equals_within_one_domain_only() -> None:
    assert crypto.blind_index("1", "a") == crypto.blind_index("1", "a")
    assert crypto.blind_index("1", "a") != crypto.blind_index("1", "b")
    assert len(crypto.blind_index("1", "a")) == 16


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("13812345678", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("13812345678.0", "13812345678"),
        ("1.3812345678E10", "13812345678"),
        ("１３８１２３４５６７８", "13812345678"),
        ("'13812345678", "13812345678"),
        ("021-6234 5678", "02162345678"),
        ("+1 650 555 0100", "+16505550100"),
        ("12345", None),
        ("abc", None),
        ("", None),
    ],
)
def test_phone_numbers_as_spreadsheets_write_them(written: str, number: str | None) -> None:
    assert masking.normalise_phone(written) == number


@given(st.from_regex(r"1[3-9]\d{9}", fullmatch=True), st.from_regex(r"[1-9]\d{16}[\dX]", fullmatch=True))
def test_scrubbed_text_holds_no_number(phone: str, id_number: str) -> None:
    cleaned = masking.scrub(f"联系 {phone},证件 {id_number}。")

    assert phone not in cleaned
    assert id_number not in cleaned
    assert not re.search(r"\d{11}", cleaned)


@given(st.integers(min_value=-(10**14), max_value=10**14))
def test_money_comes_back_exactly(fen: int) -> None:
    assert money.parse_fen(money.yuan(fen).replace("-¥", "-")) == fen


@pytest.mark.parametrize("text", ["", "abc", "1.001", "1e999", "NaN", "Infinity"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        money.parse_fen(text)


@given(st.text())
def test_no_exported_cell_starts_a_formula(text: str) -> None:
    cell = str(safe_cell(text))

    assert not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def test_identifiers_are_ordered_by_time() -> None:
    made = [uuid7() for _ in range(100)]

    assert {value.version for value in made} == {7}
    assert [value.int >> 80 for value in made] == sorted(value.int >> 80 for value in made)


@pytest.mark.django_db
def test_a_limit_holds_for_its_window_and_then_opens_again() -> None:
    now = timezone.now()
    for _ in range(3):
        limits.hit("k", limit=3, per=timedelta(minutes=1), now=now)

    with pytest.raises(TooMany):
        limits.hit("k", limit=3, per=timedelta(minutes=1), now=now)
    limits.hit("k", limit=3, per=timedelta(minutes=1), now=now + timedelta(minutes=2))
