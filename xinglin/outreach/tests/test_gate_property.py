"""One person or many: the gate gives the same answer, and both agree with a plain reading of the rules."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from xinglin.directory.tests.factories import make_organization
from xinglin.outreach import gate
from xinglin.outreach.gate import Context, Decision
from xinglin.outreach.gate.context import ChannelFacts
from xinglin.outreach.models import Message, MiniGrant, Provider, Reply, Suppression
from xinglin.outreach.rules.assignment import is_held_out
from xinglin.outreach.rules.channels import Hours
from xinglin.outreach.rules.gate import shipped
from xinglin.outreach.tests.factories import (
    NOON,
    make_consent,
    make_message,
    make_patient,
    make_provider,
    make_template_version,
)
from xinglin.scores.models import Refusal, Score, ScoreModel

pytestmark = pytest.mark.django_db
CHANNELS = ("email", "sms")
COUNTED = {"queued", "held", "claimed", "sending", "waiting", "accepted", "delivered", "unconfirmed"}
TWO_DAYS = timedelta(hours=48)
TAKEN = COUNTED - {"queued", "held"}


class Person:
    """A random person, with all that the gate may ask about."""

    def __init__(self, random: Random, organization: Any, versions: list[Any]) -> None:
        self.born = random.choice(
            [None, date(1970, 1, 1), date(2008, 5, 31), date(2008, 6, 1), date(2008, 6, 2), date(2020, 2, 29)]
        )
        self.age = random.choice([None, 10, 17, 18, 40]) if self.born is None else None
        self.dead = random.random() < 0.08
        self.verified = random.random() < 0.85
        self.addresses = {channel: random.random() < 0.85 for channel in CHANNELS}
        self.zone = random.choice(["", "", "Europe/London", "America/New_York", "Mars/Base"])
        missing: dict[str, Any] = {
            name: None
            for name, channel in (("email", "email"), ("phone", "sms"))
            if not self.addresses[channel]
        }
        self.patient = make_patient(
            organization, birth_date=self.born, is_verified=self.verified,
            reported_age=self.age, reported_age_on=date(2025, 3, 1) if self.age is not None else None,
            deceased_on=date(2026, 5, 1) if self.dead else None,
            preferences={"timezone": self.zone} if self.zone else {},
            **missing,
        )  # fmt: skip
        self.consents: dict[tuple[str, str], str] = {}
        for purpose in ("marketing", "service"):
            for channel in CHANNELS:
                status = random.choice(["given", "given", "withdrawn", None])
                if status:
                    make_consent(self.patient, purpose, channel, status)
                    self.consents[purpose, channel] = status
        self.stops = set()
        for kind in ("unsubscribed", "bounced", "complaint", "manual"):
            if random.random() < 0.08:
                channel, lifted = random.choice(["", *CHANNELS]), random.random() < 0.3
                Suppression.objects.create(
                    organization=organization, patient=self.patient, kind=kind, channel=channel,
                    started_at=NOON, lifted_at=NOON if lifted else None,
                )  # fmt: skip
                if not lifted:
                    self.stops.add((kind, channel))
        self.guardian: Person | None = None
        self.history: list[Any] = []
        for _ in range(random.choice([0, 0, 1, 2, 4, 5])):
            state, days = (
                random.choice(Message.State.values),
                random.choice([-40, -29, -12, -3, -2, 0, 1, 2, 20]),
            )
            channel = random.choice(CHANNELS)
            purpose, version = random.choice(["marketing", "marketing", "service"]), random.choice(versions)
            leased = NOON if state in ("claimed", "sending") else None
            make_message(
                self.patient, state=state, purpose=purpose, version=version, lease_until=leased,
                due_at=NOON + timedelta(days=days, minutes=1), channel=channel,
            )  # fmt: skip
            due = NOON + timedelta(days=days, minutes=1)
            self.history.append((state, purpose, version.pk, due, None, channel))
        self.favourite = random.choice([None, "email", "sms", "letter"])
        self.is_scored = random.random() < 0.8
        self.word = random.choice([None, 1, 47, 49])
        self.grant = random.choice([None, (0, False), (2, False), (0, True)])

    def tell_provider(self, provider: Provider) -> None:
        """The person's last word by SMS, and the grant for the template T."""
        if self.word is not None:
            Reply.objects.create(
                organization=provider.organization, patient=self.patient, channel="sms",
                at=NOON - timedelta(hours=self.word),
            )  # fmt: skip
        if self.grant is not None:
            MiniGrant.objects.create(
                provider=provider, patient=self.patient, code="T", balance=self.grant[0],
                is_long_term=self.grant[1], updated_at=NOON,
            )  # fmt: skip

    def prefer(self, model: ScoreModel) -> None:
        """The person's best channel, and whether they refuse to be scored."""
        if self.favourite is not None:
            Score.objects.create(
                organization=model.organization, patient=self.patient, name="best_channel", value=0.8,
                label=self.favourite, computed_at=NOON, model=model,
            )  # fmt: skip
        if not self.is_scored:
            Refusal.objects.create(organization=model.organization, patient=self.patient, at=NOON)

    def write_through(self, random: Random, versions: list[Any]) -> None:
        """Some of what was written to a child went to the guardian."""
        assert self.guardian is not None
        for _ in range(random.choice([0, 1, 2])):
            state, days, version = (
                random.choice(Message.State.values),
                random.choice([-12, -2, 1]),
                versions[0],
            )
            leased = NOON if state in ("claimed", "sending") else None
            due = NOON + timedelta(days=days, minutes=2)
            made = make_message(
                self.patient, state=state, purpose="marketing", version=version, lease_until=leased,
                due_at=due, channel="email",
            )  # fmt: skip
            Message.objects.filter(pk=made.pk).update(guardian_id=self.guardian.patient.pk)
            self.history.append((state, "marketing", version.pk, due, self.guardian.patient.pk, "email"))


