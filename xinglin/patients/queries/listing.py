"""The patient list: what it can be narrowed by, and the facts of one page of people."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Sum, TextField, Value, When
from django.db.models.functions import Cast, ExtractYear
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual

from xinglin.core.actor import Actor, require
from xinglin.ledger import queries as ledger
from xinglin.patients.models import ConsentState, Patient, PatientTag, SavedView
from xinglin.patients.permissions import Permission
from xinglin.patients.queries.search import matching

VISITS = ("visit.started", "visit.ended", "appointment.kept")
BILLS = ("bill.settled", "bill.refunded")
RECENT = 500
Filters = Mapping[str, str]
Narrow = Callable[[QuerySet[Any], str, Actor, datetime], QuerySet[Any]]


def _years_ago(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() and len(text) < 5 else None


def _by_age(rows: QuerySet[Any], text: str, actor: Actor, now: datetime) -> QuerySet[Any]:
    """``25-45``, ``60-`` or ``-17``, by birth date or else by the reported age moved on."""
    low_text, _, high_text = text.partition("-")
    low, high, today = _number(low_text), _number(high_text), now.date()
    born, told = Q(birth_date__isnull=False), Q(birth_date__isnull=True, reported_age__isnull=False)
    early = Q(reported_age_on__month__gt=today.month) | Q(
        reported_age_on__month=today.month, reported_age_on__day__gt=today.day
    )
    age = (
        F("reported_age")
        + Value(today.year)
        - ExtractYear("reported_age_on")
        - Case(When(early, then=1), default=0)
    )
    if low is not None:
        born &= Q(birth_date__lte=_years_ago(today, low))
        told &= Q(GreaterThanOrEqual(age, low))
    if high is not None:
        born &= Q(birth_date__gt=_years_ago(today, high + 1))
        told &= Q(LessThanOrEqual(age, high))
    return rows.filter(born | told)


def _by_birthday(rows: QuerySet[Any], text: str, actor: Actor, now: datetime) -> QuerySet[Any]:
    """Birthdays within so many days from today on."""
    span = min(_number(text) or 7, 366)
    days = Q(pk__isnull=True)
    for ahead in range(span):
        day = now.date() + timedelta(days=ahead)
        days |= Q(birth_date__month=day.month, birth_date__day=day.day)
    return rows.filter(days)


def _by_consent(rows: QuerySet[Any], text: str, actor: Actor, now: datetime) -> QuerySet[Any]:
    """``marketing.sms`` (given), ``-marketing.sms`` (withdrawn)."""
    purpose, _, channel = text.lstrip("-").partition(".")
    status = "withdrawn" if text.startswith("-") else "given"
    states = ConsentState.objects.filter(
        organization_id=actor.organization_id or 0, purpose=purpose, channel=channel, status=status
    )
    return rows.filter(pk__in=states.values("patient_id"))


def _by_visit(rows: QuerySet[Any], text: str, actor: Actor, now: datetime) -> QuerySet[Any]:
    """``<90``: came in the last 90 days; ``>90``: came before, but not since; ``none``: never."""
    touches = ledger.list_touches(actor=_reader(actor)).filter(kind__in=VISITS, patient_id__isnull=False)
    days = _number(text[1:]) or 90
    recent = touches.filter(at__gte=now - timedelta(days=days)).values("patient_id")
    if text.startswith("<"):
        return rows.filter(pk__in=recent)
    came = touches.values("patient_id")
    if text == "none":
        return rows.exclude(pk__in=came)
    return rows.filter(pk__in=came).exclude(pk__in=recent)


def _by_responsible(rows: QuerySet[Any], text: str, actor: Actor, now: datetime) -> QuerySet[Any]:
    if text == "me":
        return rows.filter(responsible_id=actor.staff_id) if actor.staff_id else rows.none()
    if text == "none":
        return rows.filter(responsible__isnull=True)
    return rows.filter(responsible_id=int(text)) if text.isdigit() else rows.none()


def _by_tag(rows: QuerySet[Any], text: str, actor: Actor, now: datetime) -> QuerySet[Any]:
    marks = PatientTag.objects.filter(organization_id=actor.organization_id or 0, tag__name=text)
    return rows.filter(pk__in=marks.values("patient_id"))


def _by_search(rows: QuerySet[Any], text: str, actor: Actor, now: datetime) -> QuerySet[Any]:
    condition = matching(actor.organization_id or 0, text)
    return rows.filter(condition) if condition is not None else rows.none()


def _by_added(rows: QuerySet[Any], text: str, actor: Actor, now: datetime) -> QuerySet[Any]:
    return rows.filter(created_at__gte=now - timedelta(days=_number(text) or 30))


def _by_condition(rows: QuerySet[Any], text: str, actor: Actor, now: datetime) -> QuerySet[Any]:
    """A whole word of the stored list."""
    listed: QuerySet[Any] = rows.alias(condition_text=Cast("conditions", TextField()))
    return listed.filter(condition_text__contains=f'"{text.strip()}"')


NARROW: dict[str, Narrow] = {
    "q": _by_search,
    "tag": _by_tag,
    "sex": lambda rows, text, actor, now: rows.filter(sex=text),
    "age": _by_age,
    "birthday": _by_birthday,
    "visit": _by_visit,
    "consent": _by_consent,
    "condition": _by_condition,
    "district": lambda rows, text, actor, now: rows.filter(district=text),
    "city": lambda rows, text, actor, now: rows.filter(city=text),
    "source": lambda rows, text, actor, now: rows.filter(source_channel=text),
    "responsible": _by_responsible,
    "added": _by_added,
    "phone": lambda rows, text, actor, now: rows.filter(phone_index__isnull=text == "no"),
    "life": lambda rows, text, actor, now: rows.filter(deceased_on__isnull=text != "dead"),
    "vip": lambda rows, text, actor, now: rows.filter(is_vip=True),
}


def _reader(actor: Actor) -> Actor:
    """The list shows when somebody last came to all who may see the person."""
    return Actor.system(actor.organization_id, "patients")


def list_patients(actor: Actor, filters: Filters | None = None, *, now: datetime) -> QuerySet[Any]:
    """People of the actor's hospital and scope that match every filter (see ``NARROW``); unordered.

    Unknown filters are ignored. Raises PermissionDenied.
    """
    require(actor, Permission.VIEW_PATIENT)
    rows: QuerySet[Any] = Patient.objects.visible_to(actor)
    for name, text in (filters or {}).items():
        if name in NARROW and text:
            rows = NARROW[name](rows, text, actor, now)
    return rows


def about_visible(rows: QuerySet[Any], actor: Actor) -> QuerySet[Any]:
    """Rows with a ``patient`` that are about people of the actor's scope; all where it narrows nothing."""
    within = Patient.within_scope(actor)
    return rows if within is None else rows.filter(patient__in=Patient.objects.filter(within))


