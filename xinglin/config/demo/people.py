"""The demo's people: who they are, what they agreed to, how they are labelled."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from xinglin.config.demo import families
from xinglin.config.demo.hospital import Hospital, facts
from xinglin.config.demo.names import Names, id_number
from xinglin.config.demo.saving import save_all
from xinglin.ledger import actions as ledger
from xinglin.ledger.actions import NewTouch
from xinglin.patients.models import Consent, ConsentState, Patient, PatientTag, Tag
from xinglin.patients.queries.search import SEARCH
from xinglin.patients.rules import identity
from xinglin.patients.touches import ConsentGivenTouch, ConsentWithdrawnTouch, RegisteredTouch

CHUNK = 2_000
# Condition → share among people of (under 18, 18–40, 40–60, over 60), per cent.
CONDITIONS = {
    "高血压": (0, 3, 18, 42),
    "糖尿病": (0, 2, 10, 21),
    "高脂血症": (0, 4, 14, 18),
    "冠心病": (0, 0, 3, 11),
    "近视": (32, 28, 12, 4),
    "过敏性鼻炎": (12, 10, 6, 3),
    "骨质疏松": (0, 0, 3, 14),
    "甲状腺结节": (0, 5, 9, 8),
}
# A condition makes some departments likelier.
PULL = {
    "糖尿病": "endocrinology",
    "甲状腺结节": "endocrinology",
    "高血压": "cardiology",
    "冠心病": "cardiology",
    "高脂血症": "cardiology",
    "近视": "ophthalmology",
    "骨质疏松": "orthopedics",
    "过敏性鼻炎": "tcm",
}
# What people agreed to: purpose, channel, share given.
CONSENTS = [
    ("service", "sms", 93),
    ("service", "email", 70),
    ("marketing", "sms", 41),
    ("marketing", "email", 46),
    ("marketing", "wechat", 38),
    ("research", "phone", 12),
]


@dataclass(slots=True)
class Person:
    """A person on the way into the tables, with what the year's simulation needs."""

    row: Patient
    registered_at: datetime
    conditions: list[str]
    age: int
    consents: list[tuple[str, str, str, datetime]] = field(default_factory=list)


def stable_uuid(random: Random, at: datetime) -> UUID:
    """A UUID version 7 whose random part comes from the seed."""
    stamp = int(at.timestamp() * 1000) & 0xFFFFFFFFFFFF
    return UUID(int=stamp << 80 | 0x7 << 76 | random.getrandbits(12) << 64 | 2 << 62 | random.getrandbits(62))


