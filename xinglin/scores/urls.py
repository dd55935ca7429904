from django.urls import path

from xinglin.scores.views import cards, questionnaires

app_name = "scores"
urlpatterns = [
    path("", cards.score_list, name="list"),
    path("questionnaires/", questionnaires.questionnaire_list, name="questionnaires"),
    path("questionnaires/<slug:slug>/", questionnaires.answer_create, name="answer-create"),
    path("answers/<uuid:public_id>/", questionnaires.answer_detail, name="answer"),
    path("refusals/<uuid:public_id>/", questionnaires.refusal_create, name="refuse"),
    path("refusals/<uuid:public_id>/end/", questionnaires.refusal_delete, name="allow"),
    path("<slug:name>/", cards.score_detail, name="detail"),
    path("<slug:name>/people/", cards.people_list, name="people"),
    path("<slug:name>/run/", cards.run_create, name="run"),
]
