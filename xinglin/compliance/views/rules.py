"""The rules for people to read, and a sentence to try on them."""

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from xinglin.compliance import queries
from xinglin.compliance.permissions import Permission
from xinglin.core.access import StaffRequest, access, render_page

KIND_LABELS = {
    "ad": _("广告"),
    "wechat_article": _("公众号文章"),
    "sms": _("短信"),
    "community_post": _("社群发言"),
    "video_script": _("视频脚本"),
    "web_page": _("网页"),
    "case_story": _("病例故事"),
}
CLASS_LABELS = {
    "": _("自动判断"),
    "ad": _("医疗广告"),
    "science": _("健康科普"),
    "disclosure": _("信息公开"),
    "service": _("服务通知"),
}
SEVERITY_LABELS = {"block": _("阻断"), "warn": _("复核"), "info": _("提示")}


@require_GET
@access(Permission.VIEW_RULE)
def rule_list(request: StaffRequest) -> HttpResponse:
    """Every rule with its law in our own words; ``text`` is tried, ``rule`` asked why not."""
    search, family = request.GET.get("q", "").strip(), request.GET.get("family", "")
    rules = queries.list_rules(actor=request.actor, text=search, family=family)
    families = queries.count_by_family(request.actor)
    context = {
        "rules": rules,
        "q": search,
        "family": family,
        "families": families,
        "family_name": {code: name for code, name, _n in families}.get(family, ""),
        "total": sum(n for _code, _name, n in families),
        "kinds": KIND_LABELS,
        "classes": CLASS_LABELS,
        "severities": SEVERITY_LABELS,
        "text": request.GET.get("text", ""),
        "asked": request.GET.get("rule", ""),
        "every_rule": queries.list_rules(actor=request.actor),
        "version": queries.pack_version(request.actor),
    }
    return render_page(request, "compliance/rule_list.html", context)


@require_GET
@access(Permission.VIEW_RULE)
def rule_detail(request: StaffRequest, rule_id: str) -> HttpResponse:
    """One rule: what the law says, where it bites, what saves a sentence."""
    rule = queries.get_rule(actor=request.actor, rule_id=rule_id)
    context = {
        "rule": rule,
        "kinds": [KIND_LABELS[kind] for kind in rule.kinds],
        "severity": SEVERITY_LABELS[rule.severity],
        "words": sorted({word for pattern in rule.patterns for word in pattern.words}),
        "exceptions": queries.exceptions_of(rule),
        "silence": queries.silence_in_force(actor=request.actor, rule_id=rule.id, today=timezone.localdate()),
        "drafted": queries.find_drafted_silence(actor=request.actor, rule_id=rule.id),
        "may_edit": request.actor.can(Permission.EDIT_RULE),
    }
    return render_page(request, "compliance/rule_detail.html", context)