class People:
    """Makes the people of one hospital in chunks; the seed decides everything."""

    def __init__(self, hospital: Hospital, *, random: Random, now: datetime, first_number: int) -> None:
        self.hospital, self.random, self.now = hospital, random, now
        self.names = Names(random)
        self.number = first_number
        self.elders = 0
        self.organization_id = hospital.organization.pk
        self.carers = [
            member.staff_id
            for role, member in hospital.members.items()
            if role in {"agent", "rep", "supervisor"} and member.staff_id
        ]
        self.tags = {
            name: Tag.objects.create(organization_id=self.organization_id, name=name)
            for name in facts()["tags"]
        }
        sources = facts()["sources"]
        self.source_names = [each["channel"] for each in sources]
        self.source_weights = [each["share"] for each in sources]

    def make(self, count: int) -> Iterator[list[Person]]:
        """Chunks of saved people, each with its consents, tags, search words and touches."""
        while count > 0:
            people = [self._person() for _ in range(min(CHUNK, count))]
            homes = families.gather(people, self.random)
            with transaction.atomic():
                self._save(people)
                families.save(homes, now=self.now)
            yield people
            count -= len(people)

    def _person(self) -> Person:
        random, names, today = self.random, self.names, self.now.date()
        sex = "F" if random.random() < 0.54 else "M"
        born = names.birth_date(today)
        age = (today - born).days * 100 // 36525
        # Half came in the last year, the rest over the five years before.
        days_ago = random.randrange(1, 365) if random.random() < 0.35 else random.randrange(365, 365 * 6)
        registered = self._working_moment(days_ago)
        if registered.date() < born:
            registered = self._working_moment(random.randrange(1, max(2, (today - born).days)))
        phone, district_community = names.phone(self.number), names.area()
        self.number += 1
        conditions = self._conditions(age)
        row = Patient(
            organization_id=self.organization_id,
            public_id=stable_uuid(random, registered),
            name=names.full(sex, born.year),
            sex=sex,
            birth_date=born,
            phone=phone,
            phone_index=identity.phone_index(self.organization_id, phone),
            phone_last4_index=identity.last4_index(self.organization_id, phone),
            city="杏林市",
            district=district_community[0],
            community=district_community[1],
            occupation=names.occupation(age),
            insurance_type=random.choice(facts()["insurance"]),
            conditions=conditions,
            is_verified=random.random() < 0.93,
            is_vip=random.random() < 0.02,
            source_channel=random.choices(self.source_names, self.source_weights)[0],
            responsible_id=self._carer(conditions),
            deceased_on=self._death(age, today),
        )
        if random.random() < 0.6:
            number = id_number(random, born, sex)
            row.id_number = number
            row.id_number_index = identity.id_number_index(self.organization_id, number)
        if random.random() < 0.62:
            address = f"{identity.initials_of(row.name)}{self.number}@example.com"
            row.email = address
            row.email_index = identity.email_index(self.organization_id, address)
        person = Person(row, registered, conditions, age)
        person.consents = list(self._consents(person))
        return person

    def _carer(self, conditions: list[str]) -> int | None:
        """Some chronic patients have a doctor who looks after them, others somebody of the service desk."""
        codes = [PULL[name] for name in conditions if name in PULL]
        if codes and self.random.random() < 0.3:
            return self.random.choice(self.hospital.doctors[self.random.choice(codes)]).pk
        return self.random.choice(self.carers) if self.carers and self.random.random() < 0.5 else None

    def _working_moment(self, days_ago: int) -> datetime:
        day = self.now - timedelta(days=days_ago)
        minutes = self.random.randrange(0, 540)
        return day.replace(hour=0, minute=30, second=0, microsecond=0) + timedelta(minutes=minutes)

    def _conditions(self, age: int) -> list[str]:
        band = 0 if age < 18 else 1 if age < 40 else 2 if age < 60 else 3
        return [name for name, shares in CONDITIONS.items() if self.random.random() * 100 < shares[band]]

    def _death(self, age: int, today: date) -> date | None:
        """One in twenty of those over 75, counted: the smallest demo has one too, to be left alone."""
        self.elders += age > 75
        if self.elders % 20 == 5 if age > 75 else self.random.random() < 0.001:
            return today - timedelta(days=self.random.randrange(5, 200))
        return None

    def _consents(self, person: Person) -> Iterator[tuple[str, str, str, datetime]]:
        for purpose, channel, share in CONSENTS:
            if channel == "email" and not person.row.email:
                continue
            if self.random.random() * 100 < share:
                given = person.registered_at + timedelta(minutes=4)
                yield purpose, channel, "given", given
                left = (self.now - given).days
                if purpose == "marketing" and left > 20 and self.random.random() < 0.07:
                    yield (
                        purpose,
                        channel,
                        "withdrawn",
                        given + timedelta(days=self.random.randrange(5, left)),
                    )

    def _save(self, people: list[Person]) -> None:
        save_all([person.row for person in people])
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE patients_patient SET created_at = %s WHERE id = %s",
                [(person.registered_at, person.row.pk) for person in people],
            )
        SEARCH.add((p.row.pk, identity.search_words(self.organization_id, p.row.name)) for p in people)
        self._save_tags(people)
        touches = list(self._save_consents(people))
        touches += [
            NewTouch(
                props=RegisteredTouch(source=person.row.source_channel),
                organization_id=self.organization_id,
                at=person.registered_at,
                patient_id=person.row.pk,
                channel=person.row.source_channel,
                dedupe_key=f"demo:patient:{person.row.public_id}",
            )
            for person in people
        ]
        ledger.record_many(sorted(touches, key=lambda touch: touch.at), now=self.now)

    def _save_tags(self, people: list[Person]) -> None:
        links = []
        for person in people:
            names = {"VIP"} if person.row.is_vip else set()
            if "糖尿病" in person.conditions:
                names.add("糖友")
            if "高血压" in person.conditions and self.random.random() < 0.5:
                names.add("高血压随访")
            if person.age < 12:
                names.add("儿童家庭")
            if self.random.random() < 0.05:
                names.add("单位体检")
            links += [
                PatientTag(
                    organization_id=self.organization_id,
                    patient=person.row,
                    tag=self.tags[name],
                    at=person.registered_at,
                )
                for name in sorted(names)
            ]
        save_all(links)

    def _save_consents(self, people: list[Person]) -> Iterator[NewTouch]:
        history: list[Consent] = []
        for person in people:
            for purpose, channel, status, at in person.consents:
                how = "counter" if status == "given" else "link"
                history.append(
                    Consent(
                        organization_id=self.organization_id,
                        patient=person.row,
                        purpose=purpose,
                        channel=channel,
                        status=status,
                        at=at,
                        recorded_at=at,
                        how=how,
                        evidence="建档告知书" if status == "given" else "短信退订链接",
                        text_version="2025-06",
                        by="demo",
                    )
                )
        save_all(history)
        current: dict[tuple[int, str, str], Consent] = {}
        for consent in history:
            current[consent.patient_id, consent.purpose, consent.channel] = consent
            kind: Any = ConsentGivenTouch if consent.status == "given" else ConsentWithdrawnTouch
            yield NewTouch(
                props=kind(purpose=consent.purpose, channel=consent.channel, how=consent.how),
                organization_id=self.organization_id,
                at=consent.at,
                patient_id=consent.patient_id,
                channel=consent.channel,
            )
        save_all(
            [
                ConsentState(
                    organization_id=self.organization_id,
                    patient_id=consent.patient_id,
                    purpose=consent.purpose,
                    channel=consent.channel,
                    status=consent.status,
                    at=consent.at,
                    consent=consent,
                )
                for consent in current.values()
            ]
        )
