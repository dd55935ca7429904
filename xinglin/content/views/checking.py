"""What the editor asks while somebody types: findings, previews, how a text reads, a lawful science text."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST

from xinglin.compliance.checker import Finding
from xinglin.compliance.review import Judgement
from xinglin.content import actions, queries
from xinglin.content.models import ContentItem, ContentVersion, MediaAsset
from xinglin.content.permissions import Permission
from xinglin.content.rules.blocks import parse, plain_text
from xinglin.content.rules.changes import changed_words
from xinglin.content.rules.kinds import Channel, Kind
from xinglin.content.rules.lawful import as_science
from xinglin.content.rules.page_class import CONSEQUENCES, PageClass
from xinglin.content.rules.pieces import Piece, Run, pieces
from xinglin.core.access import StaffRequest, access
from xinglin.core.errors import DomainError
from xinglin.directory.queries import get_own_organization, hospital_id

MAX_CHARS = 50_000


def _draft(request: StaffRequest) -> ContentVersion:
    """The form's text as a version that is saved nowhere."""
    data = request.POST
    item: ContentItem | None = None
    try:
        if data.get("item"):
            item = queries.get_item(actor=request.actor, public_id=UUID(data["item"]))
    except (DomainError, ValueError):
        item = None
    kind = data.get("kind", "")
    item = item or ContentItem(
        organization_id=hospital_id(request.actor), kind=kind if kind in Kind.values else Kind.ARTICLE
    )
    version = ContentVersion(
        organization_id=item.organization_id,
        item=item,
        audience=item.audience,
        cover_id=item.cover_id,
        title=data.get("title", "").strip()[:120],
        summary=data.get("summary", "").strip()[:200],
        page_class=data["page_class"] if data.get("page_class") in PageClass.values else PageClass.SCIENCE,
        body=data.get("body", "").replace("\r\n", "\n")[:MAX_CHARS],
        sources=data.get("sources", ""),
    )
    try:
        if data.get("certificate"):
            paper = queries.get_certificate(actor=request.actor, public_id=UUID(data["certificate"]))
            version.certificate = paper
    except (DomainError, ValueError):
        version.certificate = None
    return version


def _of_text(judgement: Judgement) -> list[Finding]:
    return [finding for key, finding in judgement.findings if not key.startswith(actions.PICTURE)]


def _of_pictures(version: ContentVersion, judgement: Judgement) -> list[tuple[MediaAsset, Finding]]:
    """What was found in the words of pictures, with the picture."""
    rows = {str(row.public_id): row for row in queries.pictures_of(version)}
    return [
        (rows[key.split(":")[1]], finding)
        for key, finding in judgement.findings
        if key.startswith(actions.PICTURE)
    ]


def _placed(version: ContentVersion, findings: list[Finding]) -> list[Finding]:
    """Findings with offsets in the body alone; those of title and summary keep their words, not a place."""
    before = len(plain_text(version.title, version.summary, version.body)) - len(version.body)
    placed = []
    for finding in findings:
        if finding.start is None or finding.end is None:
            placed.append(finding)
            continue
        start, end = finding.start - before, finding.end - before
        inside = start >= 0 and end <= len(version.body)
        placed.append(replace(finding, start=start if inside else None, end=end if inside else None))
    return placed


@require_POST
@access(Permission.EDIT_CONTENT)
def finding_list(request: StaffRequest) -> HttpResponse:
    """The findings on the form's text; ``data-marks`` carries the places to underline in the body."""
    version, now = _draft(request), timezone.now()
    is_empty = not (version.title or version.body.strip())
    judgement = actions.judge_version(version, actor=request.actor, now=now)
    findings = [] if is_empty else _placed(version, _of_text(judgement))
    in_pictures = [] if is_empty else _of_pictures(version, judgement)
    problems = [] if is_empty else actions.look_at_draft(version, actor=request.actor, now=now)
    counted = [*findings, *(finding for _row, finding in in_pictures)]
    blocked = sum(f.severity == "block" for f in counted) + bool(problems)
    wanting = sum(f.severity == "warn" for f in counted)
    context = {
        "findings": findings,
        "in_pictures": in_pictures,
        "problems": problems,
        "blocked": blocked,
        "wanting": wanting,
        "marks": json.dumps(
            [
                {"start": f.start, "end": f.end, "block": f.severity == "block"}
                for f in findings
                if f.start is not None
            ]
        ),
        "pack_version": judgement.pack_version,
        "class_reason": judgement.class_reason,
        "consequence": CONSEQUENCES[PageClass(version.page_class)],
        "is_empty": is_empty,
        "may_be_science": version.page_class != PageClass.AD and blocked > 0,
    }
    return render(request, "content/_findings.html", context)


