"""Addresses of brand and printed pieces; included by ``urls``."""

from django.urls import path

from xinglin.content.views import brand, materials

M = "materials/<uuid:public_id>/"

urlpatterns = [
    path("brand/", brand.kit, name="brand"),
    path("brand/edit/", brand.kit_edit, name="brand-edit"),
    path("brand/check/", brand.artwork_check, name="artwork-check"),
    path("brand/logos/", brand.logo_create, name="logo-create"),
    path("brand/logos/<uuid:public_id>/picture.png", brand.logo_picture, name="logo-picture"),
    path("brand/logos/<uuid:public_id>/current/", brand.logo_current, name="logo-current"),
    path("brand/logos/<uuid:public_id>/retirement/", brand.logo_retire, name="logo-retire"),
    path("materials/", materials.material_list, name="material-list"),
    path("materials/new/", materials.material_create, name="material-create"),
    path("materials/preview/", materials.preview_part, name="material-preview"),
    path("materials/preview.png", materials.preview_picture, name="material-preview-picture"),
    path(M, materials.material_detail, name="material-detail"),
    path(f"{M}files/<slug:form>/<int:page>/", materials.material_file, name="material-file"),
    path(f"{M}retry/", materials.material_retry, name="material-retry"),
    path(f"{M}withdrawal/", materials.material_withdraw, name="material-withdraw"),
]
