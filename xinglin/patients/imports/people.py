"""Finds and writes the people of one chunk, set by set: a fixed number of queries whatever its size."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from xinglin.core import bulk, crypto
from xinglin.core.ids import uuid7_hexes
from xinglin.patients.imports.chunk import Chunk
from xinglin.patients.imports.guardians import guard, refuse_unknown
from xinglin.patients.imports.people_fields import FLAGS
from xinglin.patients.imports.people_keys import (
    BLANK,
    ENCRYPTED,
    NAMELESS,
    PLAIN,
    SYSTEMS,
    Key,
    columns_of,
    keys_of,
    name_in,
    number_in,
)
from xinglin.patients.imports.people_writing import write
from xinglin.patients.imports.shapes import Policy, Row
from xinglin.patients.models import Patient, PatientIdentifier
from xinglin.patients.rules import identity
from xinglin.patients.rules.facts import phone_columns


@dataclass(slots=True)
class Person:
    """Somebody of this chunk: what stands in the database, and what will.

    An encrypted column of somebody known stays sealed (bytes) until its text is needed.
    """

    pk: int
    is_new: bool
    values: dict[str, Any]
    public_id: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)

    def set(self, name: str, value: Any) -> bool:
        old = self.open(name)
        if old == value:
            return False
        if not self.is_new:
            self.before.setdefault(name, old)
        self.values[name] = value
        return True

    def open(self, name: str) -> Any:
        """The value; a sealed one is decrypted and kept in clear."""
        value = self.values[name]
        if name in ENCRYPTED and type(value) is bytes:
            value = self.values[name] = crypto.decrypt(value, f"patients_patient.{name}")
        return value


@dataclass(slots=True)
class People:
    """The people of one chunk. ``outcome`` says for each line what it did to its person."""

    chunk: Chunk
    as_of: Callable[[Row], date | None]
    policy: Policy
    plain: list[tuple[str, str]] = field(default_factory=list)  # (field, column) of what the file tells
    flags: list[tuple[str, str]] = field(default_factory=list)  # (field, word) of its yes-or-no columns
    known: dict[Key, int] = field(default_factory=dict)
    people: dict[int, Person] = field(default_factory=dict)
    identifiers: dict[Key, tuple[int, str, str]] = field(default_factory=dict)
    has_source_number: set[int] = field(default_factory=set)
    outcome: dict[int, str] = field(default_factory=dict)
    lines: dict[int, int] = field(default_factory=dict)
    new_keys: dict[int, list[Key]] = field(default_factory=dict)

    def resolve(self) -> dict[int, int]:
        """Patient id by line; rows about nobody are refused and leave the chunk."""
        refuse_unknown(self)
        mapped = self.chunk.mapped
        self.plain = [(f"patient.{key}", key) for key in PLAIN if f"patient.{key}" in mapped]
        self.flags = [(key, key[12:]) for key in FLAGS if key in mapped]
        keyed: list[tuple[Row, list[Key]]] = []
        for row in self.chunk.rows:
            if keys := keys_of(row, self.chunk):
                keyed.append((row, keys))
            else:
                self.chunk.refuse(row, _("看不出是谁：没有患者编号、证件号、卡号，也没有手机加姓名"))
        self.chunk.rows = [row for row, _keys in keyed]
        self._look_up({key for _row, keys in keyed for key in keys})
        self._load()
        spare, ids = iter(bulk.reserve_ids(Patient, self._count_unknown(keyed))), uuid7_hexes()
        for row, keys in keyed:
            pk = self._match(row, keys)
            if pk is None:
                pk = next(spare)
                self.people[pk] = self._new_person(row, pk, next(ids))
                self.outcome[row.line] = "created"
                self.new_keys[pk] = keys
            self.lines[row.line] = pk
            self._take(row, self.people[pk], keys)
        write(self)
        guard(self)
        return self.lines

    def _count_unknown(self, keyed: list[tuple[Row, list[Key]]]) -> int:
        """At most so many are new: a phone that is known may still be another person's."""
        known = self.known
        if not known:
            return len(keyed)
        return sum(not any(key in known for key in keys if key[0] != "phone") for _row, keys in keyed)

    def _look_up(self, keys: set[Key]) -> None:
        wanted: dict[str, set[bytes]] = {}
        for system, index, _name in keys:
            wanted.setdefault(system, set()).add(index)
        for system, indexes in wanted.items():
            named: dict[str, Any] = {"organization_id": self.chunk.organization_id, "keys": list(indexes)}
            if system == "id_number":
                rows = bulk.rows_by_keys(Patient, ("id", "id_number_index"), key="id_number_index", **named)
                found = [(pk, ("id_number", mark, "")) for pk, mark in rows]
            elif system == "phone":
                rows = bulk.rows_by_keys(Patient, ("id", "phone_index", "name"), key="phone_index", **named)
                found = [(pk, ("phone", mark, name)) for pk, mark, name in rows]
            else:
                columns = ("patient_id", "value_index")
                rows = bulk.rows_by_keys(
                    PatientIdentifier, columns, key="value_index", system=system, **named
                )
                found = [(pk, (system, mark, "")) for pk, mark in rows]
            # The oldest record wins; a phone that only other names have says nothing.
            self.known |= {key: pk for pk, key in sorted(found, reverse=True) if key in keys}

    def _load(self) -> None:
        """The current values of everybody found, of the columns that the file speaks about."""
        ids = list(set(self.known.values()))
        if not ids:
            return
        columns = ("updated_at", *sorted(columns_of(self.chunk.mapped)))
        for pk, *values in bulk.rows_by_keys(Patient, ("id", *columns), key="id", keys=ids):
            self.people[pk] = Person(pk, False, dict(zip(columns, values, strict=True)))
        numbered = bulk.rows_by_keys(
            PatientIdentifier, ("patient_id",), key="patient_id", keys=ids, system=self.chunk.source
        )
        self.has_source_number = {pk for (pk,) in numbered}

    def _match(self, row: Row, keys: list[Key]) -> int | None:
        """The first key that is known; a phone does not join two people with numbers of one source."""
        for key in keys:
            pk = self.known.get(key)
            if pk is None or (
                key[0] == "phone" and "patient.external_id" in row.values and pk in self.has_source_number
            ):
                continue
            return pk
        return None

    def _take(self, row: Row, person: Person, keys: list[Key]) -> None:
        opens = person.is_new and row.line in self.outcome
        changed = opens or self._fill(row, person)
        pk, known = person.pk, self.known
        for key in keys:
            system = key[0]
            if system in {"id_number", "phone"}:
                if person.is_new or person.values.get(f"{system}_index") == key[1]:
                    known.setdefault(key, pk)
            elif key not in known and (person.is_new or self.policy is not Policy.SKIP):
                known[key] = pk
                self.identifiers[key] = (pk, system, number_in(row, system, self.chunk.source))
                changed = True
                if system == self.chunk.source:
                    self.has_source_number.add(pk)
        for name in ("patient.ssn", "patient.passport") if person.is_new else ():
            if value := row.values.get(name):
                index = identity.identifier_index(self.chunk.organization_id, value)
                self.identifiers.setdefault((SYSTEMS[name], index, ""), (pk, SYSTEMS[name], value))
        self.outcome.setdefault(row.line, "updated" if changed else "unchanged")

    def _new_person(self, row: Row, pk: int, public_id: str) -> Person:
        values, told = BLANK.copy(), row.values
        number = str(told.get("patient.external_id") or told.get("patient.card_no") or pk)
        values["name"] = name_in(row) or f"{NAMELESS} {number[-6:]}"
        values["is_verified"] = self._vouched(row)
        for key, name in self.plain:
            value = told.get(key)
            if value is not None:
                values[name] = value
        organization = self.chunk.organization_id
        if values["phone"]:
            values |= phone_columns(organization, values["phone"])
        if number := values["id_number"]:
            values["id_number_index"] = identity.id_number_index(organization, number)
            values["birth_date"] = values["birth_date"] or identity.birth_date_of(number)
        if values["email"]:
            values["email_index"] = identity.email_index(organization, values["email"])
        person = Person(pk, True, values, public_id)
        self._set_age(row, person)
        self._set_conditions(row, person, wins=True)
        person.tags.update(told.get("patient.tags", ()))
        return person

    def _fill(self, row: Row, person: Person) -> bool:
        """What a row about somebody known, or told of earlier in this chunk, may change."""
        if self.policy is Policy.SKIP:
            return False
        wins, values, told = self.policy is Policy.UPDATE, person.values, row.values
        changed = False
        name = name_in(row)
        if name and name != values["name"] and (wins or values["name"].startswith(NAMELESS)):
            changed |= person.set("name", name)
        for key, column in self.plain:
            value = told.get(key)
            if value is None or value == values[column]:
                continue
            old = values[column]
            if wins or old in (None, "", []) or (column == "sex" and old == "U"):
                changed |= self._set(person, column, value)
        changed |= self._set_age(row, person)
        changed |= self._set_conditions(row, person, wins)
        if not values["is_verified"] and self._vouched(row):
            changed |= person.set("is_verified", True)
        if words := told.get("patient.tags"):
            person.tags.update(words)
        return changed

    def _vouched(self, row: Row) -> bool:
        return "patient.external_id" in row.values or "patient.id_number" in row.values

    def _set(self, person: Person, name: str, value: Any) -> bool:
        organization = self.chunk.organization_id
        index = _INDEXES.get(name)
        if index is not None and person.values[f"{name}_index"] == index(organization, value):
            return False  # equal, without decrypting what is there
        changed = person.set(name, value)
        if name == "phone":
            for column, derived in phone_columns(organization, value).items():
                person.set(column, derived)
        elif index is not None:
            person.set(f"{name}_index", index(organization, value))
        if name == "id_number" and person.values.get("birth_date") is None:
            person.set("birth_date", identity.birth_date_of(value))
        return changed

    def _set_age(self, row: Row, person: Person) -> bool:
        """A reported age counts from its day on; only one of a later day takes its place."""
        age = row.values.get("patient.age")
        if age is None or person.values.get("birth_date") is not None:
            return False
        day = self.as_of(row) or self.chunk.today
        known = person.values["reported_age_on"]
        if known is not None and day <= known:
            return False
        changed = person.set("reported_age", age)
        person.set("reported_age_on", day)
        return changed or known is None or day > known

    def _set_conditions(self, row: Row, person: Person, wins: bool) -> bool:
        """Words given are kept; a flag adds its word, and takes it away only where the file wins."""
        told = row.values.get("patient.conditions")
        if told is None and not self.flags:
            return False
        current = person.values["conditions"]
        words = list(current)
        if told is not None:
            words = list(told) if wins else words + [word for word in told if word not in words]
        for key, word in self.flags:
            value = row.values.get(key)
            if value and word not in words:
                words.append(word)
            elif value is False and wins and word in words:
                words.remove(word)
        return words != current and person.set("conditions", words)


_INDEXES: dict[str, Callable[[int, str], bytes]] = {
    "phone": identity.phone_index,
    "id_number": identity.id_number_index,
    "email": identity.email_index,
}