@require_POST
@access(Permission.EDIT_CONTENT)
def science_create(request: StaffRequest) -> HttpResponse:
    """The same text as lawful science, with every change shown; nothing is saved."""
    version, now = _draft(request), timezone.now()
    version.page_class = PageClass.SCIENCE

    def find(text: str) -> list[Finding]:
        version.body = text
        judgement = actions.judge_version(version, actor=request.actor, now=now)
        return _placed(version, _of_text(judgement))

    before = version.body
    after, taken = as_science(before, find)
    left = [finding for finding in find(after) if finding.severity == "block"]
    context = {
        "after": after,
        "taken": taken,
        "left": left,
        "changes": changed_words(before, after),
        "title_left": [finding for finding in left if finding.start is None],
    }
    return render(request, "content/_science.html", context)


@require_POST
@access(Permission.EDIT_CONTENT)
def channel_preview(request: StaffRequest) -> HttpResponse:
    """The form's text as one channel would show it."""
    version = _draft(request)
    channel = request.POST.get("channel", Channel.SITE)
    hospital = get_own_organization(request.actor)
    blocks = parse(version.body)
    if version.page_class == PageClass.SCIENCE or channel != Channel.SITE:
        blocks = [block for block in blocks if not block.is_way]
    spoken = sum(len(block.text) + sum(map(len, block.items)) for block in blocks)
    sms = f"【{hospital.first_name or hospital.name}】{version.body.strip()} 拒收请回复R"
    context: dict[str, Any] = {
        "version": version,
        "channel": channel,
        "channels": Channel.choices,
        "blocks": blocks,
        "hospital": hospital,
        "sms": sms,
        # A long message is billed in parts of 67 characters, one of up to 70 as one.
        "sms_parts": 1 if len(sms) <= 70 else -(-len(sms) // 67),
        "seconds": -(-spoken // 4),
        "note": _("公众号文章里不放外链和二维码以外的入口") if channel == Channel.WECHAT else "",
    }
    return render(request, "content/_channel_preview.html", context)


@require_POST
@access(Permission.EDIT_CONTENT)
def piece_list(request: StaffRequest) -> JsonResponse:
    """The form's body piece by piece, as the page will read it, with places in UTF-16 units of that body."""
    body = request.POST.get("body", "").replace("\r\n", "\n")
    if len(body) > MAX_CHARS:
        return JsonResponse({"pieces": None}, status=422)
    hospital = get_own_organization(request.actor)
    ways = {
        "booking": pgettext("内容", "预约"),
        "doctors": _("（这里列出医生和可约时间）"),
        "phone": hospital.phone,
        "address": hospital.address,
    }
    return JsonResponse({"pieces": [_as_json(piece, ways) for piece in pieces(body)]})


def _as_json(piece: Piece, ways: dict[str, str]) -> dict[str, Any]:
    shown: dict[str, Any] = {"kind": piece.kind, "start": piece.start, "end": piece.end}
    if piece.block is None:
        return {**shown, "term": _plain(piece.term), "runs": _plain(piece.runs)}
    if piece.block.is_way:
        return {**shown, "label": ways[piece.block.kind] or "—"}
    return {
        **shown,
        "alt": piece.block.text,
        "panorama": piece.block.kind in ("panorama", "model"),
        "src": f"{reverse('content:media-file', args=[piece.block.media])}?still",
    }


def _plain(runs: tuple[Run, ...]) -> list[tuple[str, str, str, int]]:
    return [(run.text, run.kind, run.url, run.at) for run in runs]
