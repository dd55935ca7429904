"""What a person let the mini-program send: on the record and by REST, with when it was given and used."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from xinglin.directory.tests.factories import make_client
from xinglin.outreach import actions
from xinglin.outreach.models import Message
from xinglin.outreach.tests.factories import NOON, make_provider_template
from xinglin.outreach.tests.providers_server import provider_server
from xinglin.outreach.tests.test_weixin_providers import PARAMS, remind, service_version
from xinglin.outreach.tests.weixin_platform import Weixin, drain, known, setting

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XINGLIN_PRIVATE_HOSTS", "127.0.0.1")


def grants(client: Any, person: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"/api/v1/outreach/people/{person.public_id}/grants").json()
    return found


def test_grants_stand_on_the_record_with_when_they_were_given_and_used() -> None:
    with provider_server(Weixin(send={"errcode": 0, "msgid": 7})) as server:
        provider = setting(server, "miniapp", "miniapp")
        version = service_version(provider, "miniapp")
        make_provider_template(provider, version, code="T", params=PARAMS)
        person, other = known(provider.organization, "miniapp"), known(provider.organization, "miniapp")
        client = make_client("director", provider.organization)
        for minutes in (0, 1):
            actions.add_grant(
                provider=provider, patient_id=person.pk, code="T", is_given=True,
                now=NOON - timedelta(minutes=minutes),
            )  # fmt: skip
        remind(person, "k", starts_at="11-20")
        drain()
    assert Message.objects.get().state == "accepted"
    (line,) = grants(client, person)
    assert (line["name"], line["balance"], line["given"], line["used"]) == (version.template.name, 1, 2, 1)
    assert line["used_at"] is not None
    assert grants(client, other) == []
    page = client.get(reverse("patients:detail", args=[person.public_id])).content.decode()
    assert "小程序订阅" in page
    assert "还能发 1 次" in page
    assert "同意过 2 次" in page
    assert "用掉 1 次" in page
    actions.add_grant(provider=provider, patient_id=person.pk, code="T", is_given=False, now=NOON)
    page = client.get(reverse("patients:detail", args=[person.public_id])).content.decode()
    assert "用完了" in page
    assert "本人拒绝过" in page
    assert "小程序订阅" not in client.get(reverse("patients:detail", args=[other.public_id])).content.decode()


def test_grants_need_the_right_to_see_messages_and_the_own_hospital() -> None:
    with provider_server(Weixin()) as server:
        provider = setting(server, "miniapp", "miniapp")
        person = known(provider.organization, "miniapp")
    stranger = make_client("director")
    assert stranger.get(f"/api/v1/outreach/people/{person.public_id}/grants").status_code == 404
    blind = make_client("director", provider.organization, permissions=["patients.patient.view"])
    assert blind.get(f"/api/v1/outreach/people/{person.public_id}/grants").status_code == 403