def is_minor(person: Person, context: Context) -> bool:
    today = context.at.astimezone(ZoneInfo("Asia/Shanghai")).date()
    if person.born is not None:
        return person.born > today.replace(year=today.year - 18)
    return person.age is not None and person.age + today.year - 2025 < 18


def guardian_of(person: Person, context: Context) -> Person | None:
    """Who gets it in the person's stead."""
    other = person.guardian
    if other is None or not is_minor(person, context) or other.dead or is_minor(other, context):
        return None
    return other


def received(person: Person, people: list[Person], context: Context) -> list[Any]:
    """What a person has got: about themselves, but not through a guardian, and in a child's stead."""
    own = [row for row in person.history if row[4] is None]
    return own + [row for one in people for row in one.history if row[4] == person.patient.pk]


def order_of(to: Person, context: Context) -> tuple[list[str], str | None]:
    """The channels as they are tried for whoever gets it, and the best one if it goes first."""
    best = to.favourite if context.by_best_channel and to.is_scored else None
    if best not in context.channels or len(context.channels) == 1:
        return list(context.channels), None
    return [best, *(name for name in context.channels if name != best)], best


def expected(person: Person, context: Context, people: list[Person]) -> tuple[str, str, datetime, int, int]:
    """Channel, reason, time, arm and whether by the best channel, by a plain reading of gate.yaml."""
    is_marketing = context.purpose == "marketing"
    general = []
    guardian = guardian_of(person, context)
    to = guardian or person
    if is_marketing and not (person.verified and to.verified):
        general.append("identity")
    zone = to.zone if to.zone in {"Europe/London", "America/New_York"} else context.zone
    due = context.at
    local = context.at.astimezone(ZoneInfo(zone))
    if is_marketing and (local.hour >= 21 or local.hour < 8):
        morning = local.replace(hour=8, minute=0, second=0, microsecond=0)
        due = morning + timedelta(days=1) if local.hour >= 21 else morning
    by_channel = {
        channel: _of_channel(person, context, channel) | _of_provider(to, people, context, n)
        for n, channel in enumerate(context.channels)
    }
    order, best = order_of(to, context)
    channel = next((name for name in order if not by_channel[name]), order[0])
    own = 0 if best is None else 1 if channel == best else 2
    hours = context.fact(context.channels.index(channel)).hours
    if hours is not None and context.purpose in hours.purposes:
        clock = due.astimezone(ZoneInfo(context.zone))
        if clock.hour >= hours.ends.hour:
            due = clock.replace(hour=hours.starts.hour, minute=0) + timedelta(days=1)
        elif clock.hour < hours.starts.hour:
            due = clock.replace(hour=hours.starts.hour, minute=0)
    failed = {*general, *by_channel[channel]}
    if person.dead:
        failed.add("deceased")
    if is_marketing and is_minor(person, context) and guardian is None:
        failed.add("minor")
    if context.until and due > context.until:
        failed.add("quiet_hours")
    states = TAKEN if context.stage == "claim" else COUNTED
    counted = [row for row in received(to, people, context) if row[0] in states and row[1] == "marketing"]

    def near(days: int) -> list[Any]:
        return [row for row in counted if abs(row[3] - context.at) < timedelta(days=days)]

    if is_marketing and (len(near(3)) >= 1 or len(near(30)) >= 4):
        failed.add("cap")
    if is_marketing and any(row[2] in context.content_version_ids for row in near(30)):
        failed.add("duplicate")
    order = [check.code for check in shipped().checks]
    reason = next((code for code in order if code in failed), "")
    held = is_held_out(seed=context.seed, patient_id=person.patient.pk, share=context.holdout_share)
    return channel, reason, due, 0 if reason else 2 if held else 1, own


def _of_channel(person: Person, context: Context, channel: str) -> set[str]:
    failed = set()
    guardian = guardian_of(person, context)
    to = guardian or person
    if not to.addresses[channel]:
        failed.add("address")
    consent = to.consents.get((context.purpose, channel))
    if consent != "given" if context.purpose == "marketing" else consent == "withdrawn":
        failed.add("consent")
    kinds = {kind for kind, where in to.stops if where in ("", channel)}
    if guardian is not None:
        kinds |= {kind for kind, where in person.stops if where in ("", channel)} - {"bounced"}
    return failed | (kinds if context.purpose == "marketing" else kinds & {"bounced"})


