"""The evidence file of one item: a page to choose from, PDF and JSON."""

from pathlib import Path
from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from xinglin.content import actions, queries
from xinglin.content.permissions import Permission
from xinglin.core.access import StaffRequest, access
from xinglin.core.typeset import typeset

TEMPLATE = Path(__file__).resolve().parent.parent / "paper" / "evidence.typ"


@require_GET
@access(Permission.VIEW_CONTENT)
def evidence(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """PDF, or JSON with ``?format=json``; that it was taken is on record too."""
    now = timezone.now()
    item = queries.get_item(actor=request.actor, public_id=public_id)
    form = "json" if request.GET.get("format") == "json" else "pdf"
    data = queries.evidence_of(actor=request.actor, item=item, now=now)
    actions.note_evidence_taken(actor=request.actor, item=item, form=form, now=now)
    if form == "json":
        answer: HttpResponse = JsonResponse(data, json_dumps_params={"ensure_ascii": False, "indent": 2})
    else:
        answer = HttpResponse(
            typeset(TEMPLATE, _for_paper(data), made_at=now)[0], content_type="application/pdf"
        )
    answer["Content-Disposition"] = f'attachment; filename="evidence-{item.slug}.{form}"'
    return answer


def _for_paper(data: dict[str, Any]) -> dict[str, Any]:
    """The same data as rows of text in the reader's language."""
    item = data["item"]
    return {
        "lang": "en" if (get_language() or "").startswith("en") else "zh",
        "hospital": data["hospital"],
        "item": item,
        "words": {
            "title": _("内容存证"),
            "sources": _("出处"),
            "findings": _("检查结果"),
            "finding_head": [_("规则"), _("程度"), _("原文"), pgettext("内容", "依据")],
            "levels": _("各级审核"),
            "level_head": [_("级别"), _("结果"), _("审核人"), _("时间"), _("意见与证据")],
            "trail": _("经过"),
        },
        "facts": [
            [_("种类"), f"{item['kind_name']}　/{item['slug']}/"],
            [_("进度"), item["stage_name"]],
            [_("科室"), item["department"]],
            [_("作者"), "、".join(item["authors"])],
            [_("医学审核"), item["medical_reviewer"]],
            [_("公开于"), item["published_at"]],
            [_("撤下"), f"{item['retracted_at']}　{item['retracted_reason']}".strip()],
            [
                _("病例授权"),
                "；".join(
                    f"{a['label']} {a['signed_on']} {'、'.join(a['scope'])}"
                    + (f"（{_('撤回')} {a['revoked_at']}）" if a["revoked_at"] else "")
                    for a in item["authorisations"]
                ),
            ],
            [_("文件"), "；".join(f"{f['name']}　SHA-256 {f['sha256']}" for f in data["files"])],
            [_("外部渠道"), "；".join(_placement(row) for row in data["placements"])],
            [_("取证"), f"{data['made_by']}　{data['made_at']}"],
        ],
        "versions": [_version_rows(version) for version in data["versions"]],
        "trail": [[e["at"], e["who"], e["action_name"], e["reason"]] for e in data["trail"]],
    }


def _placement(row: dict[str, Any]) -> str:
    parts = [row["channel_name"], f"v{row['version']}", row["placed_at"] or str(_("还没发")), row["url"]]
    if row["removed_at"]:
        parts.append(f"{_('已撤')} {row['removed_at']}")
    return " ".join(part for part in parts if part)


def _version_rows(version: dict[str, Any]) -> dict[str, Any]:
    verdict = version["verdict"] or {}
    return {
        "number": version["number"],
        "title": version["title"],
        "summary": version["summary"],
        "body": version["body"],
        "sources": version["sources"],
        "facts": [
            [_("状态"), version["status_name"]],
            [_("类别"), version["page_class_name"]],
            [_("作者"), "、".join(version["authors"])],
            [_("医学审核"), version["medical_reviewer"]],
            [_("写作"), f"{'、'.join(version['written_by'])}　{version['written_at']}"],
            [_("送审"), f"{version['submitted_by']}　{version['submitted_at']}".strip("　")],
            [_("批准"), f"{version['approved_by']}　{version['approved_at']}".strip("　")],
            [
                _("自检"),
                f"{verdict.get('verdict', '')}　{_('规则')} {verdict.get('pack_version', '')}"
                if verdict
                else "",
            ],
            [_("审查证明"), version["certificate"]],
            [_("有效期至"), version["valid_until"]],
            ["SHA-256", version["sha256"]],
        ],
        "findings": [
            [f["rule"], f["severity"], f["quote"] or "–", "；".join(f["article"])]
            for f in verdict.get("findings", ())
        ],
        "levels": [
            [
                level["level_name"],
                level["status_name"],
                level["decided_by"]
                + (f"（{_('代')}{level['on_behalf_of']}）" if level["on_behalf_of"] else ""),
                level["decided_at"] or level["due_at"],
                level["note"],
            ]
            for level in version["levels"]
        ],
    }
