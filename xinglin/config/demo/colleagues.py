"""What colleagues do around the demo's texts: remarks, standing in, a text that becomes a template."""

from datetime import datetime, timedelta
from typing import Final

from xinglin.config.demo.hospital import Hospital
from xinglin.content import actions as content
from xinglin.content.models import ContentItem, ContentVersion
from xinglin.core.actor import Actor
from xinglin.directory.queries import actor_for
from xinglin.outreach.actions.from_content import draft_from_content

#: Title, who says it, the passage, the words, whether it was dealt with.
REMARKS: Final = (
    (
        "甲状腺结节查出来以后先别慌",
        "reviewer",
        "多数结节是良性的",
        "这里要有数字或出处，指南里写的是多少？",
        False,
    ),
    ("甲状腺结节查出来以后先别慌", "doctor", "不要自己吃偏方", "可以加一句：碘盐照常吃，听医生的。", False),
    ("甲状腺结节查出来以后先别慌", "content", "", "配图想用超声科拍的那张，已经问过他们。", True),
    ("装了支架以后怎么运动", "director", "能边走边说话为宜", "这句好懂，短视频里也用它。", False),
    ("智齿不痛要不要拔", "content", "", "出处找到了，今天改完再送审。", False),
)


def work_together(hospital: Hospital, *, now: datetime) -> None:
    """Remarks beside texts that wait, two colleagues who stand in, the notice of reports as a template."""

    def actor(role: str) -> Actor:
        return actor_for(hospital.members[role])

    items = ContentItem.objects.filter(organization_id=hospital.organization.pk)
    for title, role, quote, text, is_resolved in REMARKS:
        item = items.filter(name=title).first()
        if item is None:
            continue
        row = content.add_comment(
            actor=actor(role), public_id=item.public_id, text=text, quote=quote, now=now
        )
        if is_resolved:
            content.resolve_comment(actor=actor(role), public_id=row.public_id, now=now)
    for role, first, days, reason in (("executive", -1, 4, "外出开会"), ("reviewer", 9, 6, "年假")):
        starts_on = (now + timedelta(days=first)).date()
        content.delegate_reviews(
            actor=actor(role),
            from_user_id=actor(role).user_id or 0,
            to_user_id=actor("director").user_id or 0,
            starts_on=starts_on,
            ends_on=starts_on + timedelta(days=days),
            reason=reason,
            now=now,
        )
    texts = ContentVersion.objects.filter(
        organization_id=hospital.organization.pk, item__kind="message_text", status="approved"
    )
    for version in texts.order_by("pk")[:1]:
        draft_from_content(actor=actor("content"), version=version.public_id, now=now)
