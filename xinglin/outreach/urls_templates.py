"""Addresses of the message templates; included by ``urls``."""

from django.urls import path

from xinglin.outreach.views import from_content, template_review, templates

T = "outreach/templates/<uuid:public_id>/"

urlpatterns = [
    path("outreach/templates/", templates.template_list, name="template-list"),
    path("outreach/templates/new/", templates.template_create, name="template-create"),
    path("outreach/templates/review/", template_review.review_list, name="template-review-list"),
    path("outreach/templates/check/<slug:channel>/", templates.template_check, name="template-check"),
    path("outreach/templates/preview/<slug:channel>/", templates.template_preview, name="template-preview"),
    path(
        "outreach/templates/from-content/<uuid:version>/",
        from_content.template_from_content,
        name="template-from-content",
    ),
    path(T, templates.template_edit, name="template-edit"),
    path(f"{T}history/", templates.template_history, name="template-history"),
    path(f"{T}review/", template_review.review_detail, name="template-review"),
    path(f"{T}archival/", templates.template_archival, name="template-archival"),
    path(f"{T}restoration/", templates.template_restoration, name="template-restoration"),
]
