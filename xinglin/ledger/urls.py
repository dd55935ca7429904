from django.urls import path

from xinglin.ledger import views

app_name = "ledger"
urlpatterns = [
    path("touches/", views.touch_list, name="touch-list"),
    path("touches/<uuid:touch_id>/", views.touch_panel, name="touch-panel"),
    path("lake/", views.lake_status, name="lake"),
    path("lake/rebuild/", views.rebuild_create, name="lake-rebuild"),
]
