"""One's own: refusing automated scores, and health questionnaires, after the phone has been verified."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from xinglin.core.models import AuditEntry
from xinglin.directory.tests.factories import make_organization
from xinglin.ledger.models import Touch
from xinglin.patients.models import Patient
from xinglin.patients.tests.factories import make_patient
from xinglin.portal.tests.factories import ANOTHER, person, sent_code
from xinglin.scores.models import QuestionnaireAnswer, Refusal, Score, ScoreModel

pytestmark = pytest.mark.django_db
OSTA = {"age": "66", "weight": "50"}


@pytest.fixture
def patient() -> Patient:
    found: Patient = make_patient(make_organization(), phone=ANOTHER, name="林秋月", sex="F")
    return found


def known(patient: Patient) -> tuple[Client, str]:
    """A browser whose phone is verified, and where its pages begin."""
    client, home = person(), f"/h/{patient.organization.slug}/my/"
    asked = client.post(home, {"phone": ANOTHER})
    assert client.post(asked["Location"], {"code": sent_code()}).status_code == 302
    return client, home


def text_of(client: Client, url: str) -> str:
    return client.get(url).content.decode()


def test_a_patient_refuses_scores_and_allows_them_again(patient: Patient) -> None:
    card = ScoreModel.objects.create(
        organization=patient.organization,
        name="churn_risk",
        version=1,
        fitted_at=timezone.now(),
        has_skill=True,
    )
    Score.objects.create(
        organization=patient.organization, patient=patient, name="churn_risk", value=0.5, model=card,
        computed_at=timezone.now(),
    )  # fmt: skip
    client, home = known(patient)
    assert f"{home}decisions/" in text_of(client, home)
    assert "现在允许评分" in text_of(client, f"{home}decisions/")

    for _twice in range(2):
        said = client.post(f"{home}decisions/", {"who": str(patient.public_id), "do": "refuse"}, follow=True)
    assert "原有的数字已删除" in said.content.decode()
    assert "no-store" in said["Cache-Control"]
    assert not Score.objects.exists()
    assert Refusal.objects.get().by_name == "本人"
    touch = Touch.objects.get(kind="scoring.refused")
    assert (touch.patient_id, touch.channel, touch.props) == (patient.pk, "website", {"noted_by": "patient"})
    assert AuditEntry.objects.get(action="scores.refusal.given").detail["by_patient"] is True

    client.post(f"{home}decisions/", {"who": str(patient.public_id), "do": "allow"})
    assert not Refusal.objects.exists()
    assert Touch.objects.filter(kind="scoring.allowed").count() == 1


def test_nobody_decides_for_a_stranger(patient: Patient) -> None:
    other = make_patient(patient.organization, phone="13700000000")
    gone = make_patient(patient.organization, phone=ANOTHER)
    Patient.objects.filter(pk=gone.pk).update(deceased_on=timezone.localdate())
    client, home = known(patient)
    for who in (other.public_id, gone.public_id, uuid4(), "x"):
        assert client.post(f"{home}decisions/", {"who": str(who), "do": "refuse"}).status_code == 404
        filled = client.post(f"{home}health/osta/", {**OSTA, "who": str(who)})
        assert filled.status_code == 422
    stranger = person()
    assert stranger.get(f"{home}decisions/")["Location"] == home
    refused = stranger.post(f"{home}decisions/", {"who": str(patient.public_id), "do": "refuse"})
    assert refused["Location"] == home
    assert not Refusal.objects.exists()
    assert not QuestionnaireAnswer.objects.exists()


def test_a_questionnaire_is_filled_in_and_kept_once(patient: Patient) -> None:
    client, home = known(patient)
    page = text_of(client, f"{home}health/osta/")
    assert "林**" in page
    assert "仅供健康教育" in page
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None

    for _twice in range(2):
        done = client.post(
            f"{home}health/osta/", {**OSTA, "who": str(patient.public_id), "key": key[1]}
        ).content.decode()
    assert "已加密存进档案" in done
    assert "-3.2" in done
    row = QuestionnaireAnswer.objects.get()
    assert (row.patient_id, row.by_name, row.questionnaire) == (patient.pk, "本人", "osta")
    touch = Touch.objects.get(kind="questionnaire.answered")
    assert (touch.patient_id, touch.channel, touch.props) == (patient.pk, "website", {"noted_by": "patient"})
    listed = text_of(client, f"{home}health/")
    assert "填过的" in listed
    assert "-3.2" in listed


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(patient: Patient) -> None:
    client, home = known(patient)
    wrong = client.post(f"{home}health/osta/", {"age": "66", "weight": "9000", "who": str(patient.public_id)})
    html = wrong.content.decode()
    assert wrong.status_code == 422
    assert 'value="66"' in html
    assert 'value="9000"' in html
    assert 'id="id_weight_error"' in html
    empty = client.post(f"{home}health/diabetes/", {"who": str(patient.public_id)})
    assert empty.status_code == 422
    assert "这一项要填" in empty.content.decode()
    assert not QuestionnaireAnswer.objects.exists()


def test_a_stranger_sees_the_result_and_it_is_kept_nowhere(patient: Patient) -> None:
    client, home = person(), f"/h/{patient.organization.slug}/my/"
    assert f"{home}health/" in text_of(client, home)
    assert "都不保存" in text_of(client, f"{home}health/")
    page = text_of(client, f"{home}health/osta/")
    assert "为谁填" not in page
    done = client.post(f"{home}health/osta/", {**OSTA, "who": str(patient.public_id)}).content.decode()
    assert "-3.2" in done
    assert "没有保存" in done
    assert not QuestionnaireAnswer.objects.exists()
    assert not Touch.objects.filter(kind="questionnaire.answered").exists()
    assert client.get(f"{home}health/nothing/").status_code == 404


def test_a_family_chooses_for_whom(patient: Patient) -> None:
    child = make_patient(patient.organization, phone=ANOTHER, name="林小满")
    client, home = known(patient)
    chosen: dict[str, Any] = {**OSTA, "who": str(child.public_id)}
    client.post(f"{home}health/osta/", chosen)
    assert QuestionnaireAnswer.objects.get().patient_id == child.pk
    assert "没有保存" in client.post(f"{home}health/osta/", {**OSTA, "who": ""}).content.decode()
    assert QuestionnaireAnswer.objects.get().answered_at > timezone.now() - timedelta(hours=1)
