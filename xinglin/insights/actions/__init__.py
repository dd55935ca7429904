from xinglin.insights.actions.exporting import export_campaign
from xinglin.insights.actions.uplift import NotYet, begin_uplift, measure_uplift

__all__ = ["NotYet", "begin_uplift", "export_campaign", "measure_uplift"]
