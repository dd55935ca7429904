"""A journey's splits as a page sets them out: a sentence, lines with intervals."""

from typing import Any

from django.utils.translation import gettext as _

from xinglin.insights import drawing
from xinglin.insights.rules import share, share_difference
from xinglin.journeys.queries.results import Split, Way

SMALL = 100  # people in the smaller group below which an interval is only a hint


def split_context(split: Split) -> dict[str, Any]:
    """Ways with their shares, and every comparison that may be made."""
    pairs = _pairs(split)
    rows = [_compared(way, other) for way, other in pairs]
    start, stop = drawing.axis([value for row in rows for value in (row["low"], row["high"])])
    return {
        "title": split.title,
        "ways": [
            {
                "label": way.label,
                "people": way.people,
                "converted": way.converted,
                "share": share(hits=way.converted, people=way.people).point if way.people else None,
            }
            for way in split.ways
        ],
        "rows": rows,
        "start": start,
        "stop": stop,
        "against": pairs[0][1].label if pairs else "",
        "is_small": any(min(way.people, other.people) < SMALL for way, other in pairs),
        "needs_way": split.holdout is not None and not split.is_fair,
    }


def _pairs(split: Split) -> list[tuple[Way, Way]]:
    """Each way against the holdout where that is fair, else each against the first."""
    treated = [way for way in split.ways if way.port != "holdout" and way.people]
    held = split.holdout
    if held is not None and split.is_fair and held.people:
        return [(way, held) for way in treated]
    return [(way, treated[0]) for way in treated[1:]]


def _compared(way: Way, other: Way) -> dict[str, Any]:
    difference = share_difference(
        hits=way.converted, people=way.people, other_hits=other.converted, other_people=other.people
    ).times(100)
    extra = round(difference.point / 100 * way.people)
    note = _("约多 %(n)s 人达成") % {"n": f"{extra:,}"} if difference.is_clear and extra > 0 else ""
    return {
        "label": way.label,
        "note": note or _("%(a)s 人，对照 %(b)s 人") % {"a": f"{way.people:,}", "b": f"{other.people:,}"},
        "with_value": _percent(way),
        "without_value": _percent(other),
        "low": difference.low,
        "point": difference.point,
        "high": difference.high,
        "point_label": _signed(difference.point),
        "range_label": _("%(low)s 到 %(high)s")
        % {"low": _signed(difference.low), "high": _signed(difference.high)},
        "is_better": difference.point > 0,
    }


def _percent(way: Way) -> str:
    return f"{share(hits=way.converted, people=way.people).point * 100:.2f} %"


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")
