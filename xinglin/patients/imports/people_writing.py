"""Writes the people of one chunk: a fixed number of statements whatever its size."""

import json
from functools import lru_cache
from itertools import repeat
from typing import TYPE_CHECKING, Any

from xinglin.core import bulk, crypto
from xinglin.core.events import publish
from xinglin.core.ids import dashed, uuid7_hexes
from xinglin.ledger.actions import NewTouch
from xinglin.patients.events import PatientDied
from xinglin.patients.imports.chunk import Chunk
from xinglin.patients.imports.people_keys import COLUMNS, ENCRYPTED, FIXED, LISTS
from xinglin.patients.models import Patient, PatientIdentifier, PatientTag, Tag
from xinglin.patients.queries.search import SEARCH
from xinglin.patients.rules import identity
from xinglin.patients.touches import RegisteredTouch

if TYPE_CHECKING:
    from xinglin.patients.imports.people import People, Person


def write(people: "People") -> None:
    """Write what the rows of the chunk made of their people: inserts, updates, numbers, tags."""
    new = [person for person in people.people.values() if person.is_new]
    for person in people.people.values():
        if person.before:
            person.before = {n: old for n, old in person.before.items() if old != person.values[n]}
    changed = [person for person in people.people.values() if person.before]
    _settle(people)
    _insert(people, new)
    _update(people, changed)
    _identify(people)
    _tag(people)


def _settle(people: "People") -> None:
    """Lines that changed somebody and were changed back by a later one have changed nothing."""
    numbered = {pk for pk, _system, _value in people.identifiers.values()}
    for line, pk in people.lines.items():
        person = people.people[pk]
        if (
            not person.is_new
            and not person.before
            and pk not in numbered
            and people.outcome[line] == "updated"
        ):
            people.outcome[line] = "unchanged"


def _insert(people: "People", new: list["Person"]) -> None:
    if not new:
        return
    chunk, stamp = people.chunk, bulk.moment_text(people.chunk.stamp)
    columns = {name: _column(name, new) for name in COLUMNS}
    told = {name: values for name, values in columns.items() if values.count(None) < len(values)}
    fixed = (chunk.organization_id, stamp, stamp, *FIXED.values())
    bulk.insert_rows(
        Patient,
        ("id", "public_id", "organization_id", "created_at", "updated_at", *FIXED, *told),
        list(
            zip(
                [person.pk for person in new],
                [person.public_id for person in new],
                *map(repeat, fixed),
                *told.values(),
                strict=False,
            )
        ),
    )
    SEARCH.add([(p.pk, identity.search_words(chunk.organization_id, p.values["name"])) for p in new])
    chunk.created_with_touch(Patient, [(person.pk, _registered(chunk, person)) for person in new])
    seen = chunk.seen_people
    if seen is None:
        chunk.count("patients_created", len(new))
        return
    chunk.count("patients_created", sum(not seen.intersection(keys) for keys in people.new_keys.values()))
    seen.update(key for keys in people.new_keys.values() for key in keys)


def _column(name: str, new: list["Person"]) -> list[Any]:
    """What the new people have in a column, as it is stored."""
    values = [person.values[name] for person in new]
    if name in LISTS:
        return [_list_text(tuple(value)) for value in values]
    if name not in ENCRYPTED:
        return values
    secret = iter(crypto.encrypt_many(filter(None, values), f"patients_patient.{name}"))
    return [next(secret) if value else None for value in values]


def _registered(chunk: Chunk, person: "Person") -> NewTouch:
    source = person.values["source_channel"]
    return NewTouch(
        _from_source(source), chunk.organization_id, chunk.stamp, person.pk, None, source,
        dedupe_key=f"patient:{dashed(person.public_id)}:registered",
    )  # fmt: skip


@lru_cache(maxsize=1000)
def _from_source(source: str) -> RegisteredTouch:
    return RegisteredTouch(source=source)


@lru_cache(maxsize=10_000)
def _list_text(words: tuple[str, ...]) -> str:
    return json.dumps(words, ensure_ascii=False)


def _update(people: "People", changed: list["Person"]) -> None:
    chunk = people.chunk
    groups: dict[tuple[str, ...], list[Person]] = {}
    for person in changed:
        groups.setdefault(tuple(sorted(person.before)), []).append(person)
    for names, members in groups.items():
        rows = [
            [*(_stored(name, one.values[name]) for name in names), chunk.stamp, one.pk] for one in members
        ]
        bulk.update_rows(Patient, [*names, "updated_at"], rows)
        if "name" in names:
            SEARCH.replace(
                [(p.pk, identity.search_words(chunk.organization_id, p.values["name"])) for p in members]
            )
    for person in changed:
        chunk.updated(
            None,
            Patient,
            person.pk,
            before={**person.before, "updated_at": person.values["updated_at"]},
            after={**{name: person.values[name] for name in person.before}, "updated_at": chunk.stamp},
        )
        if person.before.get("deceased_on", 0) is None:
            publish(PatientDied(organization_id=chunk.organization_id, patient_id=person.pk))
    if changed:
        chunk.count("patients_updated", len(changed))


def _stored(name: str, value: Any) -> Any:
    return crypto.encrypt(value, f"patients_patient.{name}") if name in ENCRYPTED and value else value


def _identify(people: "People") -> None:
    if not people.identifiers:
        return
    ids = bulk.reserve_ids(PatientIdentifier, len(people.identifiers))
    values = crypto.encrypt_many(
        [value for _pk, _system, value in people.identifiers.values()], "patients_patientidentifier.value"
    )
    stamp, rows, public_ids = bulk.moment_text(people.chunk.stamp), [], uuid7_hexes()
    for number, secret, (key, (patient, system, _value)) in zip(
        ids, values, people.identifiers.items(), strict=True
    ):
        rows.append(
            [
                number,
                people.chunk.organization_id,
                next(public_ids),
                stamp,
                stamp,
                patient,
                system,
                key[1],
                secret,
            ]
        )
        if not people.people[patient].is_new:
            people.chunk.created(None, PatientIdentifier, number)
    bulk.insert_rows(
        PatientIdentifier,
        ("id", "organization_id", "public_id", "created_at", "updated_at", "patient_id", "system",
         "value_index", "value"),
        rows,
    )  # fmt: skip


def _tag(people: "People") -> None:
    named = {pk: person.tags for pk, person in people.people.items() if person.tags}
    if not named:
        return
    organization, tags = people.chunk.organization_id, {}
    for name in sorted(set().union(*named.values())):
        tag, _new = Tag.objects.get_or_create(organization_id=organization, name=name[:40])
        tags[name] = tag.pk
    marks = PatientTag.objects.filter(patient_id__in=named, tag_id__in=tags.values())
    there = set(marks.values_list("patient_id", "tag_id"))
    wanted = sorted({(pk, tags[name]) for pk, names in named.items() for name in names} - there)
    for number, (pk, tag_id) in zip(bulk.reserve_ids(PatientTag, len(wanted)), wanted, strict=True):
        PatientTag.objects.create(
            pk=number, organization_id=organization, patient_id=pk, tag_id=tag_id, at=people.chunk.stamp
        )
        people.chunk.created(None, PatientTag, number)
    tagged = {pk for pk, _tag_id in wanted}
    for line, pk in people.lines.items():
        if pk in tagged and people.outcome[line] == "unchanged":
            people.outcome[line] = "updated"
