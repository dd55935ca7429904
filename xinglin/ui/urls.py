from django.urls import path

from xinglin.ui.views import gallery, health, home, jobs, palette, preferences

app_name = "ui"
urlpatterns = [
    path("", home.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("palette/", palette.palette, name="palette"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("jobs/", jobs.job_list, name="job-list"),
    path("jobs/<uuid:public_id>/", jobs.job_detail, name="job-detail"),
    path("jobs/<uuid:public_id>/part/", jobs.job_part, name="job-part"),
    path("jobs/<uuid:public_id>/log/", jobs.job_log, name="job-log"),
    path("jobs/<uuid:public_id>/file/", jobs.job_download, name="job-download"),
    path("jobs/<uuid:public_id>/cancellation/", jobs.job_cancel, name="job-cancel"),
    path("jobs/<uuid:public_id>/retry/", jobs.job_retry, name="job-retry"),
    path("ui/", gallery.gallery, name="gallery"),
    path("ui/<slug:kind>/", gallery.kind, name="gallery-kind"),
]