def _of_provider(to: Person, people: list[Person], context: Context, n: int) -> set[str]:
    fact, failed = context.fact(n), set()
    if not fact.has_template:
        failed.add("at_provider")
    elif fact.grant_code:
        if to.grant is None or not (to.grant[0] or to.grant[1]):
            failed.add("at_provider")
    elif fact.needs_word and (to.word is None or NOON - timedelta(hours=to.word) <= context.at - TWO_DAYS):
        failed.add("at_provider")
    if fact.findings:
        failed.add("policy")
    zone = ZoneInfo(context.zone)
    states = TAKEN if context.stage == "claim" else COUNTED
    today = [
        row
        for row in received(to, people, context)
        if row[0] in states
        and row[5] == fact.channel
        and row[3].astimezone(zone).date() == context.at.astimezone(zone).date()
    ]
    if fact.per_person_per_day is not None and len(today) >= fact.per_person_per_day:
        failed.add("quota")
    return failed


def random_facts(random: Random, channels: tuple[str, ...], provider: Provider) -> tuple[ChannelFacts, ...]:
    """Nothing, or a provider for every channel with any of its rules."""
    hours = Hours.model_validate({"from": "09:00", "until": "20:00", "purposes": ["marketing"]})
    if random.random() < 0.3:
        return ()
    return tuple(
        ChannelFacts(
            channel=channel,
            provider_id=provider.pk,
            has_template=random.random() < 0.8,
            findings=random.choice([(), (), (), ("promotion",)]),
            grant_code=random.choice(["", "", "T"]),
            needs_word=channel == "sms" and random.random() < 0.3,
            per_person_per_day=random.choice([None, 1, 2]),
            hours=random.choice([None, hours]),
        )
        for channel in channels
    )


def answer(decision: Decision) -> tuple[str, str, datetime, int, int]:
    return decision.channel, decision.reason, decision.due_at, decision.arm, decision.own


@pytest.mark.parametrize("seed", range(4))
def test_one_and_many_agree_with_each_other_and_with_the_rules(seed: int) -> None:
    random = Random(seed)
    organization, stranger = make_organization(), make_organization()
    versions = [make_template_version(organization) for _ in range(2)]
    people = [Person(random, organization, versions) for _ in range(60)]
    for person in random.sample(people, 25 if seed else 0):
        guardian = random.choice(people)
        if guardian is not person:
            person.guardian = guardian
            person.patient.guardian = guardian.patient
            person.patient.save(update_fields=["guardian"])
            person.write_through(random, versions)
    provider = make_provider(organization, kind="http")
    model = ScoreModel.objects.create(
        organization=organization, name="best_channel", version=1, fitted_at=NOON, has_skill=True
    )
    for person in people:
        person.tell_provider(provider)
        person.prefer(model)
    other = make_patient(stranger, consents=[("marketing", "email")])
    hour = random.choice([0, 2, 12, 13, 14, 23])
    for purpose, stage in (("marketing", "plan"), ("marketing", "claim"), ("service", "plan")):
        channels = random.choice([("email",), ("sms",), ("email", "sms"), ("sms", "email")])
        at = NOON.replace(hour=hour)
        context = Context(
            organization_id=organization.pk, purpose=purpose, channels=channels, at=at,
            until=random.choice([None, at + timedelta(hours=3)]), content_version_ids=(versions[0].pk,),
            seed=seed, holdout_share=0.3, stage=stage,  # type: ignore[arg-type]
            facts=random_facts(random, channels, provider), by_best_channel=random.random() < 0.7,
        )  # fmt: skip
        many = gate.decide_many(context=context, patient_ids=[p.patient.pk for p in people] + [other.pk])
        assert other.pk not in many
        for person in people:
            one = gate.decide(context=context, patient_id=person.patient.pk)
            assert one == many[person.patient.pk]
            assert one is not None
            assert answer(one) == expected(person, context, people)
            through = guardian_of(person, context)
            assert one.guardian_id == (through.patient.pk if through else None)


@pytest.mark.parametrize("units", [0, 7, 1000])
def test_a_budget_for_many_pays_for_that_many_and_each_alone_would_be_paid(units: int) -> None:
    organization = make_organization()
    people = [make_patient(organization, consents=[("marketing", "email")]) for _ in range(25)]
    context = Context(
        organization_id=organization.pk, purpose="marketing", channels=("email",), at=NOON, units_left=units,
        seed=9, holdout_share=0.2,
    )  # fmt: skip
    many = gate.decide_many(context=context, patient_ids=[p.pk for p in people])
    treated = [decision for decision in many.values() if decision.arm == 1]
    held = [decision for decision in many.values() if decision.arm == 2]
    assert len(treated) == min(units, 25 - len(held))
    assert sum(decision.reason == "budget" for decision in many.values()) == 25 - len(held) - len(treated)
    alone = [gate.decide(context=context, patient_id=p.pk) for p in people]
    assert {one.reason for one in alone if one is not None and one.arm != 2} == (
        {"budget"} if units == 0 else {""}
    )
