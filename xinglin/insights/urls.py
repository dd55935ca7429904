from django.urls import path

from xinglin.insights.views import campaigns, journeys, overview, site, uplift

app_name = "insights"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("site/", site.site_report, name="site-report"),
    path("campaigns/<uuid:public_id>/", campaigns.campaign_result, name="campaign-result"),
    path("campaigns/<uuid:public_id>/people/", campaigns.campaign_people, name="campaign-people"),
    path("campaigns/<uuid:public_id>/export/", campaigns.export_create, name="campaign-export"),
    path("campaigns/<uuid:public_id>/uplift/", uplift.campaign_uplift, name="campaign-uplift"),
    path("campaigns/<uuid:public_id>/uplift/run/", uplift.uplift_create, name="uplift-run"),
    path("journeys/<uuid:public_id>/", journeys.journey_result, name="journey-result"),
]
