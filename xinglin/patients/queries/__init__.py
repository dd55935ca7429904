from xinglin.patients.queries.consents import (
    consent_grid,
    find_consent,
    has_consent,
    list_consents,
)
from xinglin.patients.queries.contact import contact_address, contact_addresses, patients_at
from xinglin.patients.queries.erasures import (
    find_open_erasure,
    get_erasure,
    list_erasures,
    list_erasures_to_decide,
)
from xinglin.patients.queries.households import (
    Place,
    get_household,
    household_of,
    list_households,
    places_of,
)
from xinglin.patients.queries.listing import Filters, about_visible, list_patients, list_saved_views
from xinglin.patients.queries.lookup import people_named
from xinglin.patients.queries.people import (
    find_by_external_id,
    find_by_phone,
    find_duplicates,
    get_by_id,
    get_patient,
    list_tags,
    timeline,
)
from xinglin.patients.queries.pseudonyms import find_by_public_id, list_pseudonyms, public_ids
from xinglin.patients.queries.search import ids_matching, matching, search

__all__ = [
    "Filters",
    "Place",
    "about_visible",
    "consent_grid",
    "contact_address",
    "contact_addresses",
    "find_by_external_id",
    "find_by_phone",
    "find_by_public_id",
    "find_consent",
    "find_duplicates",
    "find_open_erasure",
    "get_by_id",
    "get_erasure",
    "get_household",
    "get_patient",
    "has_consent",
    "household_of",
    "ids_matching",
    "list_consents",
    "list_erasures",
    "list_erasures_to_decide",
    "list_households",
    "list_patients",
    "list_pseudonyms",
    "list_saved_views",
    "list_tags",
    "matching",
    "patients_at",
    "people_named",
    "places_of",
    "public_ids",
    "search",
    "timeline",
]
