"""What outreach shows on a patient's page, and beside an approved text."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xinglin.compliance.review import ReviewStatus
from xinglin.content.panels_registry import Panel as TextPanel
from xinglin.content.panels_registry import text_panel
from xinglin.content.permissions import Permission as Content
from xinglin.core.actor import Actor
from xinglin.outreach import queries
from xinglin.outreach.permissions import Permission
from xinglin.outreach.queries.gate_rules import rules_for
from xinglin.outreach.queries.templates import list_templates_of_item
from xinglin.patients.panels_registry import Panel, patient_panel

if TYPE_CHECKING:
    from xinglin.content.models import ContentVersion
    from xinglin.patients.models import Patient


@patient_panel(order=30)
def messages(actor: Actor, patient: "Patient", *, now: datetime) -> Panel | None:
    """The latest messages, sent or refused, what came back, and what is stopped for this person."""
    if not actor.can(Permission.VIEW_MESSAGE):
        return None
    rules = rules_for(patient.organization_id)
    rows = []
    for message in queries.list_patient_messages(actor=actor, patient_id=patient.pk)[:5]:
        check = rules.check(message.reason) if message.reason else None
        rows.append({"message": message, "refusal": check.refusal if check else ""})
    url = reverse("outreach:person", args=[patient.public_id])
    stopped = list(queries.list_suppressions(actor, patient_id=patient.pk)[:5])
    return Panel(
        title=_("消息"),
        template="outreach/panels/messages.html",
        context={
            "rows": rows,
            "stopped": stopped,
            "replies": list(queries.list_replies(actor, patient_id=patient.pk)[:3]),
            "replies_url": f"{url}?show=replies",
        },
        url=url,
        url_label=_("全部和停发"),
    )


@patient_panel(order=31)
def grants(actor: Actor, patient: "Patient", *, now: datetime) -> Panel | None:
    """What the mini-program may still send to this person; nothing where it never asked."""
    rows = queries.grants_of(actor, patient_id=patient.pk) if actor.can(Permission.VIEW_MESSAGE) else []
    if not rows:
        return None
    return Panel(title=_("小程序订阅"), template="outreach/panels/grants.html", context={"rows": rows})


@text_panel
def draft(actor: Actor, version: "ContentVersion", *, now: datetime) -> TextPanel | None:
    """Where an item's draft in the official account stands, and the button that sends this version there."""
    row = queries.find_article_draft(version.organization_id, version.item_id)
    may_send = version.status == "approved" and actor.can(Content.PUBLISH_CONTENT)
    if row is None and not may_send:
        return None
    context = {
        "row": row,
        "may_send": may_send,
        "is_this": row is not None and row.text_hash == version.content_hash,
        "has_account": queries.has_official_account(version.organization_id),
        "may_set_up": actor.can(Permission.EDIT_PROVIDER),
    }
    return TextPanel(
        title=_("公众号草稿箱"), template="outreach/panels/draft.html", channel="wechat", context=context
    )


@text_panel
def templates(actor: Actor, version: "ContentVersion", *, now: datetime) -> TextPanel | None:
    """The message templates made from a text for messages, and the button that makes the next one."""
    if version.item.kind != "message_text" or not actor.can(Permission.VIEW_TEMPLATE):
        return None
    rows, states = list_templates_of_item(actor=actor, item_id=version.item_id), dict(ReviewStatus.choices)
    for row in rows:
        row.latest_label = states.get(row.latest_status, "")
    current = next((row for row in rows if not row.is_archived), None)
    is_current = current is not None and current.latest_source == version.pk
    context = {
        "rows": rows,
        "current": current,
        "may_make": version.status == "approved" and actor.can(Permission.EDIT_TEMPLATE) and not is_current,
    }
    return TextPanel(
        title=_("消息模板"), template="outreach/panels/templates.html", channel="", context=context
    )
