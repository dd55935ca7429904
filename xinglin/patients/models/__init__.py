from xinglin.patients.models.consent import Consent, ConsentState
from xinglin.patients.models.erasure import ErasureRequest
from xinglin.patients.models.household import Household, HouseholdMember
from xinglin.patients.models.imports import Import, ImportChunk, ImportMapping
from xinglin.patients.models.patient import Patient, PatientIdentifier, PatientTag, Tag
from xinglin.patients.models.views import SavedView

__all__ = [
    "Consent",
    "ConsentState",
    "ErasureRequest",
    "Household",
    "HouseholdMember",
    "Import",
    "ImportChunk",
    "ImportMapping",
    "Patient",
    "PatientIdentifier",
    "PatientTag",
    "SavedView",
    "Tag",
]
