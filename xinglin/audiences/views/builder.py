"""The builder: the tree travels as a hidden field, every change comes back as a fragment."""

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from xinglin.audiences import actions, queries
from xinglin.audiences.forms import builder as form
from xinglin.audiences.forms.choices import choices
from xinglin.audiences.models import Audience
from xinglin.audiences.permissions import Permission
from xinglin.audiences.queries import answers, asking, exchange
from xinglin.audiences.queries.compile import Question
from xinglin.audiences.queries.lake import UNANSWERED, QueryStopped, stoppable
from xinglin.audiences.queries.overlap import part_tree
from xinglin.audiences.queries.people import Shown, people_by_id
from xinglin.audiences.queries.stopping import stop_of
from xinglin.audiences.rules import edit, evidence, ready_made
from xinglin.audiences.rules.edit import Json
from xinglin.audiences.rules.parse import BadQuestion, validate
from xinglin.audiences.rules.vocabulary import CHANNELS
from xinglin.audiences.rules.words import Reader
from xinglin.core.access import StaffRequest, access
from xinglin.core.errors import DomainError, NotFound
from xinglin.patients import queries as patients

PARTS = ("first", "both", "second")


def state(request: StaffRequest) -> Json:
    """The tree as posted: the hidden JSON with every row's controls read over it."""
    tree = form.read_tree(request.POST.get("tree", ""))
    changed: Json = form.apply_fields(tree, form.posted_fields(request.POST), asking.kinds())
    return changed


def ask(request: StaffRequest, tree: Json, *, complete: bool = True) -> Question:
    """The posted question, asked as of now."""
    organization_id = request.actor.organization_id
    assert organization_id is not None
    moment = asking.as_of_for(organization_id, None, now=timezone.now())
    own = request.POST.get("own", "")
    return asking.understand(
        tree, organization_id=organization_id, as_of=moment, own_name=own, complete=complete
    )


def shape(request: StaffRequest, tree: Json, *, new_key: str = "") -> dict[str, Any]:
    """What the fragment shows: rows with their problems, the sentence, the choices of every control."""
    organization_id = request.actor.organization_id
    assert organization_id is not None
    top = form.rows_of(tree)
    words, question = "", None
    try:
        question = ask(request, tree)
        words = asking.words_of(organization_id, question.tree)
    except BadQuestion as error:
        form.mark(top, error.problems)
    reader = Reader(kinds=asking.kinds())
    for row in form.walk(top):
        row.is_new = bool(new_key) and row.key == new_key
        row.phrase = _phrase(reader, tree, row)
    return {
        "top": top,
        "tree_json": json.dumps(tree, ensure_ascii=False),
        "words": words,
        "is_sound": question is not None,
        "choices": choices(request.actor, own=request.POST.get("own", "")),
    }


def _phrase(reader: Reader, tree: Json, row: form.Row) -> str:
    if row.mode:
        return ""
    try:
        return reader.phrase(validate(edit.get(tree, row.leaf_path), complete=False))
    except (BadQuestion, KeyError):
        return ""


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_AUDIENCE)
def audience_create(request: StaffRequest) -> HttpResponse:
    """A new audience, empty, from one that comes with the house, or a part of two that overlap."""
    part, first, second = (request.GET.get(key, "") for key in ("part", "a", "b"))
    if part in PARTS and first and second:
        texts = {"first": _("%(a)s，不在%(b)s"), "both": _("%(a)s且%(b)s"), "second": _("%(b)s，不在%(a)s")}
        name = (texts[part] % {"a": first, "b": second})[:80]
        return _page(request, None, part_tree(part, first, second), name=name, note="")
    offered = ready_made.find(request.GET.get("ready", ""))
    tree = edit.normal(offered.tree) if offered else {"all": []}
    return _page(
        request, None, tree, name=offered.name if offered else "", note=offered.note if offered else ""
    )


@require_http_methods(["GET", "POST"])
@access(Permission.EDIT_AUDIENCE)
def audience_update(request: StaffRequest, public_id: UUID) -> HttpResponse:
    """Change an audience; a changed question becomes a new version."""
    audience = queries.get_audience(request.actor, public_id)
    tree = edit.normal(queries.current_version(audience).tree)
    return _page(request, audience, tree, name=audience.name, note=audience.note)


