from django.urls import path

from xinglin.audiences.views import audiences, builder, lists, members, overlap

app_name = "audiences"
urlpatterns = [
    path("", audiences.audience_list, name="list"),
    path("new/", builder.audience_create, name="new"),
    path("ready-made/<slug:key>/", audiences.ready_made_create, name="ready-made"),
    path("builder/", builder.conditions, name="builder"),
    path("builder/numbers/", builder.numbers, name="numbers"),
    path("builder/numbers/<uuid:run>/stop/", builder.numbers_stop, name="numbers-stop"),
    path("builder/explanation/", builder.explanation, name="explanation"),
    path("builder/sample/", builder.sample, name="sample"),
    path("builder/overlap/", builder.overlap, name="overlap"),
    path("overlap/", overlap.overlap_detail, name="overlap-page"),
    path("lists/", lists.list_imports, name="list-imports"),
    path("lists/new/", lists.list_create, name="list-new"),
    path("lists/<uuid:public_id>/", lists.list_detail, name="list-import"),
    path("lists/<uuid:public_id>/check/", lists.check_create, name="list-check"),
    path("lists/<uuid:public_id>/confirmation/", lists.confirmation_create, name="list-confirmation"),
    path("lists/<uuid:public_id>/discard/", lists.discard_create, name="list-discard"),
    path("lists/<uuid:public_id>/errors/", lists.error_rows, name="list-errors"),
    path("<uuid:public_id>/", audiences.audience_detail, name="detail"),
    path("<uuid:public_id>/edit/", builder.audience_update, name="edit"),
    path("<uuid:public_id>/members/", members.member_list, name="members"),
    path("<uuid:public_id>/members/<uuid:patient>/removal/", members.removal_create, name="member-remove"),
    path("<uuid:public_id>/members/<uuid:patient>/return/", members.return_create, name="member-return"),
    path("<uuid:public_id>/preview/", members.preview_detail, name="preview"),
    path("<uuid:public_id>/refresh/", audiences.refresh_create, name="refresh"),
    path("<uuid:public_id>/schedule/", audiences.schedule_update, name="schedule"),
    path("<uuid:public_id>/snapshot/", audiences.snapshot_create, name="snapshot"),
    path("<uuid:public_id>/export/", audiences.export_create, name="export"),
    path("<uuid:public_id>/archive/", audiences.archive_create, name="archive"),
    path("<uuid:public_id>/restore/", audiences.restore_create, name="restore"),
]
