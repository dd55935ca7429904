"""Whose permission it is: chosen within one's scope, shown on the record, ended by the patient's own word."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from xinglin.content import actions
from xinglin.content.models import CaseAuthorisation, ContentItem
from xinglin.content.tests.factories import approve_all, make_case, make_reviewer, make_story, submit
from xinglin.core.actor import Actor
from xinglin.core.errors import Invalid
from xinglin.core.testing import run_jobs
from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import every_code, make_actor, make_client, make_organization
from xinglin.patients.actions import withdraw_consent
from xinglin.patients.tests.factories import make_patient

pytestmark = pytest.mark.django_db
FACTS = {
    "label": "骨科 2026-03",
    "identifiers": "李桂芳",
    "scope": ["text", "site"],
    "signed_on": "2026-01-05",
}


@pytest.fixture
def hospital() -> Organization:
    return make_organization()


@pytest.fixture
def client(hospital: Organization) -> Client:
    return make_client("content", hospital, permissions=every_code())


def keeper(hospital: Organization) -> Actor:
    return make_actor("content", hospital, permissions=every_code())


def test_the_form_finds_a_person_and_the_record_shows_the_permission(
    hospital: Organization, client: Client
) -> None:
    patient = make_patient(hospital, name="李桂芳")
    new = reverse("content:case-create")
    found = client.get(new, {"who": "李桂芳"}, headers={"HX-Request": "true"}).content.decode()
    assert str(patient.public_id) in found
    assert patient.phone not in found

    answer = client.post(new, {**FACTS, "patient": str(patient.public_id)}, follow=True)
    case = CaseAuthorisation.objects.get()
    assert case.patient_id == patient.pk
    assert reverse("patients:detail", args=[patient.public_id]) in answer.content.decode()
    record = client.get(reverse("patients:detail", args=[patient.public_id])).content.decode()
    assert "骨科 2026-03" in record
    blind = make_client("doctor", hospital, permissions={"patients.patient.view", "content.item.view"})
    assert (
        "骨科 2026-03" not in blind.get(reverse("patients:detail", args=[patient.public_id])).content.decode()
    )


def test_somebody_elses_patient_is_refused_with_what_was_typed_still_there(client: Client) -> None:
    stranger = make_patient(make_organization())
    answer = client.post(reverse("content:case-create"), {**FACTS, "patient": str(stranger.public_id)})
    assert answer.status_code == 422
    html = answer.content.decode()
    assert "不在您能看的范围里" in html
    assert "骨科 2026-03" in html
    assert not CaseAuthorisation.objects.exists()


def test_one_registered_without_a_person_gets_one_later(hospital: Organization, client: Client) -> None:
    case, patient = make_case(keeper(hospital)), make_patient(hospital)
    page = reverse("content:case-patient", args=[case.public_id])
    assert page in client.get(reverse("content:case-list")).content.decode()
    client.post(page, {"patient": str(patient.public_id)})
    case.refresh_from_db()
    assert case.patient_id == patient.pk
    assert str(patient.public_id) in client.get(page).content.decode()


def test_who_withdraws_consent_to_stories_has_everything_told_taken_down(hospital: Organization) -> None:
    author, patient = keeper(hospital), make_patient(hospital)
    case = make_case(author, patient=patient.public_id)
    version, _case = make_story(author, case)
    approve_all(submit(author, version))
    publisher = make_reviewer(hospital.pk, 9)
    actions.publish_item(actor=publisher, public_id=version.public_id, now=timezone.now())
    other = make_case(author, label="别人")

    def withdraw(purpose: str) -> None:
        facts: dict[str, Any] = {"patient_id": patient.pk, "channel": "letter", "how": "phone"}
        withdraw_consent(actor=author, purpose=purpose, now=timezone.now(), **facts)
        run_jobs()

    withdraw("marketing")
    assert ContentItem.objects.get(pk=version.item_id).published_id is not None
    withdraw("case_story")
    case.refresh_from_db()
    other.refresh_from_db()
    assert (case.revoked_reason, other.revoked_at) == ("患者撤回了对病例故事的同意", None)
    assert ContentItem.objects.get(pk=version.item_id).published_id is None


def test_by_rest(hospital: Organization, client: Client) -> None:
    patient, stranger = make_patient(hospital), make_patient(make_organization())
    path = "/api/v1/content/cases/"

    def post(body: dict[str, Any]) -> Any:
        return client.post(path, body, content_type="application/json")

    made = post({**FACTS, "patient": str(patient.public_id)})
    assert (made.status_code, made.json()["patient"]) == (201, str(patient.public_id))
    wrong = post({**FACTS, "patient": str(stranger.public_id)})
    assert (wrong.status_code, list(wrong.json()["fields"])) == (422, ["patient"])
    assert client.get(path).json()[0]["patient"] == str(patient.public_id)
    reader = make_client("doctor", hospital, permissions={"content.item.view", "patients.patient.view"})
    assert reader.get(path).json()[0]["patient"] is None
    bare = client.put(
        f"{path}{made.json()['public_id']}/patient/", {"patient": None}, content_type="application/json"
    )
    assert bare.json()["patient"] is None


def test_the_action_refuses_who_may_not_see_patients(hospital: Organization) -> None:
    actor = make_actor("content", hospital, permissions={"content.item.view", "content.case.edit"})
    with pytest.raises(Invalid):
        make_case(actor, patient=make_patient(hospital).public_id)
