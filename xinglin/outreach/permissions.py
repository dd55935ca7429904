"""What a person may do in outreach; roles map to these codes."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """Codes of the module."""

    VIEW_CAMPAIGN = "outreach.campaign.view"
    EDIT_CAMPAIGN = "outreach.campaign.edit"
    START_CAMPAIGN = "outreach.campaign.start"
    FREEZE = "outreach.campaign.freeze"
    VIEW_MESSAGE = "outreach.message.view"
    RESOLVE_MESSAGE = "outreach.message.resolve"
    EDIT_RULES = "outreach.rules.edit"
    EDIT_PROVIDER = "outreach.provider.edit"
    DO_HAND_TASK = "outreach.hand_task.do"
    VIEW_TEMPLATE = "outreach.template.view"
    EDIT_TEMPLATE = "outreach.template.edit"
    APPROVE_TEMPLATE = "outreach.template.approve"


LABELS: dict[Permission, str | Promise] = {
    Permission.VIEW_CAMPAIGN: _("看群发和结果"),
    Permission.EDIT_CAMPAIGN: _("起草和修改群发"),
    Permission.START_CAMPAIGN: _("开始、暂停、取消群发"),
    Permission.FREEZE: _("暂停全部营销发送"),
    Permission.VIEW_MESSAGE: _("看消息记录"),
    Permission.RESOLVE_MESSAGE: _("处理未确认和发送失败的消息、患者的回复，停发和恢复"),
    Permission.EDIT_RULES: _("设置本院的发送时段和频次"),
    Permission.EDIT_PROVIDER: _("设置发送通道"),
    Permission.DO_HAND_TASK: _("打电话、寄信"),
    Permission.VIEW_TEMPLATE: _("看消息模板"),
    Permission.EDIT_TEMPLATE: _("编写消息模板"),
    Permission.APPROVE_TEMPLATE: _("批准消息模板"),
}
