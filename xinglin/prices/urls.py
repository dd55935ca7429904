from django.urls import path

from xinglin.prices import views

app_name = "prices"
urlpatterns = [
    path("", views.price_list, name="price-list"),
    path("new/", views.price_create, name="price-create"),
    path("notice/", views.notice_edit, name="notice"),
    path("file.csv", views.price_export, name="price-export"),
    path("<uuid:public_id>/", views.price_detail, name="price-detail"),
    path("<uuid:public_id>/edit/", views.price_edit, name="price-edit"),
    path("<uuid:public_id>/end/", views.end_create, name="end-create"),
    path("<uuid:public_id>/release/", views.release_create, name="release-create"),
]
