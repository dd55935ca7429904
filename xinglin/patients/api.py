"""REST API: people (masked), consents, search, imports."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from ninja import Field, File, Form, Router, Schema
from ninja.files import UploadedFile

from xinglin.core.access import StaffRequest
from xinglin.core.actor import require
from xinglin.core.paging import slice_by_key
from xinglin.patients import actions, queries
from xinglin.patients.actions import imports
from xinglin.patients.api_erasures import router as erasures
from xinglin.patients.api_households import router as households
from xinglin.patients.imports.errors_file import refused_rows
from xinglin.patients.models import Consent, Import, Patient
from xinglin.patients.permissions import Permission
from xinglin.patients.queries.listing import NARROW

router = Router(tags=["patients"])
router.add_router("/households", households)
router.add_router("", erasures)
LIMIT = 200


class PatientOut(Schema):
    """A person as the list shows them; numbers are masked."""

    id: UUID = Field(alias="public_id")
    record_number: str
    name: str
    sex: str
    birth_date: date | None
    age: int | None
    phone: str = Field(alias="masked_phone")
    id_number: str = Field(alias="masked_id_number")
    email: str = Field(alias="masked_email")
    province: str
    city: str
    district: str
    community: str
    insurance_type: str
    conditions: list[str]
    allergies: list[str]
    source_channel: str
    is_vip: bool
    is_verified: bool
    deceased_on: date | None
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_age(row: Patient) -> int | None:
        """Full years today."""
        return row.age_on(timezone.localdate())


class PatientPage(Schema):
    items: list[PatientOut]
    next: str = ""


class PatientIn(Schema):
    """A new record; numbers in clear."""

    name: str
    sex: str = "U"
    birth_date: date | None = None
    phone: str = ""
    id_number: str = ""
    email: str = ""
    address: str = ""
    province: str = ""
    city: str = ""
    district: str = ""
    community: str = ""
    occupation: str = ""
    employer: str = ""
    insurance_type: str = ""
    conditions: list[str] = []
    allergies: list[str] = []
    source_channel: str = ""
    note: str = ""
    identifiers: dict[str, str] = {}
    allow_duplicate: bool = False


class PatientPatch(Schema):
    """Facts to change; what is left out stays."""

    name: str | None = None
    sex: str | None = None
    birth_date: date | None = None
    deceased_on: date | None = None
    phone: str | None = None
    id_number: str | None = None
    email: str | None = None
    address: str | None = None
    province: str | None = None
    city: str | None = None
    district: str | None = None
    community: str | None = None
    occupation: str | None = None
    employer: str | None = None
    insurance_type: str | None = None
    conditions: list[str] | None = None
    allergies: list[str] | None = None
    is_vip: bool | None = None
    note: str | None = None


class ConsentOut(Schema):
    purpose: str
    channel: str
    status: str
    at: datetime
    how: str
    evidence: str
    text_version: str


class ConsentIn(Schema):
    """A declaration; ``status`` is given or withdrawn."""

    purpose: str
    channel: str
    status: Literal["given", "withdrawn"]
    how: str = "api"
    evidence: str = ""
    text_version: str = ""


class UnknownName(Schema):
    """A department or doctor that the trial met and the hospital does not have."""

    kind: str
    name: str
    rows: int


class ChosenName(Schema):
    """What it means: ``refuse`` its rows, ``create`` it, or the public id of an existing one."""

    kind: Literal["department", "doctor"]
    name: str
    choice: str


class ImportOut(Schema):
    id: UUID = Field(alias="public_id")
    kind: str
    status: str
    file_name: str
    header: list[str]
    columns: dict[str, str]
    total: int
    trial: dict[str, int]
    unknown: list[UnknownName]
    counts: dict[str, int]
    error: str

    @staticmethod
    def resolve_unknown(item: Import) -> list[dict[str, Any]]:
        return [{"kind": kind, "name": name, "rows": rows} for kind, name, rows in item.unknown]


class Refusal(Schema):
    line: int
    reason: str


class ImportRun(Schema):
    """What each column means ({} takes the proposal), and what happens to known records and to departments
    and doctors that the hospital does not have (``refuse`` or ``create``)."""

    columns: dict[str, str] = {}
    unknown: str = ""
    policy: str = ""
    key: str = ""
    source: str = ""


def _page(rows: QuerySet[Any], cursor: str, limit: int) -> dict[str, Any]:
    found, following, _previous = slice_by_key(
        rows, order=("-id",), size=max(1, min(limit, LIMIT)), cursor=cursor
    )
    return {"items": found, "next": following}


@router.get("/", response=PatientPage)
def list_patients(request: StaffRequest, cursor: str = "", limit: int = 50) -> dict[str, Any]:
    """People of the hospital and scope; the filters of the list page work here too (``?sex=F&age=60-``)."""
    filters = {name: request.GET[name] for name in NARROW if request.GET.get(name)}
    return _page(queries.list_patients(request.actor, filters, now=timezone.now()), cursor, limit)


@router.get("/search", response=list[PatientOut])
def search(request: StaffRequest, q: str, limit: int = 20) -> list[Patient]:
    """By name, pinyin initials, phone or its last four digits, card or ID number."""
    return queries.search(request.actor, q, limit=max(1, min(limit, 50)))


@router.post("/", response={201: PatientOut})
def create_patient(request: StaffRequest, body: PatientIn) -> tuple[int, Patient]:
    """Open a record; 409 `possible-duplicate` names who it may be."""
    return 201, actions.register_patient(actor=request.actor, now=timezone.now(), **body.dict())


@router.get("/imports", response=list[ImportOut])
def list_imports(request: StaffRequest, limit: int = 20) -> list[Any]:
    """The latest imports."""
    require(request.actor, Permission.RUN_IMPORT)
    return list(Import.objects.visible_to(request.actor).order_by("-id")[: max(1, min(limit, LIMIT))])


@router.post("/imports", response={201: ImportOut})
def upload_import(request: StaffRequest, kind: Form[str], file: File[UploadedFile]) -> tuple[int, Import]:
    """Upload a file; the answer proposes what its columns mean."""
    return 201, imports.upload_import(
        actor=request.actor,
        kind=kind,
        file_name=file.name or "file",
        pieces=file.chunks(1 << 20),
        now=timezone.now(),
    )


@router.get("/imports/{uuid:public_id}", response=ImportOut)
def get_import(request: StaffRequest, public_id: UUID) -> Import:
    """How far it is, and what it did."""
    return imports.get_import(request.actor, public_id)


@router.get("/imports/{uuid:public_id}/refusals", response=list[Refusal])
def list_refusals(request: StaffRequest, public_id: UUID) -> list[dict[str, Any]]:
    """Lines that were refused, with their reasons; at most 10,000."""
    item = imports.get_import(request.actor, public_id)
    found = []
    for line, reason, _cells in refused_rows(item):
        found.append({"line": line, "reason": reason})
        if len(found) >= 10_000:
            break
    return found


@router.post("/imports/{uuid:public_id}/trial", response=ImportOut)
def try_import(request: StaffRequest, public_id: UUID, body: ImportRun) -> Import:
    """Settle the columns and try the file; nothing is kept. Follow it by GET."""
    item = imports.get_import(request.actor, public_id)
    options = {name: value for name, value in body.dict().items() if name != "columns" and value}
    now = timezone.now()
    imports.map_import(
        actor=request.actor,
        public_id=public_id,
        columns=body.columns or item.columns,
        options=options,
        now=now,
    )
    imports.start_trial(actor=request.actor, public_id=public_id, now=now)
    return imports.get_import(request.actor, public_id)


@router.post("/imports/{uuid:public_id}/names", response=ImportOut)
def choose_names(request: StaffRequest, public_id: UUID, body: list[ChosenName]) -> Import:
    """Say what unknown departments and doctors mean, and try the file again."""
    choices = [(one.kind, one.name, one.choice) for one in body]
    imports.choose_names(actor=request.actor, public_id=public_id, choices=choices, now=timezone.now())
    return imports.get_import(request.actor, public_id)


@router.post("/imports/{uuid:public_id}/run", response=ImportOut)
def run_import(request: StaffRequest, public_id: UUID) -> Import:
    """Write the rows of a file that was tried."""
    imports.start_import(actor=request.actor, public_id=public_id, now=timezone.now())
    return imports.get_import(request.actor, public_id)


@router.post("/imports/{uuid:public_id}/undo", response=ImportOut)
def undo_import(request: StaffRequest, public_id: UUID) -> Import:
    """Take an import back."""
    imports.start_undo(actor=request.actor, public_id=public_id, now=timezone.now())
    return imports.get_import(request.actor, public_id)


@router.get("/{uuid:public_id}", response=PatientOut)
def get_patient(request: StaffRequest, public_id: UUID) -> Patient:
    """One person."""
    return queries.get_patient(request.actor, public_id)


@router.patch("/{uuid:public_id}", response=PatientOut)
def patch_patient(request: StaffRequest, public_id: UUID, body: PatientPatch) -> Patient:
    """Change facts; what is not named stays."""
    values = body.dict(exclude_unset=True)
    return actions.update_patient(actor=request.actor, public_id=public_id, values=values, now=timezone.now())


@router.get("/{uuid:public_id}/consents", response=list[ConsentOut])
def list_consents(request: StaffRequest, public_id: UUID) -> list[Any]:
    """Everything the person declared, the latest first; at most 200."""
    return list(queries.list_consents(queries.get_patient(request.actor, public_id))[:LIMIT])


@router.post("/{uuid:public_id}/consents", response={201: ConsentOut})
def create_consent(request: StaffRequest, public_id: UUID, body: ConsentIn) -> tuple[int, Consent]:
    """Record that the person agreed, or did not."""
    patient = queries.get_patient(request.actor, public_id)
    values = body.dict()
    given = values.pop("status") == Consent.Status.GIVEN
    declare = actions.give_consent if given else actions.withdraw_consent
    return 201, declare(actor=request.actor, patient_id=patient.pk, now=timezone.now(), **values)
