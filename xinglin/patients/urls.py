from django.urls import path

from xinglin.patients.views import erasure, households, imports, people, record

app_name = "patients"
urlpatterns = [
    path("", people.patient_list, name="list"),
    path("new/", record.patient_create, name="create"),
    path("bulk/", people.bulk_create, name="bulk"),
    path("views/", people.view_create, name="view-create"),
    path("views/<uuid:public_id>/deletion/", people.view_delete, name="view-delete"),
    path("households/", households.household_list, name="household-list"),
    path("households/new/", households.household_create, name="household-create"),
    path("households/<uuid:public_id>/", households.household_detail, name="household-detail"),
    path("households/<uuid:public_id>/panel/", households.household_panel, name="household-panel"),
    path("households/<uuid:public_id>/name/", households.household_rename, name="household-rename"),
    path("households/<uuid:public_id>/members/", households.member_create, name="household-member-create"),
    path(
        "households/<uuid:public_id>/members/<uuid:patient>/",
        households.member_update,
        name="household-member-update",
    ),
    path(
        "households/<uuid:public_id>/members/<uuid:patient>/leaving/",
        households.member_delete,
        name="household-member-delete",
    ),
    path("households/<uuid:public_id>/merging/", households.merging_create, name="household-merging"),
    path("households/<uuid:public_id>/splitting/", households.splitting_create, name="household-splitting"),
    path("imports/", imports.import_list, name="import-list"),
    path("imports/new/", imports.import_create, name="import-create"),
    path("imports/<uuid:public_id>/", imports.import_detail, name="import-detail"),
    path("imports/<uuid:public_id>/mapping/", imports.import_mapping, name="import-mapping"),
    path("imports/<uuid:public_id>/names/", imports.import_names, name="import-names"),
    path("imports/<uuid:public_id>/start/", imports.import_start, name="import-start"),
    path("imports/<uuid:public_id>/undoing/", imports.import_undo, name="import-undo"),
    path("imports/<uuid:public_id>/errors.csv", imports.import_errors, name="import-errors"),
    path("erasures/", erasure.erasure_list, name="erasure-list"),
    path("erasures/<uuid:public_id>/decision/", erasure.erasure_decide, name="erasure-decide"),
    path("<uuid:public_id>/erasure/", erasure.erasure_create, name="erasure"),
    path("<uuid:public_id>/", record.patient_detail, name="detail"),
    path("<uuid:public_id>/panel/", people.patient_panel, name="panel"),
    path("<uuid:public_id>/facts/", record.facts_edit, name="facts"),
    path("<uuid:public_id>/reveal/", record.reveal_create, name="reveal"),
    path("<uuid:public_id>/consents/", record.consent_list, name="consent-list"),
    path("<uuid:public_id>/consents/new/", record.consent_create, name="consent-create"),
    path("<uuid:public_id>/tags/", record.tags_edit, name="tags"),
]
