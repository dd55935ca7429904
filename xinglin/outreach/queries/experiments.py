"""What may be said of an experiment: how many people it needs, and how its wordings did."""

from dataclasses import dataclass
from typing import Any

from xinglin.outreach.models import Campaign
from xinglin.outreach.queries.campaigns import tried_wordings
from xinglin.outreach.rules.experiments import Interval, decide, interval, people_needed, smallest_lift


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleSize:
    """``needed`` and ``there`` are people for each wording; ``there`` None while nobody has been counted.

    ``smallest`` is the smallest difference, as a share, that the people there can show.
    """

    wordings: int
    needed: int | None
    there: int | None
    smallest: float | None

    @property
    def is_enough(self) -> bool:
        return self.needed is not None and self.there is not None and self.there >= self.needed


def sample_size(
    campaign: Campaign, *, base: float, lift: float, wordings: int, test_share: float
) -> SampleSize:
    """For shares in (0, 1); the people are those of the last pre-flight, else of its audience."""
    try:
        needed = people_needed(base=base, lift=lift, wordings=wordings)
    except ValueError:
        needed = None
    people = campaign.preflight.get("send", 0) + campaign.preflight.get("waiting", 0) or campaign.plan_size
    there = int(people * min(max(test_share, 0.0), 1.0)) // wordings if people else None
    can = smallest_lift(base=base, people=there, wordings=wordings) if there and needed else None
    return SampleSize(wordings=wordings, needed=needed, there=there, smallest=can)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordingResult:
    """One wording: its share with a 95 % interval, and its p-value against the best."""

    letter: str
    title: str
    people: int
    hits: int
    share: Interval
    is_best: bool
    p_value: float | None
    is_winner: bool


def wording_results(campaign: Campaign) -> list[WordingResult]:
    """The wordings of an experiment, side by side; empty where there is none.

    Before it is decided the figures stand without p-values: whoever looks early sees winners by chance.
    """
    variants = list(campaign.variants.select_related("template_version__template"))
    if not variants:
        return []
    tried = tried_wordings(campaign)
    is_over = campaign.decided_at is not None or not campaign.is_open
    verdict = decide(tried) if is_over and any(one.people for one in tried) else None
    return [
        WordingResult(
            letter=variant.letter,
            title=str(variant.template_version),
            people=one.people,
            hits=one.hits,
            share=interval(one.hits, one.people),
            is_best=verdict is not None and verdict.winner == one.number,
            p_value=verdict.p_values.get(one.number) if verdict else None,
            is_winner=campaign.winner == one.number,
        )
        for variant, one in zip(variants, tried, strict=True)
    ]


def experiment_as_dict(campaign: Campaign) -> dict[str, Any] | None:
    """An experiment in plain values; None where one wording goes to all."""
    results = wording_results(campaign)
    if not results:
        return None
    return {
        "test_share": campaign.test_share,
        "metric": campaign.test_metric,
        "hours": campaign.test_hours,
        "decided_at": campaign.decided_at.isoformat() if campaign.decided_at else None,
        "is_clear": campaign.decision.get("is_clear"),
        "wordings": [
            {
                "letter": one.letter,
                "title": one.title,
                "people": one.people,
                "hits": one.hits,
                "share": one.share.point,
                "low": one.share.low,
                "high": one.share.high,
                "p_value": one.p_value,
                "is_winner": one.is_winner,
            }
            for one in results
        ],
    }
