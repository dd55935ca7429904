"""The demo's two hospitals: departments, doctors with schedules, an account for every role."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.contrib.auth.hashers import make_password

from xinglin.booking import actions as booking
from xinglin.core.actor import Actor
from xinglin.directory import actions as directory
from xinglin.directory.models import Department, Membership, Organization, Staff, User


@cache
def facts() -> dict[str, Any]:
    """What hospital.yaml says."""
    loaded: dict[str, Any] = yaml.safe_load(
        Path(__file__).with_name("hospital.yaml").read_text(encoding="utf-8")
    )
    return loaded


@cache
def _password() -> str:
    hashed: str = make_password(facts()["password"])
    return hashed


@dataclass(slots=True)
class Hospital:
    """One demo hospital and what the generator needs of it."""

    organization: Organization
    departments: dict[str, Department]
    doctors: dict[str, list[Staff]]
    members: dict[str, Membership]

    @property
    def system(self) -> Actor:
        return Actor.system(self.organization.pk, "demo")


def make_hospitals(*, now: datetime) -> list[Hospital]:
    """The group with its hospitals, the larger one first."""
    group = directory.create_organization_group(
        actor=Actor.system(None, "demo"), name=facts()["group"], now=now
    )
    return [_make(spec, group, now=now) for spec in facts()["hospitals"]]


def _make(spec: dict[str, Any], group: Any, *, now: datetime) -> Hospital:
    columns = {key: spec[key] for key in ("name", "slug", "short_name", "first_name", "phone", "address")}
    organization = directory.create_organization(
        actor=Actor.system(None, "demo"), group=group, now=now, **columns
    )
    made = Hospital(organization, {}, {}, {})
    for number, name in enumerate(spec["campuses"], 1):
        directory.create_campus(actor=made.system, code=f"C{number}", name=name, now=now)
    for each in facts()["departments"]:
        made.departments[each["code"]] = directory.create_department(
            actor=made.system, code=each["code"], name=each["name"], now=now
        )
    office = facts()["marketing"]
    made.departments[office["code"]] = directory.create_department(
        actor=made.system, code=office["code"], name=office["name"], is_clinical=False, now=now
    )
    _employ_doctors(made, now=now)
    _employ_staff(made, is_main=bool(spec.get("is_main")), now=now)
    return made


def _employ_doctors(made: Hospital, *, now: datetime) -> None:
    names = iter(facts()["doctor_names"])
    titles = facts()["doctor_titles"]
    for each in facts()["departments"]:
        made.doctors[each["code"]] = []
        for place in range(each["doctors"]):
            doctor = directory.create_staff(
                actor=made.system,
                name=next(names),
                title=titles[min(place, len(titles) - 1)],
                department=made.departments[each["code"]],
                is_practitioner=True,
                fee_fen=(5000, 3000, 2000)[min(place, 2)],
                specialities=each["sees"][place],
                now=now,
            )
            made.doctors[each["code"]].append(doctor)
            _schedule(made, doctor, place, now=now)


def _schedule(made: Hospital, doctor: Staff, place: int, *, now: datetime) -> None:
    """Mornings on three weekdays, one afternoon; doctors of a department share the week."""
    lines = [(day % 6, time(8), time(12)) for day in range(place, place + 5, 2)]
    lines.append(((place + 1) % 5, time(14), time(17)))
    for weekday, starts, ends in lines:
        booking.save_schedule(
            actor=made.system,
            practitioner=doctor.public_id,
            weekday=weekday,
            starts=starts,
            ends=ends,
            slot_minutes=20,
            capacity=2,
            valid_from=(now - timedelta(days=7)).date(),
            now=now,
        )


def _employ_staff(made: Hospital, *, is_main: bool, now: datetime) -> None:
    """An account for each role and a second doctor; elsewhere only an administrator and a director."""
    team = directory.create_team(actor=made.system, name="市场一组", now=now)
    doctors = {doctor.name: doctor for group in made.doctors.values() for doctor in group}
    accounts: list[int] = []
    for each in facts()["staff"]:
        if not is_main and each["role"] not in {"admin", "director"}:
            continue
        person = doctors.get(each["name"]) if each["role"] == "doctor" else None
        person = person or directory.create_staff(
            actor=made.system,
            name=each["name"],
            title=each["title"],
            department=made.departments[facts()["marketing"]["code"]],
            team=team if each["role"] in {"rep", "supervisor"} else None,
            now=now,
        )
        member = directory.create_user(
            actor=made.system,
            username=each["username"] if is_main else f"{each['username']}2",
            name=each["name"],
            role=each["role"],
            scope=each["scope"],
            password=None,
            staff=person,
            now=now,
        )
        made.members.setdefault(each["role"], member)
        accounts.append(member.user_id)
    # One hash for all: the demo's password is no secret, and hashing is slow on purpose.
    User.objects.filter(pk__in=accounts).update(password=_password())
