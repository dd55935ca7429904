from xinglin.content.actions.brand import (
    add_logo,
    check_artwork,
    make_logo_current,
    retire_logo,
    save_brand_kit,
)
from xinglin.content.actions.contributing import contribute
from xinglin.content.actions.days import change_column, remove_theme, save_theme
from xinglin.content.actions.experts import (
    consent_to_plan,
    edit_expert_plan,
    save_expert_plan,
    withdraw_plan,
)
from xinglin.content.actions.files import keep_file, keep_proof, note_proof_read, remove_file
from xinglin.content.actions.judging import deviations_of, judge_version, look_at_draft
from xinglin.content.actions.lapse import publish_due, take_down_lapsed
from xinglin.content.actions.links import close_short_link, create_short_link, note_click, url_of
from xinglin.content.actions.many import Changed, change_batch, change_many
from xinglin.content.actions.materials import (
    NotInForce,
    Order,
    create_material,
    preview_material,
    render_material,
    retry_material,
    take_material,
    withdraw_material,
)
from xinglin.content.actions.media import add_media, archive_media
from xinglin.content.actions.metrics import Imported, import_metrics
from xinglin.content.actions.outside import (
    MessageText,
    SheetText,
    text_for_messages,
    text_of_sheet,
    words_for_messages,
)
from xinglin.content.actions.pictures import PICTURE, findings_in, read_pictures
from xinglin.content.actions.plans import (
    open_sheet,
    plan_item,
    record_placement,
    record_removal,
    save_column,
    toggle_column,
)
from xinglin.content.actions.policy import delegate_reviews, edit_policy, end_delegation
from xinglin.content.actions.proofs import (
    answer_reminder,
    name_patient,
    register_case,
    register_certificate,
    remind_of_certificates,
    revoke_case,
    revoke_cases_of,
    withdraw_certificate,
)
from xinglin.content.actions.stages import measure_items
from xinglin.content.actions.work import (
    add_comment,
    delete_view,
    note_evidence_taken,
    resolve_comment,
    save_view,
)
from xinglin.content.actions.workflow import (
    decide_item,
    publish_item,
    retire_version,
    retract_item,
    schedule_item,
    submit_item,
    unschedule_item,
)
from xinglin.content.actions.writing import check_item, create_item, edit_facts, revise_item
from xinglin.content.brand import TooLong

__all__ = [
    "PICTURE",
    "Changed",
    "Imported",
    "MessageText",
    "NotInForce",
    "Order",
    "SheetText",
    "TooLong",
    "add_comment",
    "add_logo",
    "add_media",
    "answer_reminder",
    "archive_media",
    "change_batch",
    "change_column",
    "change_many",
    "check_artwork",
    "check_item",
    "close_short_link",
    "consent_to_plan",
    "contribute",
    "create_item",
    "create_material",
    "create_short_link",
    "decide_item",
    "delegate_reviews",
    "delete_view",
    "deviations_of",
    "edit_expert_plan",
    "edit_facts",
    "edit_policy",
    "end_delegation",
    "findings_in",
    "import_metrics",
    "judge_version",
    "keep_file",
    "keep_proof",
    "look_at_draft",
    "make_logo_current",
    "measure_items",
    "name_patient",
    "note_click",
    "note_evidence_taken",
    "note_proof_read",
    "open_sheet",
    "plan_item",
    "preview_material",
    "publish_due",
    "publish_item",
    "read_pictures",
    "record_placement",
    "record_removal",
    "register_case",
    "register_certificate",
    "remind_of_certificates",
    "remove_file",
    "remove_theme",
    "render_material",
    "resolve_comment",
    "retire_logo",
    "retire_version",
    "retract_item",
    "retry_material",
    "revise_item",
    "revoke_case",
    "revoke_cases_of",
    "save_brand_kit",
    "save_column",
    "save_expert_plan",
    "save_theme",
    "save_view",
    "schedule_item",
    "submit_item",
    "take_down_lapsed",
    "take_material",
    "text_for_messages",
    "text_of_sheet",
    "toggle_column",
    "unschedule_item",
    "url_of",
    "withdraw_certificate",
    "withdraw_material",
    "withdraw_plan",
    "words_for_messages",
]
