from xinglin.content.actions.brand import (
    add_logo,
    check_artwork,
    make_logo_current,
    retire_logo,
    save_brand_kit,
)
from xinglin.content.actions.contributing import contribute
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
from xinglin.content.actions.outside import (
    MessageText,
    SheetText,
    text_for_messages,
    text_of_sheet,
    words_for_messages,
)
from xinglin.content.actions.pictures import PICTURE, findings_in, read_pictures
from xinglin.content.actions.plans import (
    import_metrics,
    open_sheet,
    plan_item,
    record_placement,
    record_removal,
    save_column,
    toggle_column,
)
from xinglin.content.actions.policy import delegate_reviews, edit_policy, end_delegation
from xinglin.content.actions.proofs import (
    register_case,
    register_certificate,
    remind_of_certificates,
    revoke_case,
    withdraw_certificate,
)
from xinglin.content.actions.stages import measure_items
from xinglin.content.actions.work import (
    add_comment,
    change_many,
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
    "MessageText",
    "NotInForce",
    "Order",
    "SheetText",
    "TooLong",
    "add_comment",
    "add_logo",
    "add_media",
    "archive_media",
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
    "render_material",
    "resolve_comment",
    "retire_logo",
    "retire_version",
    "retract_item",
    "retry_material",
    "revise_item",
    "revoke_case",
    "save_brand_kit",
    "save_column",
    "save_expert_plan",
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