def list_saved_views(actor: Actor) -> list[SavedView]:
    """The hospital's views and the person's own, in order."""
    rows = SavedView.objects.visible_to(actor).filter(Q(user__isnull=True) | Q(user_id=actor.user_id))
    return list(rows)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the ledger says of one person, for a row of the list or the head of the record."""

    last_visit: datetime | None = None
    visits: int = 0
    spent_fen: int = 0


def facts_of(actor: Actor, patient_ids: list[int], *, now: datetime) -> dict[int, Facts]:
    """Visits ever, and money of the last twelve months, for one page of people in two queries."""
    touches = ledger.list_touches(actor=_reader(actor)).filter(patient_id__in=patient_ids)
    days: dict[int, set[date]] = {pk: set() for pk in patient_ids}
    last: dict[int, datetime] = {}
    visits = touches.filter(kind__in=VISITS, at__lte=now).order_by("at").values_list("patient_id", "at")
    for pk, at in visits:
        assert pk is not None
        days[pk].add(at.date())
        last[pk] = at
    year = touches.filter(kind__in=BILLS, at__gte=now - timedelta(days=365), at__lte=now)
    spent = dict(year.values_list("patient_id").order_by().annotate(total=Sum("amount_fen")))
    return {pk: Facts(last.get(pk), len(days[pk]), int(spent.get(pk) or 0)) for pk in patient_ids}


def suggestions(actor: Actor, field: str, *, limit: int = 12) -> list[str]:
    """Values that stand in the records already, for a filter's choices; only the latest are looked at."""
    recent = list(Patient.objects.visible_to(actor).order_by("-id").values_list(field, flat=True)[:RECENT])
    counts: dict[str, int] = {}
    for value in recent:
        for word in value if isinstance(value, list) else [value]:
            if word:
                counts[str(word)] = counts.get(str(word), 0) + 1
    return sorted(counts, key=lambda word: -counts[word])[:limit]


__all__ = ["NARROW", "Facts", "Filters", "facts_of", "list_patients", "list_saved_views", "suggestions"]
