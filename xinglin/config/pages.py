"""Pages of the whole installation: the first setup, and the demo hospital."""

from django.urls import path

from xinglin.config.demo import views as demo
from xinglin.config.setup import views as setup

app_name = "config"
urlpatterns = [
    path("setup/", setup.setup, name="setup"),
    path("settings/demo/", demo.demo_status, name="demo"),
    path("settings/demo/making/", demo.demo_create, name="demo-create"),
    path("settings/demo/removal/", demo.demo_delete, name="demo-delete"),
]
