"""What people wrote back: who sees it, what it answered, who has seen to it."""

from typing import Any

import pytest
from django.urls import reverse

from xinglin.core.models import AuditEntry
from xinglin.directory.tests.factories import make_actor, make_organization
from xinglin.outreach import actions, queries
from xinglin.outreach.models import Message, Reply
from xinglin.outreach.tests.factories import (
    NOON,
    make_campaign,
    make_message,
    make_patient,
    make_template_version,
)
from xinglin.outreach.tests.test_pages import sign_in
from xinglin.patients.models import Patient

pytestmark = pytest.mark.django_db
URL = "/api/v1/outreach/replies"


def wrote(patient: Patient, text: str = "周六有门诊吗") -> Reply:
    return actions.take_reply(
        organization_id=patient.organization_id, channel="sms", people=[patient.pk], text=text, at=NOON,
        now=NOON,
    )  # fmt: skip


def sent(patient: Patient, **facts: Any) -> Message:
    return make_message(patient, channel="sms", **facts)


def test_the_page_shows_what_was_written_to_what_and_a_colleague_sees_to_it() -> None:
    hospital = make_organization()
    person, other = make_patient(hospital), make_patient(hospital)
    campaign = make_campaign(hospital, [person])
    sent(person, campaign=campaign, template_version=campaign.template_version)
    reply, refusal = wrote(person), wrote(other, "退订")
    client, url = sign_in(hospital, "agent"), reverse("outreach:reply-list")
    text = client.get(url).content.decode()
    assert person.name in text
    assert "周六有门诊吗" in text
    assert campaign.name in text
    assert other.name not in text  # a refusal is carried out at once and waits for nobody
    assert "已自动停发" in client.get(url, {"show": "refusals"}).content.decode()
    assert queries.count_open_replies(make_actor("agent", hospital)) == 1

    handle = reverse("outreach:reply-handling")
    assert client.post(handle, {"do": "handle", "ids": [str(reply.public_id)]}).status_code == 302
    reply.refresh_from_db()
    assert reply.handled_at is not None
    assert reply.handled_by_name in client.get(url, {"show": "done"}).content.decode()
    assert "没有等着处理的回复" in client.get(url).content.decode()
    assert AuditEntry.objects.get(action="outreach.reply.handled").detail["count"] == 1
    client.post(handle, {"do": "handle", "ids": [str(reply.public_id), str(refusal.public_id)]})
    assert AuditEntry.objects.filter(action="outreach.reply.handled").count() == 1

    client.post(f"{handle}?show=done", {"do": "reopen", "all": "1"})
    reply.refresh_from_db()
    assert (reply.is_open, reply.handled_by_name) == (True, "")


def test_the_record_of_a_person_and_the_message_show_replies() -> None:
    person = make_patient()
    message = sent(person, template_version=make_template_version(person.organization))
    client = sign_in(person.organization, "agent")
    page = reverse("outreach:person", args=[person.public_id])
    assert "没有回复过" in client.get(page, {"show": "replies"}).content.decode()
    wrote(person)
    for url in (
        f"{page}?show=replies",
        reverse("outreach:message-detail", args=[message.pk]),
        reverse("patients:detail", args=[person.public_id]),
    ):
        assert "周六有门诊吗" in client.get(url).content.decode(), url


def test_other_hospitals_other_roles_and_other_teams() -> None:
    hospital = make_organization()
    reply = wrote(make_patient(hospital))
    handle, ids = reverse("outreach:reply-handling"), [str(reply.public_id)]
    stranger = sign_in(make_organization(), "agent")
    assert "周六有门诊吗" not in stranger.get(reverse("outreach:reply-list")).content.decode()
    stranger.post(handle, {"do": "handle", "ids": ids})
    assert stranger.get(URL).json()["items"] == []
    analyst = sign_in(hospital, "analyst")
    assert analyst.get(reverse("outreach:reply-list")).status_code == 200
    assert analyst.post(handle, {"do": "handle", "ids": ids}).status_code == 403
    assert sign_in(hospital, "finance").get(reverse("outreach:reply-list")).status_code == 403
    assert sign_in(hospital, "finance").get(URL).status_code == 403
    team = make_actor("supervisor", hospital)
    assert not queries.list_replies(team).exists()
    Patient.objects.filter(organization=hospital).update(responsible_id=team.staff_id)
    assert queries.list_replies(team).count() == 1
    reply.refresh_from_db()
    assert reply.is_open


def test_the_list_is_paged_by_key_and_in_few_statements(django_assert_max_num_queries: Any) -> None:
    hospital = make_organization()
    for n in range(51):
        person = make_patient(hospital)
        sent(person)
        wrote(person, f"第{n}条")
    client = sign_in(hospital, "agent")
    url = reverse("outreach:reply-list")
    client.get(url)
    with django_assert_max_num_queries(30):
        text = client.get(url).content.decode()
    assert "第50条" in text
    assert "第0条" not in text
    first = client.get(URL).json()
    assert (len(first["items"]), first["next"]) == (51, "")
    found = client.get(url).context["page"]
    assert "第0条" in client.get(found.next_url).content.decode()


def test_replies_by_rest() -> None:
    hospital = make_organization()
    person = make_patient(hospital)
    message = sent(person, template_version=make_template_version(hospital))
    reply = wrote(person)
    actions.take_reply(
        organization_id=hospital.pk, channel="sms", people=[], text="退订", at=NOON, now=NOON
    )  # fmt: skip
    client = sign_in(hospital, "agent")
    found = client.get(URL, {"is_refusal": "false"}).json()["items"]
    assert [(row["id"], row["patient"], row["message_id"], row["is_open"]) for row in found] == [
        (str(reply.public_id), str(person.public_id), message.pk, True)
    ]
    assert found[0]["title"] == message.title
    stranger = client.get(URL, {"is_refusal": "true", "is_open": "true"}).json()["items"]
    assert [(row["patient"], row["title"]) for row in stranger] == [(None, "")]
    body = {"ids": [str(reply.public_id)]}
    for changed in (1, 0):
        answer = client.post(f"{URL}/handling", body, content_type="application/json")
        assert answer.json() == {"changed": changed}
    assert client.get(URL, {"is_open": "true", "patient": str(person.public_id)}).json()["items"] == []
    nobody = client.get(URL, {"patient": str(make_patient().public_id)})
    assert nobody.status_code == 404
