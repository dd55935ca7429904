"""What outreach does for others and for its own pages."""

from xinglin.outreach.actions.articles import NoAccount, queue_article_draft, remove_article_draft
from xinglin.outreach.actions.campaigns import (
    CampaignClosed,
    PreflightStale,
    cancel_campaign,
    cancel_rest,
    create_campaign,
    finish_campaigns,
    pause_campaign,
    request_preflight,
    resume_campaign,
    start_campaign,
    update_campaign,
)
from xinglin.outreach.actions.experiments import decide_experiments, release_rest
from xinglin.outreach.actions.for_journeys import (
    DECIDED,
    JourneyMessage,
    Planned,
    cancel_for_journey,
    hold_journey,
    plan_for_journey,
)
from xinglin.outreach.actions.freeze import set_freeze
from xinglin.outreach.actions.gate_rules import set_gate_rules
from xinglin.outreach.actions.group_posts import decide_group_post, post_to_groups
from xinglin.outreach.actions.hand import (
    TaskClosed,
    mark_inbox_read,
    mark_posted,
    mark_printed,
    record_call,
)
from xinglin.outreach.actions.hooks import add_grant, forget_old_events, take_reply, take_told
from xinglin.outreach.actions.outbox import ask_gate, queue_message, send_code
from xinglin.outreach.actions.planning import forget_old_plans, plan_chunk
from xinglin.outreach.actions.providers import (
    check_provider_templates,
    get_own_provider,
    get_provider_by_public_id,
    renew_hook,
    save_provider,
    save_provider_template,
    send_test,
)
from xinglin.outreach.actions.replies import mark_replies
from xinglin.outreach.actions.resolving import CampaignCancelled, mark_sent, send_again
from xinglin.outreach.actions.series import end_series, run_occasions
from xinglin.outreach.actions.suppression import (
    BY_HAND,
    NeedsConsent,
    lift_stop,
    lift_suppression,
    refuse_further,
    stop_after_death,
    stop_after_retraction,
    stop_after_withdrawal,
    stop_by_hand,
    suppress,
    unsubscribe,
    welcome_back,
)
from xinglin.outreach.actions.tracking import Receipt, record_click, record_open, record_receipts

__all__ = [
    "BY_HAND",
    "DECIDED",
    "CampaignCancelled",
    "CampaignClosed",
    "JourneyMessage",
    "NeedsConsent",
    "NoAccount",
    "Planned",
    "PreflightStale",
    "Receipt",
    "TaskClosed",
    "add_grant",
    "ask_gate",
    "cancel_campaign",
    "cancel_for_journey",
    "cancel_rest",
    "check_provider_templates",
    "create_campaign",
    "decide_experiments",
    "decide_group_post",
    "end_series",
    "finish_campaigns",
    "forget_old_events",
    "forget_old_plans",
    "get_own_provider",
    "get_provider_by_public_id",
    "hold_journey",
    "lift_stop",
    "lift_suppression",
    "mark_inbox_read",
    "mark_posted",
    "mark_printed",
    "mark_replies",
    "mark_sent",
    "pause_campaign",
    "plan_chunk",
    "plan_for_journey",
    "post_to_groups",
    "queue_article_draft",
    "queue_message",
    "record_call",
    "record_click",
    "record_open",
    "record_receipts",
    "refuse_further",
    "release_rest",
    "remove_article_draft",
    "renew_hook",
    "request_preflight",
    "resume_campaign",
    "run_occasions",
    "save_provider",
    "save_provider_template",
    "send_again",
    "send_code",
    "send_test",
    "set_freeze",
    "set_gate_rules",
    "start_campaign",
    "stop_after_death",
    "stop_after_retraction",
    "stop_after_withdrawal",
    "stop_by_hand",
    "suppress",
    "take_reply",
    "take_told",
    "unsubscribe",
    "update_campaign",
    "welcome_back",
]
