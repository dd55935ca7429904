"""One's own: whether numbers may be worked out about me, and health questionnaires to fill in oneself."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from xinglin.core.access import public
from xinglin.core.errors import Invalid, NotFound
from xinglin.core.forms import blame
from xinglin.core.ids import uuid7
from xinglin.core.masking import mask_name
from xinglin.patients import queries as patients
from xinglin.portal.forms.questionnaire import HealthForm
from xinglin.portal.queries import find_verified
from xinglin.portal.site import Site
from xinglin.portal.views.common import kindly, note_view, opened, show
from xinglin.scores import actions as scores
from xinglin.scores import queries as score_queries
from xinglin.scores.queries import Questionnaire


def _people(site: Site) -> list[Any]:
    """The living people of the verified phone; nobody without one."""
    verified = find_verified(organization_id=site.organization.pk, token=site.phone_token, now=site.now)
    if verified is None:
        return []
    found = patients.find_by_phone(actor=site.actor, phone=str(verified.phone))
    return [person for person in found if person.deceased_on is None]


def _one_of(people: list[Any], public_id: str) -> Any:
    """The person of that id among one's own; NotFound."""
    person = next((each for each in people if str(each.public_id) == public_id), None)
    if person is None:
        raise NotFound
    return person


@require_http_methods(["GET", "HEAD", "POST"])
@public
@kindly
def decision_list(request: HttpRequest, slug: str) -> HttpResponse:
    """Refuse automated scores or allow them again, for each person of the verified phone."""
    site = opened(request, slug)
    people = _people(site)
    if not people:
        return site.finish(HttpResponseRedirect(reverse("portal:mine", args=[slug])))
    if request.method == "POST":
        person = _one_of(people, request.POST.get("who", ""))
        act = scores.refuse if request.POST.get("do") == "refuse" else scores.allow
        act(actor=site.actor, patient=person.public_id, by_patient=True, now=site.now)
        return site.finish(HttpResponseRedirect(reverse("portal:decision-list", args=[slug])))
    rows = [(person, score_queries.find_refusal(person.pk)) for person in people]
    return show(site, "portal/decision_list.html", {"rows": rows}, is_private=True)


@require_safe
@public
@kindly
def questionnaire_list(request: HttpRequest, slug: str) -> HttpResponse:
    """What is on offer, and what one has filled in."""
    site = opened(request, slug)
    people = _people(site)
    note_view(site, page_class="science", page="/my/health/")
    context = {
        "questionnaires": score_queries.list_questionnaires(actor=site.actor),
        "disclaimer": score_queries.DISCLAIMER,
        "answers": [line for person in people for line in _answers(site, person)],
        "is_known": bool(people),
    }
    return _show(site, "portal/questionnaire_list.html", context)


def _answers(site: Site, person: Any) -> list[tuple[Any, str, str, dict[str, str]]]:
    """The person's latest answers: row, questionnaire, result in words, band."""
    lines = []
    for row in score_queries.list_answers(actor=site.actor, patient=person)[:10]:
        questionnaire, kept = (
            score_queries.get_questionnaire(row.questionnaire),
            score_queries.read_answer(row),
        )
        said = questionnaire.said(kept["points"], kept["band"])
        lines.append((row, questionnaire.name, said, questionnaire.band(kept["band"])))
    return lines


@require_http_methods(["GET", "HEAD", "POST"])
@public
@kindly
def questionnaire_fill(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """Fill one in: kept with the person of the verified phone who is chosen, else only shown."""
    site = opened(request, slug)
    questionnaire, people = score_queries.get_questionnaire(name), _people(site)
    form = HealthForm(
        request.POST or None, questionnaire=questionnaire, initial=_known(people, site),
        people=[(person, mask_name(person.name)) for person in people],
    )  # fmt: skip
    context: dict[str, Any] = {
        "questionnaire": questionnaire,
        "form": form,
        "disclaimer": score_queries.DISCLAIMER,
        "key": request.POST.get("key") or uuid7(),
    }
    if request.method == "POST" and form.is_valid():
        try:
            context |= _worked_out(site, questionnaire, form, people, key=str(context["key"]))
        except Invalid as error:
            blame(form, error)
    elif request.method != "POST":
        note_view(site, page_class="science", page="/my/health/")
    status = 422 if form.is_bound and form.errors else 200
    return _show(site, "portal/questionnaire_form.html", context, status=status)


def _worked_out(
    site: Site, questionnaire: Questionnaire, form: HealthForm, people: list[Any], *, key: str
) -> dict[str, Any]:
    """The result for the page; kept where a person was chosen. Raises Invalid, NotFound."""
    slug, who = questionnaire.slug, form.cleaned_data.get("who", "")
    if who:
        person = _one_of(people, who)
        row = scores.answer(
            actor=site.actor, slug=slug, patient=person.public_id, answers=form.answers, now=site.now,
            key=f"{person.pk}:{_uuid(key)}", by_patient=True,
        )  # fmt: skip
        kept = score_queries.read_answer(row)
        points, band = kept["points"], kept["band"]
    else:
        result = scores.work_out(actor=site.actor, slug=slug, answers=form.answers)
        points, band = result.points, result.band
    return {"said": questionnaire.said(points, band), "band": questionnaire.band(band), "is_kept": bool(who)}


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuid7()


def _known(people: list[Any], site: Site) -> dict[str, Any]:
    """What the record of the only person says already."""
    if len(people) != 1:
        return {}
    sex = people[0].sex if people[0].sex in ("F", "M") else None
    return {"sex": sex, "age": people[0].age_on(site.now.astimezone(site.zone).date())}


def _show(site: Site, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """Health education: a page without ways to buy, book or call."""
    slug = site.organization.slug
    mine = [reverse("portal:mine", args=[slug]), reverse("portal:questionnaire-list", args=[slug])]
    each = [
        reverse("portal:questionnaire-fill", args=[slug, one.slug])
        for one in score_queries.list_questionnaires(actor=site.actor)
    ]
    return show(
        site, template, context, page_class="science", status=status, is_private=True, may_link=[*mine, *each]
    )
