"""Recency, frequency, monetary value: fifths of the hospital's own people, 1 (least) to 5 (best).

Source: Hughes (1994), Strategic Database Marketing. It describes and foretells nothing, so that there is
nothing to prove.
"""

from django.utils.translation import gettext_lazy as _

DAYS = 1095  # who has not come for three years is left out
HIGH = 4

SEGMENTS = {
    (True, True, True): ("champion", _("重要价值")),
    (False, True, True): ("win_back", _("重要挽回")),
    (True, False, True): ("develop", _("重要发展")),
    (False, False, True): ("keep", _("重要挽留")),
    (True, True, False): ("loyal", _("一般价值")),
    (False, True, False): ("fading", _("一般保持")),
    (True, False, False): ("new", _("一般发展")),
    (False, False, False): ("rest", _("一般挽留")),
}
LABELS = dict(SEGMENTS.values())


def segment(recency: int, frequency: int, money: int) -> str:
    """The code of the segment of three fifths; 4 and 5 count as high."""
    return SEGMENTS[recency >= HIGH, frequency >= HIGH, money >= HIGH][0]
