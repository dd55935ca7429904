"""Everything that is on record about one item: every text, verdict, rule-pack version, approver, time."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from xinglin.compliance.review import is_intact
from xinglin.content.models import ContentItem, ContentVersion
from xinglin.content.permissions import Permission
from xinglin.content.queries.items import names_in
from xinglin.content.queries.work import trail_of
from xinglin.content.rules.kinds import CaseScope
from xinglin.core.actor import Actor, require
from xinglin.directory.queries import action_words, get_own_organization, names_of_users

FORMAT = "xinglin-content-evidence/1"


def evidence_of(*, actor: Actor, item: ContentItem, now: datetime) -> dict[str, Any]:
    """The evidence of one item as plain data for JSON; times are ISO 8601 with offset."""
    require(actor, Permission.VIEW_CONTENT, item.organization_id)
    rows = item.versions.select_related("certificate", "cover", "medical_reviewer").order_by("number")
    versions = list(rows.prefetch_related("authors"))
    for version in versions:
        version.item = item
    hospital = get_own_organization(actor)
    names = names_in(versions)
    return {
        "format": FORMAT,
        "made_at": _time(now),
        "made_by": actor.name,
        "hospital": hospital.first_name or hospital.name,
        "item": {
            "id": str(item.public_id),
            "kind": item.kind,
            "kind_name": str(item.get_kind_display()),
            "slug": item.slug,
            "name": item.name,
            "stage": item.stage,
            "stage_name": str(item.get_stage_display()),
            "audience": str(item.get_audience_display()),
            "department": item.department.name if item.department else "",
            "authors": [staff.name for staff in item.authors.all()],
            "medical_reviewer": item.medical_reviewer.name if item.medical_reviewer else "",
            "published_at": _time(item.published_at),
            "published_version": item.published.number if item.published else None,
            "retracted_at": _time(item.retracted_at),
            "retracted_reason": item.retracted_reason,
            "authorisations": [
                {
                    "label": row.label,
                    "scope": [str(code.label) for code in CaseScope if code in row.scope],
                    "signed_on": row.signed_on.isoformat(),
                    "valid_until": row.valid_until.isoformat() if row.valid_until else "",
                    "revoked_at": _time(row.revoked_at),
                }
                for row in item.authorisations.all()
            ],
        },
        "files": [
            {"name": row.name, "media_type": row.media_type, "size": row.size, "sha256": row.sha256}
            for row in item.files.order_by("id")
        ],
        "placements": [
            {
                "channel": row.channel,
                "channel_name": str(row.get_channel_display()),
                "version": row.version.number,
                "sha256": row.text_hash,
                "url": row.final_url,
                "placed_at": _time(row.placed_at),
                "remove_asked_at": _time(row.remove_asked_at),
                "removed_at": _time(row.removed_at),
            }
            for row in item.placements.select_related("version").order_by("id")
        ],
        "versions": [_version(version, names) for version in versions],
        "trail": [
            {
                "at": _time(entry.at),
                "who": entry.actor_name,
                "role": entry.role,
                "action": entry.action,
                "action_name": action_words(entry.action),
                "reason": entry.reason,
                "detail": entry.detail,
            }
            for entry in reversed(trail_of(item, limit=1000))
        ],
    }


def _time(value: datetime | None) -> str:
    return timezone.localtime(value).isoformat(timespec="seconds") if value else ""


def _version(version: ContentVersion, names: dict[int, str]) -> dict[str, Any]:
    reviews = list(version.reviews.order_by("position"))
    people = names_of_users(
        user for row in reviews for user in (row.decided_by_id, row.on_behalf_of_id) if user
    )
    certificate = version.certificate
    return {
        "number": version.number,
        "title": version.title,
        "summary": version.summary,
        "body": version.body,
        "sources": version.sources,
        "audience": str(version.get_audience_display()),
        "authors": [staff.name for staff in version.authors.all()],
        "medical_reviewer": version.medical_reviewer.name if version.medical_reviewer else "",
        "cover_sha256": version.cover.sha256 if version.cover else "",
        "page_class": version.page_class,
        "page_class_name": str(version.get_page_class_display()),
        "valid_until": version.valid_until.isoformat() if version.valid_until else "",
        "certificate": certificate.number if certificate else "",
        "status": version.status,
        "status_name": str(version.get_status_display()),
        "sha256": version.content_hash,
        "is_intact": is_intact(version, version.payload),
        "written_by": [names.get(user, "") for user in version.author_ids],
        "written_at": _time(version.created_at),
        "submitted_by": names.get(version.submitted_by_id or 0, ""),
        "submitted_at": _time(version.submitted_at),
        "approved_by": names.get(version.approved_by_id or 0, ""),
        "approved_at": _time(version.approved_at),
        "verdict": version.verdict,
        "levels": [
            {
                "level": row.level,
                "level_name": str(row.get_level_display()),
                "status": row.status,
                "status_name": str(row.get_status_display()),
                "decided_by": people.get(row.decided_by_id or 0, ""),
                "on_behalf_of": people.get(row.on_behalf_of_id or 0, ""),
                "opened_at": _time(row.opened_at),
                "due_at": _time(row.due_at),
                "decided_at": _time(row.decided_at),
                "note": row.note,
                "sha256": row.text_hash,
                "rules": row.verdict.get("pack_version", ""),
                "verdict": row.verdict.get("verdict", ""),
            }
            for row in reviews
        ],
    }
