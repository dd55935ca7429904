from django.urls import path

from xinglin.journeys.views import calls, check, detail, editing, listing, people, points, running, tasks

app_name = "journeys"
urlpatterns = [
    path("", listing.journey_list, name="list"),
    path("new/", listing.journey_create, name="create"),
    path("library/", listing.offer_list, name="offers"),
    path("library/<slug:key>/", listing.offer_taking, name="offer-taking"),
    path("points/<uuid:patient_id>/", points.points_of, name="points"),
    path("tasks/", tasks.task_list, name="task-list"),
    path("tasks/batch/", tasks.task_batch, name="task-batch"),
    path("tasks/<uuid:public_id>/", tasks.task_detail, name="task-detail"),
    path("<uuid:public_id>/", detail.journey_detail, name="detail"),
    path("<uuid:public_id>/calls/", calls.call_list, name="calls"),
    path("<uuid:public_id>/calls/retry/", calls.call_retry, name="call-retry"),
    path("<uuid:public_id>/secret/", calls.secret_renew, name="secret"),
    path("<uuid:public_id>/versions/", detail.version_list, name="versions"),
    path("<uuid:public_id>/versions/<int:number>/", detail.version_detail, name="version"),
    path("<uuid:public_id>/versions/<int:number>/steps/<slug:key>/", people.people_list, name="people"),
    path("<uuid:public_id>/people/<uuid:patient_id>/", people.person_path, name="path"),
    path("<uuid:public_id>/edit/", editing.journey_edit, name="edit"),
    path("<uuid:public_id>/draft/", editing.draft_update, name="draft"),
    path("<uuid:public_id>/draft/discarding/", editing.draft_discard, name="discard"),
    path("<uuid:public_id>/step/", editing.step_form, name="step"),
    path("<uuid:public_id>/copy/", editing.copy_create, name="copy"),
    path("<uuid:public_id>/name/", editing.name_update, name="name"),
    path("<uuid:public_id>/check/", check.journey_check, name="check"),
    path("<uuid:public_id>/check/walk/", check.walk, name="walk"),
    path("<uuid:public_id>/test/", check.test_create, name="test"),
    path("<uuid:public_id>/test/stop/", check.test_stop, name="test-stop"),
    path("<uuid:public_id>/launch/", running.launch_create, name="launch"),
    path("<uuid:public_id>/pause/", running.pause_create, name="pause"),
    path("<uuid:public_id>/resumption/", running.resumption_create, name="resume"),
    path("<uuid:public_id>/ending/", running.ending_create, name="end"),
    path("<uuid:public_id>/moves/", running.move_create, name="move"),
]
