"""The curve of two groups as SVG, made on the server; colours come from the tokens (viewBox 440 × 196)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from xinglin.insights.rules import Estimate
from xinglin.ui.drawing import ticks

LEFT, RIGHT, TOP, BOTTOM = 34.0, 354.0, 14.0, 172.0
APART = 34  # between the labels of two lines


@dataclass(slots=True, kw_only=True)
class Line:
    """One group: its line, the band of its interval, and where its label stands."""

    line: str
    band: str
    x: float
    y: float
    share: float
    label_y: float

    @property
    def label_x(self) -> float:
        return self.x + 10

    @property
    def note_y(self) -> float:
        return round(self.label_y + 15, 1)


def curve_shape(curve: Sequence[tuple[int, Estimate, Estimate]], *, days: int, groups: int) -> dict[str, Any]:
    """Lines, bands and axes of cumulative shares over the days of the window, of one group or two."""
    series = [[estimates[group] for _, *estimates in curve] for group in range(groups)]
    places = [day for day, *_ in curve]
    top = min(1.0, max([0.01, *(e.high for line in series for e in line[1:])]))
    lines = [_line(places, line, days=days, top=top) for line in series]
    if groups == 2 and abs(lines[0].label_y - lines[1].label_y) < APART:
        upper, lower = sorted(lines, key=lambda line: line.label_y)
        upper.label_y = max(TOP, min(upper.label_y - 12, BOTTOM - 10 - APART))
        lower.label_y = upper.label_y + APART
    marks = sorted({0, round(days / 4), round(days / 2), round(days * 3 / 4), days})
    return {
        "groups": lines,
        "rows": [{"y": _y(value / 100, top), "value": value} for value in ticks(0, top * 100, wanted=4)],
        "marks": [{"x": _x(day, days), "day": day} for day in marks],
    }


def _line(places: list[int], line: list[Estimate], *, days: int, top: float) -> Line:
    xs = [_x(day, days) for day in places]
    nothing = Estimate(0.0, 0.0, 0.0)  # on day 0 nobody can have come: no interval to draw
    known = [nothing, *line[1:]]
    highs = [f"{x},{_y(e.high, top)}" for x, e in zip(xs, known, strict=True)]
    lows = [f"{x},{_y(e.low, top)}" for x, e in zip(xs, known, strict=True)]
    y = _y(known[-1].point, top)
    return Line(
        line=" ".join(f"{x},{_y(e.point, top)}" for x, e in zip(xs, known, strict=True)),
        band=" ".join([*highs, *reversed(lows)]),
        x=xs[-1],
        y=y,
        share=known[-1].point,
        label_y=round(min(max(y - 2, TOP), BOTTOM - 14), 1),
    )


def _x(day: float, days: int) -> float:
    return round(LEFT + day / days * (RIGHT - LEFT), 1)


def _y(share: float, top: float) -> float:
    return round(BOTTOM - min(share / top, 1.0) * (BOTTOM - TOP), 1)


def axis(values: Sequence[float]) -> tuple[float, float]:
    """Start and stop of an axis that holds all values and zero, with a little room."""
    low, high = min([0.0, *values]), max([0.0, *values])
    room = (high - low) * 0.08 or 1.0
    return low - room, high + room
