"""Replay: what a drafted layer would change in everything the hospital has said before."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinglin.compliance import queries
from xinglin.compliance.corpus import PastText, sources
from xinglin.compliance.engine.rulebook import Rulebook
from xinglin.compliance.models import LayerVersion
from xinglin.compliance.results import Finding
from xinglin.compliance.review.judging import judge_parts
from xinglin.core.jobs import JobRun, job

_SHOWN = 200
_BATCH = 50


@job("compliance.replay", lease=120)
def replay(run: JobRun) -> None:
    """Judge every past text twice; a version that was switched on or discarded meanwhile is left alone."""
    draft = LayerVersion.objects.filter(pk=run.args["version"], activated_at__isnull=True).first()
    if draft is None:
        return
    organization_id = draft.organization_id
    overlay = queries.overlay_at(organization_id, draft.number)
    before = queries.rulebook_of(organization_id)
    after = queries.rulebook_at(organization_id, draft.number)
    total = sum(source.count(organization_id) for source in sources())
    outcome: dict[str, Any] = {"checked": 0, "changed": 0, "stricter": 0, "milder": 0, "texts": []}
    run.progress(0, total)
    for source in sources():
        for text in source.texts(organization_id):
            outcome["checked"] += 1
            change = _compared(text, before, after, run)
            if change is not None:
                outcome["changed"] += 1
                outcome["stricter" if change["is_stricter"] else "milder"] += 1
                if len(outcome["texts"]) < _SHOWN:
                    outcome["texts"].append({"source": source.code, **change})
            if outcome["checked"] % _BATCH == 0:
                run.stop_if_cancelled()
                run.progress(outcome["checked"], total)
    run.progress(outcome["checked"], outcome["checked"])
    name = queries.overlay_hash(overlay)
    LayerVersion.objects.filter(pk=draft.pk, activated_at__isnull=True).update(
        replay=outcome, replayed_hash=name
    )
    run.log(_("看了 %(n)s 篇，%(m)s 篇的结论会变") % {"n": outcome["checked"], "m": outcome["changed"]})
    run.link(f"{reverse('compliance:own-list')}?replay={name[:8]}#replay")


def _compared(text: PastText, before: Rulebook, after: Rulebook, run: JobRun) -> dict[str, Any] | None:
    now = run.now()
    old = judge_parts(text.parts, now=now, rulebook=before)
    new = judge_parts(text.parts, now=now, rulebook=after)
    was = {(key, f.rule, f.start, f.severity) for key, f in old.findings}
    will = {(key, f.rule, f.start, f.severity) for key, f in new.findings}
    if was == will and old.verdict == new.verdict:
        return None
    added = [f for key, f in new.findings if (key, f.rule, f.start, f.severity) not in was]
    gone = [f for key, f in old.findings if (key, f.rule, f.start, f.severity) not in will]
    rank = ("pass", "review", "block").index
    return {
        "label": text.label,
        "url": text.url,
        "before": old.verdict,
        "after": new.verdict,
        "is_stricter": rank(new.verdict) > rank(old.verdict) or (new.verdict == old.verdict and bool(added)),
        "added": _named(added),
        "gone": _named(gone),
    }


def _named(findings: list[Finding]) -> list[dict[str, str]]:
    """At most five, what stands in several places once."""
    pairs = list(dict.fromkeys((finding.rule, finding.quote[:40]) for finding in findings))
    return [{"rule": rule, "quote": quote} for rule, quote in pairs[:5]]
