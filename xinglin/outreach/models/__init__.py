from xinglin.outreach.models.article import ArticleDraft
from xinglin.outreach.models.campaign import Campaign, CampaignMember, CampaignVariant
from xinglin.outreach.models.channels import Channel
from xinglin.outreach.models.hand import HandTask, InboxItem, StaffTask
from xinglin.outreach.models.message import Message, TrackedLink
from xinglin.outreach.models.policy import GateLayer, JourneyOutlet, OrganizationFreeze, Suppression
from xinglin.outreach.models.provider import (
    HookEvent,
    MiniGrant,
    Provider,
    ProviderTemplate,
    ProviderToken,
    Reply,
)
from xinglin.outreach.models.sink import SinkMessage
from xinglin.outreach.models.template import MessageTemplate, TemplateVersion

__all__ = [
    "ArticleDraft",
    "Campaign",
    "CampaignMember",
    "CampaignVariant",
    "Channel",
    "GateLayer",
    "HandTask",
    "HookEvent",
    "InboxItem",
    "JourneyOutlet",
    "Message",
    "MessageTemplate",
    "MiniGrant",
    "OrganizationFreeze",
    "Provider",
    "ProviderTemplate",
    "ProviderToken",
    "Reply",
    "SinkMessage",
    "StaffTask",
    "Suppression",
    "TemplateVersion",
    "TrackedLink",
]
