from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from xinglin.outreach.views import (
    articles,
    campaigns,
    hand,
    hooks,
    inbox,
    messages,
    person,
    policy,
    progress,
    providers,
    replies,
    staff_tasks,
)

app_name = "outreach"
C = "outreach/campaigns/<uuid:public_id>/"

urlpatterns: list[URLPattern | URLResolver] = [
    path("outreach/campaigns/", campaigns.campaign_list, name="campaign-list"),
    path("outreach/campaigns/new/", campaigns.campaign_create, name="campaign-create"),
    path(C, progress.campaign_detail, name="campaign-detail"),
    path(f"{C}people/", campaigns.step_people, name="campaign-people-step"),
    path(f"{C}wording/", campaigns.step_wording, name="campaign-wording"),
    path(f"{C}timing/", campaigns.step_timing, name="campaign-timing"),
    path(f"{C}wording/variables/", campaigns.wording_variables, name="campaign-variables"),
    path(f"{C}wording/sample-size/", campaigns.sample_size, name="campaign-sample-size"),
    path(f"{C}money/", campaigns.step_money, name="campaign-money"),
    path(f"{C}series/end/", progress.series_end, name="campaign-series-end"),
    path(f"{C}preflight/", progress.preflight, name="campaign-preflight"),
    path(f"{C}launch/", progress.launch_create, name="campaign-launch"),
    path(f"{C}pause/", progress.pause_create, name="campaign-pause"),
    path(f"{C}resumption/", progress.resumption_create, name="campaign-resume"),
    path(f"{C}cancellation/", progress.cancellation_create, name="campaign-cancel"),
    path(f"{C}list/<slug:bucket>/", progress.people_list, name="campaign-people"),
    path("outreach/messages/", messages.message_list, name="message-list"),
    path("outreach/messages/<int:message_id>/", messages.message_detail, name="message-detail"),
    path("outreach/replies/", replies.reply_list, name="reply-list"),
    path("outreach/replies/handling/", replies.handling_create, name="reply-handling"),
    path("outreach/people/<uuid:public_id>/", person.person_messages, name="person"),
    path("outreach/people/<uuid:public_id>/stops/", person.stop_create, name="stop-create"),
    path("outreach/people/<uuid:public_id>/stops/<uuid:stop>/lifting/", person.stop_lift, name="stop-lift"),
    path("outreach/stops/", person.stop_list, name="stop-list"),
    path("outreach/unresolved/", messages.unresolved_list, name="unresolved-list"),
    path("outreach/unresolved/resolution/", messages.resolution_create, name="resolution-create"),
    path("outreach/freeze/", policy.freeze, name="freeze"),
    path("outreach/rules/", policy.rules, name="rules"),
    path("settings/sending-rules/", policy.rules_edit, name="rules-edit"),
    path("outreach/calls/", hand.call_list, name="call-list"),
    path("outreach/calls/<uuid:public_id>/", hand.call_detail, name="call-detail"),
    path("outreach/letters/", hand.letter_list, name="letter-list"),
    path("outreach/letters/batch/", hand.letter_batch, name="letter-batch"),
    path("outreach/staff-tasks/", staff_tasks.staff_task_list, name="staff-task-list"),
    path("outreach/staff-tasks/groups/", staff_tasks.group_post_create, name="group-post-create"),
    path("outreach/staff-tasks/<uuid:public_id>/", staff_tasks.staff_task_detail, name="staff-task-detail"),
    path(
        "outreach/staff-tasks/<uuid:public_id>/decision/",
        staff_tasks.group_post_decide,
        name="group-post-decide",
    ),
    path("outreach/article-drafts/<uuid:version>/", articles.draft_create, name="article-draft-create"),
    path("settings/channels/", providers.provider_list, name="provider-list"),
    path("settings/channels/<slug:channel>/", providers.provider_edit, name="provider-edit"),
    path("settings/channels/<slug:channel>/test/", providers.provider_try, name="provider-try"),
    path("settings/channels/<slug:channel>/hook/", providers.hook_renewal, name="hook-renewal"),
    path("settings/channels/<slug:channel>/templates/", providers.template_states, name="provider-templates"),
    path(
        "settings/channels/<slug:channel>/templates/<str:which>/",
        providers.template_state_edit,
        name="provider-template",
    ),
    path("hooks/<slug:kind>/<uuid:public_id>/", hooks.hook, name="hook"),
    path("hooks/<slug:kind>/<uuid:public_id>/<str:secret>/", hooks.hook, name="hook-secret"),
    path("dev/inbox/", inbox.inbox_list, name="inbox"),
    path("dev/inbox/<int:message_id>/", inbox.inbox_detail, name="inbox-detail"),
    path("dev/inbox/<int:message_id>/body/", inbox.inbox_body, name="inbox-body"),
]
if find_spec("xinglin.outreach.urls_templates") is not None:
    urlpatterns.append(path("", include("xinglin.outreach.urls_templates")))
