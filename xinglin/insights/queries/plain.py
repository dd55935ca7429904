"""A result as plain values, for the API, the command line and the spreadsheet."""

from dataclasses import asdict
from math import isfinite
from typing import Any

from xinglin.insights.queries.results import CampaignResult
from xinglin.insights.rules import Estimate


def as_plain(result: CampaignResult) -> dict[str, Any]:
    """Everything on the page; shares in [0, 1], money in fen, an infinite end of an interval is None."""
    return {
        "days": result.days,
        "elapsed_days": result.elapsed,
        "fresh_as_of": result.fresh_as_of.isoformat() if result.fresh_as_of else None,
        "drawn": {"sent_to": result.treated, "held_out": result.held},
        "outcomes": {
            compared.outcome.code: {
                "sent_to": compared.treated,
                "held_out": compared.held,
                "sent_to_share": _estimate(compared.treated_share),
                "held_out_share": _estimate(compared.held_share),
                "difference": _estimate(compared.difference),
                "extra_people": _estimate(compared.extra),
                "is_clear": compared.difference.is_clear,
            }
            for compared in result.outcomes
        },
        "revenue": {
            "sent_to_fen": result.revenue.treated.total,
            "held_out_fen": result.revenue.held.total,
            "difference_fen_a_person": _estimate(result.revenue.difference),
            "extra_fen": _estimate(result.revenue.extra),
            "is_clear": result.revenue.extra.is_clear,
        },
        "cost_fen": result.account.cost_fen,
        "cost_fen_an_extra_booking": result.cost_per_booking,
        "roi": result.roi,
        "curve": [
            {"day": day, "sent_to": _estimate(treated), "held_out": _estimate(held)}
            for day, treated, held in result.curve
        ],
    }


def _estimate(estimate: Estimate) -> dict[str, float | None]:
    return {name: value if isfinite(value) else None for name, value in asdict(estimate).items()}
