"""Every check about a person as one column of one query; the only place that knows how each is asked.

Columns are 1 where the check fails. Those that depend on the channel exist once a channel.
"""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django.apps import apps
from django.db.models import (
    BigIntegerField,
    Case,
    CharField,
    Count,
    DateTimeField,
    Exists,
    F,
    IntegerField,
    Model,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, ExtractYear
from django.db.models.lookups import Exact, GreaterThanOrEqual
from django.utils import timezone

from xinglin.outreach.gate.context import ChannelFacts, Context
from xinglin.outreach.models import Message, MiniGrant, Reply, Suppression
from xinglin.outreach.models.message import PENDING, TAKEN
from xinglin.outreach.rules.channels import next_open
from xinglin.outreach.rules.gate import GateRules, quiet_until, years_before
from xinglin.scores.queries import standing_scores

BY_CHANNEL = (
    "at_provider", "policy", "address", "consent", "unsubscribed", "bounced", "complaint", "manual", "quota",
)  # fmt: skip
IDENTIFIER_OF = {"wechat": "wechat_openid", "wecom": "wecom_external_id", "miniapp": "miniapp_openid"}
FIELD_OF = {"sms": "phone", "phone": "phone", "email": "email", "letter": "address"}

NEVER = Value(0, output_field=IntegerField())
ALWAYS = Value(1, output_field=IntegerField())
#: How long WeChat lets us answer a person's word.
TALKING = timedelta(hours=48)
#: Whose consent, address and earlier messages count: the person's own, or the guardian's of a minor.
ITSELF, GUARDIAN = "", "guardian__"


def fails(condition: Q | Exists) -> Case:
    return Case(When(condition, then=Value(1)), default=Value(0), output_field=IntegerField())


def columns(context: Context, rules: GateRules, patients: QuerySet[Model], by: str) -> QuerySet[Model]:
    """The candidates with ``fail_<check>`` and ``stand_in``; per channel ``fail_<check>_<n>``, ``due_<n>``.

    ``favourite`` is the best channel, where it is asked for. ``by`` is ITSELF or GUARDIAN. Unevaluated.
    """
    through = _goes_through_guardians(context)
    annotated: dict[str, Combinable] = {
        "fail_identity": _identity(context, rules, by),
        "fail_deceased": _deceased(context, rules),
        "fail_minor": _minor(context, rules) if by == ITSELF else NEVER,
        "fail_cap": _cap(context, rules, by, through),
        "fail_duplicate": _duplicate(context, rules, by, through),
        # Cast, as PostgreSQL takes a bare NULL for text.
        "stand_in": F("guardian_id") if by else Cast(Value(None), BigIntegerField()),
    }
    if context.prefers:
        annotated["favourite"] = _favourite(context, by)
    zones = None if context.purpose in rules.quiet_hours.exempt else sorted(_zones(patients, by))
    for n, channel in enumerate(context.channels):
        annotated[f"fail_address_{n}"] = _address(channel, by)
        annotated[f"fail_consent_{n}"] = _consent(context, rules, channel, by)
        for kind in ("unsubscribed", "bounced", "complaint", "manual"):
            annotated[f"fail_{kind}_{n}"] = _suppressed(context, rules, kind, channel, by)
        fact = context.fact(n)
        annotated[f"fail_at_provider_{n}"] = _at_provider(context, fact, by)
        annotated[f"fail_policy_{n}"] = ALWAYS if fact.findings else NEVER
        annotated[f"fail_quota_{n}"] = _quota(context, fact, by, through)
        annotated[f"due_{n}"] = _due(context, rules, fact, zones, by)
    decided: QuerySet[Model] = patients.order_by().annotate(**annotated).values("id", *annotated)
    return decided


def _who(by: str) -> OuterRef:
    return OuterRef("guardian_id" if by else "pk")


def _goes_through_guardians(context: Context) -> bool:
    """Whether this hospital has ever written to anybody in a child's stead; a look at a partial index."""
    rows = Message.objects.filter(organization_id=context.organization_id, guardian_id__isnull=False)
    return rows.order_by().exists()


def _favourite(context: Context, by: str) -> Combinable:
    """The recipient's best channel, of a model with skill and unless they refuse to be scored; else NULL."""
    scores = standing_scores().filter(
        organization_id=context.organization_id, patient_id=_who(by), name="best_channel"
    )
    return Subquery(scores.order_by().values("label"), output_field=CharField())


def _identity(context: Context, rules: GateRules, by: str) -> Combinable:
    """Both the child's and the guardian's, where it goes to a guardian."""
    if context.purpose not in rules.identity.required_for:
        return NEVER
    unsure = Q(is_verified=False)
    return fails(unsure | Q(guardian__is_verified=False) if by else unsure)


def _deceased(context: Context, rules: GateRules) -> Combinable:
    return (
        fails(Q(deceased_on__isnull=False)) if rules.suppression.stops("deceased", context.purpose) else NEVER
    )


def minors(context: Context, rules: GateRules, of: str = "") -> Q:
    """Under age by birth date; without one by the age told, counted on in calendar years.

    Its own negation too: nothing in it is unknown (NULL), so that ``exclude`` keeps everybody else.
    """
    years = rules.suppression.minor_under_years
    today = timezone.localdate(context.at)
    born = Q(**{f"{of}birth_date__isnull": False, f"{of}birth_date__gt": years_before(today, years)})
    told = Q(**{f"{of}birth_date__isnull": True, f"{of}reported_age__isnull": False}) & Q(
        **{
            f"{of}reported_age__lt": Value(years - today.year)
            + Coalesce(ExtractYear(f"{of}reported_age_on"), Value(today.year), output_field=IntegerField())
        }
    )
    return born | told


def _minor(context: Context, rules: GateRules) -> Combinable:
    """A minor whom nobody answers for."""
    return fails(minors(context, rules)) if rules.suppression.stops("minor", context.purpose) else NEVER


def wards(context: Context, rules: GateRules) -> Q:
    """Minors with a guardian who is alive and of age; whoever else answers for a child answers not at all."""
    alive = Q(guardian__isnull=False, guardian__deceased_on__isnull=True)
    return minors(context, rules) & alive & ~minors(context, rules, "guardian__")


def _address(channel: str, by: str) -> Combinable:
    if channel == "inapp":
        return NEVER
    if channel in IDENTIFIER_OF:
        known = apps.get_model("patients", "PatientIdentifier").objects.filter(
            patient_id=_who(by), system=IDENTIFIER_OF[channel]
        )
        return fails(~Exists(known))  # type: ignore[arg-type]
    return fails(Q(**{f"{by}{FIELD_OF[channel]}__isnull": True}))


def _consent(context: Context, rules: GateRules, channel: str, by: str) -> Combinable:
    states = apps.get_model("patients", "ConsentState").objects.filter(
        patient_id=_who(by), purpose=context.purpose, channel=channel
    )
    if rules.consent.get(context.purpose) == "opt_out":
        return fails(Exists(states.filter(status="withdrawn")))
    return fails(~Exists(states.filter(status="given")))  # type: ignore[arg-type]


def _suppressed(context: Context, rules: GateRules, kind: str, channel: str, by: str) -> Combinable:
    """Stopped for whom it goes to; a child's own stop holds too, but for an address that is not used."""
    if not rules.suppression.stops(kind, context.purpose):
        return NEVER

    def stop(who: OuterRef) -> Exists:
        return Exists(
            Suppression.objects.filter(
                patient_id=who, kind=kind, channel__in=["", channel], lifted_at__isnull=True
            )
        )

    if by and kind != "bounced":
        return fails(Q(stop(_who(by))) | Q(stop(OuterRef("pk"))))
    return fails(stop(_who(by)))


def _counted(context: Context, days: int, **whose: Any) -> QuerySet[Message]:
    """Somebody's marketing messages that count within ``days`` of the moment asked about; trials never do."""
    span = timedelta(days=days)
    states = TAKEN if context.stage == "claim" else TAKEN | PENDING
    return Message.objects.filter(
        **whose,
        purpose="marketing",
        due_at__gt=context.at - span,
        due_at__lt=context.at + span,
        state__in=sorted(states),
        is_test=False,
    ).order_by()


def _received(context: Context, days: int, by: str, through: bool) -> list[QuerySet[Message]]:
    """What reached the person: their own messages, and those they got in a child's stead."""
    own = _counted(context, days, patient_id=_who(by), **({"guardian_id__isnull": True} if through else {}))
    return [own, _counted(context, days, guardian_id=_who(by))] if through else [own]


def _cap(context: Context, rules: GateRules, by: str, through: bool) -> Combinable:
    if context.purpose not in rules.caps.applies_to:
        return NEVER
    over = Q()
    for window in rules.caps.windows:
        sets = _received(context, window.days, by, through)
        if window.messages == 1:
            for rows in sets:
                over |= Q(Exists(rows))
        else:
            over |= Q(GreaterThanOrEqual(_how_many(sets, by), Value(window.messages)))
    return fails(over)


def _how_many(sets: list[QuerySet[Message]], by: str) -> Combinable:
    total: Combinable = Value(0)
    for rows, column in zip(sets, ("patient_id", "guardian_id"), strict=False):
        count = rows.values(column).annotate(n=Count("*")).values("n")
        total = total + Coalesce(Subquery(count, output_field=IntegerField()), Value(0))
    return total


def _duplicate(context: Context, rules: GateRules, by: str, through: bool) -> Combinable:
    if context.purpose not in rules.duplicate.applies_to or not context.content_version_ids:
        return NEVER
    same = Q()
    for rows in _received(context, rules.duplicate.days, by, through):
        same |= Q(Exists(rows.filter(template_version_id__in=context.content_version_ids)))
    return fails(same)


def _at_provider(context: Context, fact: ChannelFacts, by: str) -> Combinable:
    """The provider's own template, the person's grant for it, or a word within 48 hours."""
    if not fact.has_template:
        return ALWAYS
    if fact.grant_code:
        granted = MiniGrant.objects.filter(
            Q(balance__gt=0) | Q(is_long_term=True),
            provider_id=fact.provider_id or 0,
            patient_id=_who(by),
            code=fact.grant_code,
        )
        return fails(~Exists(granted))  # type: ignore[arg-type]
    if fact.needs_word:
        words = Reply.objects.filter(
            organization_id=context.organization_id,
            patient_id=_who(by),
            channel=fact.channel,
            at__gt=context.at - TALKING,
        )
        return fails(~Exists(words))  # type: ignore[arg-type]
    return NEVER


def _quota(context: Context, fact: ChannelFacts, by: str, through: bool) -> Combinable:
    """As many messages of this channel as its provider lets one person have on one day of the hospital's."""
    if fact.per_person_per_day is None:
        return NEVER
    start = context.at.astimezone(ZoneInfo(context.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    states = TAKEN if context.stage == "claim" else TAKEN | PENDING

    def on_the_day(**whose: Any) -> QuerySet[Message]:
        return Message.objects.filter(
            **whose,
            channel=fact.channel,
            due_at__gte=start,
            due_at__lt=start + timedelta(days=1),
            state__in=sorted(states),
            is_test=False,
        ).order_by()

    sets = [on_the_day(patient_id=_who(by), **({"guardian_id__isnull": True} if through else {}))]
    if through:
        sets.append(on_the_day(guardian_id=_who(by)))
    return fails(Q(GreaterThanOrEqual(_how_many(sets, by), Value(fact.per_person_per_day))))


def _due(
    context: Context, rules: GateRules, fact: ChannelFacts, zones: list[str] | None, by: str
) -> Combinable:
    """When it may go: at the time asked for, after the person's quiet hours, or when the provider opens.

    ``zones`` are those that the recipients have given themselves; None when quiet hours do not apply.
    People without a time zone of their own, or with one that nobody knows, live where the hospital is.
    """

    def opened(at: datetime) -> Value:
        due = next_open(at=at, zone=context.zone, hours=fact.hours, purpose=context.purpose)
        return Value(due, output_field=DateTimeField())

    if zones is None:
        return opened(context.at)

    def due_in(zone: str) -> Value:
        return opened(quiet_until(at=context.at, zone=zone, quiet=rules.quiet_hours) or context.at)

    own = Cast(KeyTextTransform("timezone", f"{by}preferences"), CharField())
    whens = [When(Exact(own, zone), then=due_in(zone)) for zone in zones]
    return Case(*whens, default=due_in(context.zone), output_field=DateTimeField())


def _zones(patients: QuerySet[Model], by: str) -> set[str]:
    """Time zones that those who get it have given themselves."""
    own = patients.order_by().filter(**{f"{by}preferences__has_key": "timezone"})
    found = (
        own.annotate(zone=KeyTextTransform("timezone", f"{by}preferences"))
        .values_list("zone", flat=True)
        .distinct()
    )
    return set(found) & available_timezones()
