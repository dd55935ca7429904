from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinglin.booking import rules

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)


def shift(**facts: object) -> rules.Shift:
    values: dict[str, Any] = {
        "weekday": 0, "starts": time(8), "ends": time(12), "slot_minutes": 20, "capacity": 1,
        "valid_from": MONDAY, **facts,
    }  # fmt: skip
    return rules.Shift(**values)


def test_a_morning_has_twelve_slots_and_no_remainder() -> None:
    windows = list(rules.shift_windows(shift(ends=time(12, 10)), day=MONDAY, zone=SHANGHAI))
    assert len(windows) == 12
    assert windows[0].starts_at == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    assert windows[-1].ends_at == datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize("day", [date(2026, 11, 24), date(2026, 11, 16), date(2026, 12, 7)])
def test_no_slots_on_other_days_nor_outside_of_the_period(day: date) -> None:
    assert list(rules.shift_windows(shift(valid_until=date(2026, 11, 30)), day=day, zone=SHANGHAI)) == []


def test_lines_of_a_week_clash_only_when_they_share_a_minute_and_a_day() -> None:
    assert rules.shifts_clash(shift(), shift(starts=time(11, 59), ends=time(13)))
    assert not rules.shifts_clash(shift(), shift(starts=time(12), ends=time(13)))
    assert not rules.shifts_clash(shift(), shift(weekday=1))
    assert not rules.shifts_clash(shift(valid_until=MONDAY), shift(valid_from=date(2026, 11, 24)))


def test_lead_days_count_local_days_and_never_fall_below_zero() -> None:
    late = datetime(2026, 11, 23, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai
    early = datetime(2026, 11, 23, 16, 1, tzinfo=UTC)  # 00:01 the next day
    assert rules.lead_days(booked_at=late, starts_at=early, zone=SHANGHAI) == 1
    assert rules.lead_days(booked_at=early, starts_at=late, zone=SHANGHAI) == 0


def test_patients_may_cancel_until_five_in_the_afternoon_before() -> None:
    visit = datetime(2026, 11, 26, 1, 20, tzinfo=UTC)
    assert rules.free_cancel_deadline(visit, zone=SHANGHAI) == datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("129.16", 12916),
        ("¥1,234.50", 123450),
        ("1234.5 元", 123450),
        ("１２．５０", 1250),
        ("￥３０", 3000),
        ("0", 0),
    ],
)
def test_money_is_read_exactly(text: str, fen: int) -> None:
    assert rules.fen_from_text(text) == fen


@pytest.mark.parametrize("text", ["", "-1", "1.005", "abc", "nan", "inf", "1e400"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        rules.fen_from_text(text)


@given(st.integers(min_value=0, max_value=10**12))
def test_every_fen_survives_being_written_in_yuan(fen: int) -> None:
    assert rules.fen_from_text(f"{fen // 100}.{fen % 100:02d}") == fen


def test_nothing_follows_a_cancelled_visit_and_a_missed_one_may_still_come() -> None:
    assert not rules.FOLLOWS["cancelled"]
    assert rules.may_follow("noshow", "arrived")
    assert not rules.may_follow("arrived", "cancelled")