def _page(
    request: StaffRequest, audience: Audience | None, tree: Json, *, name: str, note: str
) -> HttpResponse:
    values = {
        "name": name,
        "note": note,
        "refresh": audience.refresh if audience else Audience.Refresh.NIGHTLY,
    }
    problem: dict[str, Any] = {}
    new_key, status = "", 200
    if request.method == "POST":
        values = {key: request.POST.get(key, "") for key in values}
        tree = state(request)
        if button := request.POST.get("do"):
            tree, new_key = form.press(tree, button)
        else:
            saved, problem = _save(request, audience, tree, values)
            if saved is not None:
                return saved
            status = 422
    context = {
        "audience": audience,
        "values": values,
        "trouble": problem,
        "refreshes": Audience.Refresh.choices,
        "sizes": [float(s.size) for s in reversed(queries.list_sizes(audience, limit=17))]
        if audience
        else [],
        "uses": queries.list_uses(audience) if audience else [],
        "number": queries.current_version(audience).number if audience else 0,
        **shape(request, tree, new_key=new_key),
    }
    return render(request, "audiences/builder.html", context, status=status)


def _save(
    request: StaffRequest, audience: Audience | None, tree: Json, values: dict[str, str]
) -> tuple[HttpResponse | None, dict[str, Any]]:
    """Save, or say what is in the way. A copy is a new audience under the name given."""
    is_copy = request.POST.get("as") == "copy"
    try:
        saved = actions.save_audience(
            actor=request.actor,
            public_id=audience.public_id if audience and not is_copy else None,
            tree=tree,
            now=timezone.now(),
            **values,
        )
    except DomainError as error:
        return None, {
            "message": str(error),
            "fields": error.fields,
            "is_tree": isinstance(error, BadQuestion),
        }
    messages.success(request, _("已保存「%(name)s」") % {"name": saved.name})
    return HttpResponseRedirect(reverse("audiences:detail", args=[saved.public_id])), {}


@require_POST
@access(Permission.EDIT_AUDIENCE)
def conditions(request: StaffRequest) -> HttpResponse:
    """The conditions after a change of a control or a press of a button."""
    tree, new_key = form.press(state(request), request.POST.get("do", ""))
    response = render(request, "audiences/_conditions.html", shape(request, tree, new_key=new_key))
    response["HX-Trigger-After-Settle"] = "conditions-changed"
    return response


@require_POST
@access(Permission.EDIT_AUDIENCE)
def numbers(request: StaffRequest) -> HttpResponse:
    """People left after each row, the total, whom which channel reaches, and a sample."""
    tree = state(request)
    context: dict[str, Any] = {"top": form.rows_of(tree), "size": request.POST.get("size", "")}
    try:
        question = ask(request, tree)
        with stoppable(stop_of(request.actor, _run(request))):
            found = answers.funnel(question)
            context |= {"funnel": found, "lines": funnel_lines(context["top"], found)}
            context["reach"] = [
                (str(CHANNELS[channel]), found.reach[channel]) for channel in ("wechat", "wecom", "sms")
            ]
            context |= _sample(request, question, seed=0)
    except QueryStopped:
        context |= {"problem": _("已停下，没有数完"), "is_stopped": True}
    except (BadQuestion, *UNANSWERED) as error:
        context["problem"] = (
            _("先把标红的条件改好，再算人数") if isinstance(error, BadQuestion) else str(error)
        )
    return render(request, "audiences/_numbers.html", context)


def _run(request: StaffRequest) -> UUID | None:
    try:
        return UUID(request.POST.get("run", ""))
    except ValueError:
        return None


@require_POST
@access(Permission.EDIT_AUDIENCE)
def numbers_stop(request: StaffRequest, run: UUID) -> HttpResponse:
    """The person typed on, left, or pressed stop: the count of that id ends."""
    actions.stop_count(actor=request.actor, run=run)
    return HttpResponse(status=204)


