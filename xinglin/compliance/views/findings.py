"""What the editors ask while somebody types."""

import json
from dataclasses import replace

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from xinglin.compliance import queries
from xinglin.compliance.checker import Item, check
from xinglin.compliance.whynot import why_not
from xinglin.core.access import StaffRequest, signed_in

MAX_CHARS = 50_000


@require_POST
@signed_in
def finding_list(request: StaffRequest) -> HttpResponse:
    """The findings on one text as a fragment; ``data-marks`` carries the places to underline."""
    text = (request.POST.get("text") or request.POST.get("body", "")).replace("\r\n", "\n")[:MAX_CHARS]
    try:
        meta = json.loads(request.POST.get("meta") or "{}")
    except ValueError:
        meta = {}
    if isinstance(meta, dict) and request.POST.get("page_class"):
        meta["page_class"] = request.POST["page_class"]
    item = Item(kind=request.POST.get("kind", "ad"), text=text, meta=meta if isinstance(meta, dict) else {})
    book = queries.rulebook_of(request.actor.organization_id)
    explain = "explain" in request.POST or "rule" in request.POST
    result = check(item, now=timezone.now(), explain=explain, rulebook=book)
    if not text.strip():
        result = replace(result, findings=())
    marks = [
        {"start": finding.start, "end": finding.end, "block": finding.severity == "block"}
        for finding in result.findings
        if finding.start is not None
    ]
    asked = book.rules.get(request.POST.get("rule", ""))
    context = {
        "result": result,
        "marks": json.dumps(marks),
        "is_empty": not text.strip(),
        "asked": asked,
        "why_not": why_not(asked, item, result, today=timezone.localdate()) if asked else "",
    }
    return render(request, "compliance/_findings.html", context)
