"""When a schedule has its turn."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinglin.journeys.rules.graph import BadGraph, read
from xinglin.journeys.rules.timing import is_its_turn


@given(st.integers(1, 31), st.integers(2000, 2100))
def test_every_month_has_one_turn_whatever_its_length(number: int, year: int) -> None:
    length = (date(year + 1, 1, 1) - date(year, 1, 1)).days
    days = [date(year, 1, 1) + timedelta(days=n) for n in range(length)]
    turns = [day for day in days if is_its_turn(day, "month", number)]
    assert [day.month for day in turns] == list(range(1, 13))
    assert all(day.day == number or (day + timedelta(days=1)).day == 1 for day in turns)


def test_weeks_and_days() -> None:
    week = [date(2026, 6, 1) + timedelta(days=n) for n in range(7)]
    assert [day.day for day in week if is_its_turn(day, "week", 5)] == [5]
    assert all(is_its_turn(day, "day", 1) for day in week)
    assert [day for day in (27, 28) if is_its_turn(date(2026, 2, day), "month", 31)] == [28]


def test_a_week_has_seven_days() -> None:
    props = {"on": "schedule", "every": "week", "number": 8}
    with pytest.raises(BadGraph):
        read({"nodes": [{"id": "t", "kind": "trigger", "props": props, "x": 0, "y": 0}], "edges": []})
