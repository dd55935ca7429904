"""Patient files."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from xinglin.patients.imports.chunk import Chunk
from xinglin.patients.imports.people import People
from xinglin.patients.imports.people_fields import PATIENT_FIELDS
from xinglin.patients.imports.registry import Importer, Policy, importer


@importer
class PatientImporter(Importer):
    """A row is a person; the file's policy says what happens to people known already."""

    name: ClassVar[str] = "patients"
    label: ClassVar[Any] = _("患者")
    unit: ClassVar[Any] = _("位患者")
    order: ClassVar[int] = 10
    policy: ClassVar[Policy] = Policy.UPDATE
    fields = PATIENT_FIELDS
    default_key = "patient.external_id"

    def apply(self, chunk: Chunk) -> None:
        people = People(chunk, lambda row: chunk.today, chunk.policy)
        lines = people.resolve()
        chunk.extra.pop("patients_created", None)
        chunk.extra.pop("patients_updated", None)
        for row in chunk.rows:
            if row.line in lines:
                chunk.outcomes[row.line] = people.outcome[row.line]
