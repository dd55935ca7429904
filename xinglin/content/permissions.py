"""What a person may do with what the hospital says."""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Permission(StrEnum):
    """Codes of the module. Contributing a note needs none: everybody who works here may."""

    VIEW_CONTENT = "content.item.view"
    EDIT_CONTENT = "content.item.edit"
    PUBLISH_CONTENT = "content.item.publish"
    REVIEW_MEDICAL = "content.medical.approve"
    REVIEW_COMPLIANCE = "content.compliance.approve"
    REVIEW_FINAL = "content.final.approve"
    REVIEW_LEADER = "content.leader.approve"
    EDIT_CERTIFICATE = "content.certificate.edit"
    EDIT_CASE = "content.case.edit"
    EDIT_POLICY = "content.policy.edit"
    EDIT_PLAN = "content.plan.edit"
    VIEW_BRAND = "content.brand.view"
    EDIT_BRAND = "content.brand.edit"
    MAKE_MATERIAL = "content.material.make"


#: The permission each level asks for.
FOR_LEVEL: dict[str, Permission] = {
    "medical": Permission.REVIEW_MEDICAL,
    "compliance": Permission.REVIEW_COMPLIANCE,
    "final": Permission.REVIEW_FINAL,
    "leader": Permission.REVIEW_LEADER,
}
REVIEWING = tuple(FOR_LEVEL.values())

LABELS: dict[Permission, str | Promise] = {
    Permission.VIEW_CONTENT: _("看内容库"),
    Permission.EDIT_CONTENT: _("编写内容"),
    Permission.PUBLISH_CONTENT: _("排期、发布和撤下内容"),
    Permission.REVIEW_MEDICAL: _("医学审核"),
    Permission.REVIEW_COMPLIANCE: _("合规审核"),
    Permission.REVIEW_FINAL: _("终审"),
    Permission.REVIEW_LEADER: _("院领导签发"),
    Permission.EDIT_CERTIFICATE: _("登记医疗广告审查证明"),
    Permission.EDIT_CASE: _("登记和撤回病例授权"),
    Permission.EDIT_POLICY: _("设定审批层级和时限"),
    Permission.EDIT_PLAN: _("排日历、栏目和专家计划"),
    Permission.VIEW_BRAND: _("看品牌和物料"),
    Permission.EDIT_BRAND: _("改品牌：标志、颜色、口号"),
    Permission.MAKE_MATERIAL: _("制作和撤下物料、短链接"),
}
