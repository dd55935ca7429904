from django.urls import path

from xinglin.compliance.views import findings, own, rules

app_name = "compliance"
urlpatterns = [
    path("", rules.rule_list, name="rule-list"),
    path("findings/", findings.finding_list, name="finding-list"),
    path("rules/<slug:rule_id>/", rules.rule_detail, name="rule-detail"),
    path("rules/<slug:rule_id>/silence/", own.silence_create, name="silence-create"),
    path("own/", own.own_list, name="own-list"),
    path("own/words/new/", own.term_create, name="term-create"),
    path("own/words/<uuid:public_id>/deletion/", own.term_delete, name="term-delete"),
    path("own/silences/<uuid:public_id>/deletion/", own.silence_delete, name="silence-delete"),
    path("own/draft/replay/", own.replay_create, name="replay-create"),
    path("own/draft/activation/", own.activation_create, name="activation-create"),
    path("own/draft/deletion/", own.draft_delete, name="draft-delete"),
    path("own/versions/", own.version_list, name="version-list"),
]
