from xinglin.insights.queries.overview import Overview, overview
from xinglin.insights.queries.people import PeoplePage, people_behind
from xinglin.insights.queries.plain import as_plain
from xinglin.insights.queries.results import CampaignResult, campaign_result
from xinglin.insights.queries.site import SiteReport, site_report
from xinglin.insights.queries.uplift import Uplift, get_uplift

__all__ = [
    "CampaignResult",
    "Overview",
    "PeoplePage",
    "SiteReport",
    "Uplift",
    "as_plain",
    "campaign_result",
    "get_uplift",
    "overview",
    "people_behind",
    "site_report",
]
