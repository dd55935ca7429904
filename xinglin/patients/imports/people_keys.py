"""By what a row recognises its person, and which columns of the record it speaks about."""

from typing import Any

from xinglin.patients.imports.chunk import Chunk
from xinglin.patients.imports.shapes import Row
from xinglin.patients.rules import identity

NAMELESS = "未具名"
ENCRYPTED = ("phone", "id_number", "email", "address")
PLAIN = (
    "sex", "birth_date", "deceased_on", "phone", "id_number", "email", "address",
    "province", "city", "district",
    "community", "occupation", "employer", "insurance_type", "source_channel", "allergies", "note",
)  # fmt: skip
COLUMNS = (
    "name", "sex", "birth_date", "reported_age", "reported_age_on", "deceased_on", "phone", "phone_index",
    "phone_last4_index", "id_number", "id_number_index", "email", "email_index", "address",
    "province", "city",
    "district", "community", "occupation", "employer", "insurance_type", "conditions", "allergies",
    "is_verified", "source_channel", "note",
)  # fmt: skip
LISTS = frozenset({"conditions", "allergies"})
FIXED: dict[str, Any] = {"preferences": "{}", "custom": "{}", "is_vip": False}
BLANK: dict[str, Any] = {
    **dict.fromkeys(COLUMNS, ""),
    **dict.fromkeys(
        ("birth_date", "reported_age", "reported_age_on", "deceased_on", "phone", "phone_index",
         "phone_last4_index", "id_number", "id_number_index", "email", "email_index", "address")
    ),
    "sex": "U", "conditions": [], "allergies": [], "is_verified": False,
}  # fmt: skip
# The value under which a row may recognise a person → the system of its identifier.
SYSTEMS = {
    "patient.external_id": "",
    "patient.card_no": "card",
    "patient.ssn": "ssn",
    "patient.passport": "passport",
}
IDENTITY = ("patient.external_id", "patient.id_number", "patient.card_no", "patient.phone")
Key = tuple[str, bytes, str]


def columns_of(mapped: frozenset[str]) -> set[str]:
    """Columns of Patient that the mapped fields may touch."""
    names = {"name", "is_verified", "birth_date"}
    for key in mapped:
        name = key.removeprefix("patient.")
        if key.startswith("patient.has.") or name == "conditions":
            names.add("conditions")
        elif name in PLAIN:
            names.add(name)
        elif name == "age":
            names |= {"reported_age", "reported_age_on"}
    for name in ("phone", "id_number", "email"):
        if name in names:
            names.add(f"{name}_index")
    return names | ({"phone_last4_index"} if "phone" in names else set())


def name_in(row: Row) -> str:
    """The name as given, or built of its parts: 王 + 芳, First Last."""
    values = row.values
    if name := values.get("patient.name"):
        return str(name)
    first, last = str(values.get("patient.first_name") or ""), str(values.get("patient.last_name") or "")
    if not first or not last:
        return first or last
    return f"{last}{first}" if not last.isascii() else f"{first} {last}"


def number_in(row: Row, system: str, source: str) -> str:
    key = "patient.external_id" if system == source else "patient.card_no"
    return str(row.values[key])


def keys_of(row: Row, chunk: Chunk) -> list[Key]:
    """What the row recognises its person by, the strongest first."""
    organization, get = chunk.organization_id, row.values.get
    only = chunk.key if chunk.key in IDENTITY else ""
    found: list[Key] = []
    if (value := get("patient.external_id")) and only in {"", "patient.external_id"}:
        found.append((chunk.source, identity.identifier_index(organization, value), ""))
    if (value := get("patient.id_number")) and only in {"", "patient.id_number"}:
        found.append(("id_number", identity.id_number_index(organization, value), ""))
    if (value := get("patient.card_no")) and only in {"", "patient.card_no"}:
        found.append(("card", identity.identifier_index(organization, value), ""))
    phone = get("patient.phone")
    if phone and only in {"", "patient.phone"} and (name := name_in(row)):
        found.append(("phone", identity.phone_index(organization, phone), name))
    return found
