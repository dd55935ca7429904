import pytest

from xinglin.insights.rules import (
    Estimate,
    Sums,
    change,
    mean_difference,
    return_on_cost,
    share,
    share_difference,
    t_quantile,
)


@pytest.mark.parametrize(
    ("counts", "low", "high"),
    [
        ((56, 70, 48, 80), 0.0524, 0.3339),
        ((9, 10, 3, 10), 0.1705, 0.8090),
        ((6, 7, 2, 7), 0.0582, 0.8062),
        ((5, 56, 0, 29), -0.0381, 0.1926),
        ((0, 10, 0, 20), -0.1611, 0.2775),
        ((0, 10, 0, 10), -0.2775, 0.2775),
        ((10, 10, 0, 20), 0.6791, 1.0000),
        ((10, 10, 0, 10), 0.6075, 1.0000),
    ],
)
def test_the_published_examples_come_out(counts: tuple[int, int, int, int], low: float, high: float) -> None:
    """Newcombe (1998), table II, method 10."""
    hits, people, other_hits, other_people = counts
    found = share_difference(hits=hits, people=people, other_hits=other_hits, other_people=other_people)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


def test_wilson_of_the_textbook() -> None:
    """Newcombe (1998), Statistics in Medicine 17, 857-872: 81 of 263 and 15 of 148."""
    found = share(hits=81, people=263)
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)
    found = share(hits=15, people=148)
    assert (round(found.low, 4), round(found.high, 4)) == (0.0624, 0.1605)
    assert share(hits=0, people=0) == Estimate(0.0, 0.0, 1.0)
    with pytest.raises(ValueError):
        share(hits=2, people=1)


@pytest.mark.parametrize(
    ("freedom", "value"), [(6, 2.4469), (10, 2.2281), (30, 2.0423), (120, 1.9799), (10**9, 1.9600)]
)
def test_student_as_in_the_tables(freedom: float, value: float) -> None:
    assert t_quantile(0.975, freedom) == pytest.approx(value, abs=6e-4)


def test_welch_of_two_small_groups() -> None:
    """A known worked example (R's t.test on sleep: group 1 less group 2, not paired)."""
    one = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0]
    two = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4]
    sums = [Sums(len(group), sum(group), sum(x * x for x in group)) for group in (one, two)]
    found = mean_difference(*sums)
    assert found.point == pytest.approx(-1.58)
    assert found.low == pytest.approx(-3.3654832, abs=1e-3)
    assert found.high == pytest.approx(0.2054832, abs=1e-3)
    assert not found.is_clear
    assert not mean_difference(Sums(1, 5, 25), sums[0]).is_clear
    assert mean_difference(Sums(3, 0, 0), Sums(3, 0, 0)) == Estimate(0, 0, 0)


def test_money() -> None:
    assert return_on_cost(extra_fen=550, cost_fen=100) == 4.5
    assert return_on_cost(extra_fen=550, cost_fen=0) is None
    assert change(3, 2) == 0.5
    assert change(3, 0) is None
