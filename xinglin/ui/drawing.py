"""Small charts as SVG, made on the server: no script, colours from the tokens."""

from collections.abc import Sequence
from math import floor, log10


def spark_points(values: Sequence[float], *, width: float = 78, top: float = 3, bottom: float = 27) -> str:
    """Points of a spark line from left to right, its lowest value at ``bottom``."""
    low, high = min(values), max(values)
    spread = (high - low) or 1
    step = width / (len(values) - 1)
    heights = (bottom - (value - low) / spread * (bottom - top) for value in values)
    return " ".join(f"{i * step:.1f},{y:.1f}" for i, y in enumerate(heights))


def funnel_shapes(values: Sequence[float], *, width: float = 648) -> list[dict[str, float | str | None]]:
    """Bars of a funnel on a baseline at 202, each with the sloping field to the next one and its share;
    ``part`` is its length in per cent of the largest, for bars that lie.
    """
    base, top, bar = 202.0, 56.0, 64.0
    if len(values) < 2:
        return []
    gap = (width - bar * len(values)) / (len(values) - 1)
    largest = max(values) or 1
    heights = [max(value / largest * (base - top), 4.0 if value else 0.0) for value in values]
    shapes: list[dict[str, float | str | None]] = []
    for i, height in enumerate(heights):
        x = i * (bar + gap)
        shape: dict[str, float | str | None] = {
            "x": round(x, 1),
            "y": round(base - height, 1),
            "h": round(height, 1),
            "part": round(values[i] / largest * 100, 1),
        }
        if i + 1 < len(heights):
            left, right = x + bar, x + bar + gap
            high, low = base - height, base - heights[i + 1]
            shape["slope"] = (
                f"{left:.1f},{high:.1f} {right:.1f},{low:.1f} {right:.1f},{base} {left:.1f},{base}"
            )
            shape["share_x"] = round(x + bar + gap / 2, 1)
            shape["share"] = values[i + 1] / values[i] if values[i] else None
        shapes.append(shape)
    return shapes


def interval_shape(
    *, low: float, point: float, high: float, start: float, stop: float, width: float = 196
) -> dict[str, float | bool]:
    """Where an estimate, its interval and zero stand on an axis from ``start`` to ``stop``."""
    spread = (stop - start) or 1

    def place(value: float) -> float:
        return round(min(max((value - start) / spread, 0), 1) * width, 1)

    return {
        "low": place(low), "point": place(point), "high": place(high), "zero": place(0.0),
        "is_clear": low > 0 or high < 0,
    }  # fmt: skip


def ticks(start: float, stop: float, *, wanted: int = 4) -> list[float]:
    """Round numbers inside an axis, about as many as wanted."""
    spread = stop - start
    if spread <= 0:
        return []
    size = 10.0 ** floor(log10(spread / wanted))
    step = next(size * k for k in (1, 2, 5, 10) if spread / (size * k) <= wanted + 1)
    first = -(-start // step) * step
    return [round(first + i * step, 10) for i in range(int((stop - first) / step) + 1)]