def funnel_lines(top: form.Row, found: answers.Funnel) -> list[dict[str, Any]]:
    """For each row: how many, out of how many, and whether the number stands by itself."""
    lines: list[dict[str, Any]] = []

    def visit(row: form.Row, before: int) -> int:
        left = found.left.get(row.path)
        alone = found.alone.get(row.path)
        n = left if left is not None else alone
        if row.path:
            lines.append({
                "row": row, "n": n, "before": before, "alone": left is None and alone is not None,
                "share": n / before if n is not None and before else None,
            })  # fmt: skip
        running = before
        for below in row.rows:
            running = visit(below, running if row.mode in ("all", "not-any") else before)
        return left if left is not None else before

    visit(top, found.base)
    return lines


def _sample(request: StaffRequest, question: Question, *, seed: int) -> dict[str, Any]:
    ids = answers.sample_ids(question, seed=seed)
    people = people_by_id(request.actor, ids, day=question.as_of.day)
    seen = answers.last_seen(question.organization_id, [p.patient_id for p in people])
    kinds = asking.kinds()
    lines = [
        (
            p,
            seen[p.patient_id][0] if p.patient_id in seen else None,
            _kind_label(seen.get(p.patient_id), kinds),
        )
        for p in people
    ]
    return {"people": lines, "seed": seed}


def _kind_label(last: tuple[Any, str] | None, kinds: Any) -> str:
    return str(kinds[last[1]].label) if last and last[1] in kinds else ""


@require_POST
@access(Permission.EDIT_AUDIENCE)
def sample(request: StaffRequest) -> HttpResponse:
    """Four others."""
    seed = request.POST.get("seed", "")
    number = (int(seed) + 1) % 1000 if seed.isdigit() else 0
    return render(
        request, "audiences/_sample.html", _sample(request, ask(request, state(request)), seed=number)
    )


@require_POST
@access(Permission.EDIT_AUDIENCE)
def explanation(request: StaffRequest) -> HttpResponse:
    """Find a person, then say why they are in or not."""
    context: dict[str, Any] = {"q": request.POST.get("who", "").strip()}
    chosen = request.POST.get("do", "").removeprefix("why:") or request.POST.get("person", "")
    if chosen and request.POST.get("do", "").startswith("why:"):
        context |= _explained(request, chosen)
    elif context["q"]:
        day = timezone.localdate()
        found = patients.search(request.actor, context["q"], limit=6)
        context["hits"] = people_by_id(request.actor, [p.pk for p in found], day=day, with_phone=True)
    return render(request, "audiences/_explanation.html", context)


def _explained(request: StaffRequest, chosen: str) -> dict[str, Any]:
    tree = state(request)
    try:
        key = UUID(chosen)
    except ValueError:
        raise NotFound from None
    try:
        person = patients.get_patient(request.actor, key)
        question = ask(request, tree)
        answer = answers.explain(question, patient_id=person.pk)
    except (BadQuestion, *UNANSWERED) as error:
        return {"problem": str(error)}
    shown: Shown = people_by_id(request.actor, [person.pk], day=question.as_of.day, with_phone=True)[0]
    verdict = answer.verdict
    return {
        "person": shown,
        "answer": answer,
        "lines": exchange.conditions(question, verdict) if verdict else [],
        "missing": len(evidence.missing(verdict)) if verdict else 0,
    }


@require_POST
@access(Permission.EDIT_AUDIENCE)
def overlap(request: StaffRequest) -> HttpResponse:
    """How many of these are also in another audience."""
    context: dict[str, Any] = {"choices": choices(request.actor, own=request.POST.get("own", ""))}
    name = request.POST.get("other", "")
    other = queries.find_audience(request.actor.organization_id or 0, name) if name else None
    if other is not None:
        try:
            question = ask(request, state(request))
            against = asking.question_of(queries.current_version(other), as_of=question.as_of)
            shared, mine = answers.overlap(question, against), answers.count(question).people
            context |= {"other": other, "shared": shared, "share": shared / mine if mine else None}
        except (BadQuestion, *UNANSWERED) as error:
            context["problem"] = str(error)
    return render(request, "audiences/_overlap.html", context)
