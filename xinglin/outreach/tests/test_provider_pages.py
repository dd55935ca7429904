"""The pages of channels: every kind is set up, tried, its templates written down; calls and letters."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from xinglin.core.models import AuditEntry
from xinglin.directory.tests.factories import PASSWORD, make_membership, make_organization
from xinglin.outreach import actions, dispatch
from xinglin.outreach.models import HandTask, Message, Provider, ProviderTemplate, StaffTask
from xinglin.outreach.rules.providers import KINDS, kinds_for
from xinglin.outreach.tests.factories import (
    NOON,
    make_campaign,
    make_patient,
    make_people,
    make_provider,
    make_template_version,
    run_plan,
)

pytestmark = pytest.mark.django_db

FACTS: dict[str, dict[str, str]] = {
    "aliyun": {"key_id": "LTAI", "sign_name": "杏林医院", "secret": "s"},
    "tencent": {"key_id": "AKID", "app_id": "1400", "sign_name": "杏林医院", "secret": "s"},
    "http": {
        "endpoint": "https://sms.example/send",
        "body": '{"to": "{{to}}"}',
        "format": "json",
        "secret": "s",
    },
    "wechat": {"app_id": "wx1", "secret": "s"},
    "wecom": {"corp_id": "ww1", "secret": "s"},
    "miniapp": {"app_id": "wx2", "state": "formal", "secret": "s"},
    "smtp": {"host": "mail.example", "security": "tls", "sender": "a@b.example"},
}


def sign_in(organization: Any, role: str = "director") -> Client:
    membership = make_membership(role, organization)
    client = Client()
    assert client.login(username=membership.user.username, password=PASSWORD)
    return client


@pytest.fixture
def hospital() -> Any:
    return make_organization()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_each_kind_is_set_up_and_its_secret_never_shown(hospital: Any, kind: str) -> None:
    client, channel = sign_in(hospital, "admin"), KINDS[kind].channels[0]
    url = reverse("outreach:provider-edit", args=[channel])
    assert client.get(f"{url}?kind={kind}").status_code == 200
    facts = {"kind": kind, "rate_per_second": "20", "is_enabled": "on", **FACTS.get(kind, {})}
    if "secret" in facts:
        facts["secret"] = "never-shown-again"
    answer = client.post(url, facts)
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    page = client.get(url).content.decode()
    assert "never-shown-again" not in page
    row = Provider.objects.get()
    assert (row.kind, bool(row.hook_token)) == (kind, bool(KINDS[kind].hook))
    assert client.get(reverse("outreach:provider-list")).status_code == 200
    if KINDS[kind].hook == "weixin":
        assert len(row.hook_key or "") == 43
        assert (row.hook_key or "") in page
    if KINDS[kind].hook:
        before = row.hook_token
        client.post(reverse("outreach:hook-renewal", args=[channel]))
        row.refresh_from_db()
        assert row.hook_token != before


@pytest.mark.parametrize(
    ("kind", "facts", "field"),
    [
        ("aliyun", {"key_id": ""}, "key_id"),
        ("aliyun", {"secret": ""}, "secret"),
        ("aliyun", {"endpoint": "ftp://x"}, "endpoint"),
        ("http", {"body": "{"}, "body"),
        ("http", {"endpoint": "https://u:p@x.example/"}, "endpoint"),
    ],
)
def test_bad_settings_say_where(hospital: Any, kind: str, facts: dict[str, str], field: str) -> None:
    client = sign_in(hospital, "admin")
    given = {"kind": kind, "rate_per_second": "20", "is_enabled": "on", **FACTS[kind], **facts}
    answer = client.post(reverse("outreach:provider-edit", args=["sms"]), given)
    assert answer.status_code == 422
    assert f'id="id_{field}' in answer.content.decode()
    assert not Provider.objects.exists()


def test_another_kind_forgets_the_old_ones_secrets(hospital: Any) -> None:
    make_provider(hospital)
    client = sign_in(hospital, "admin")
    facts = {"kind": "tencent", "rate_per_second": "20", **FACTS["tencent"], "secret": ""}
    assert client.post(reverse("outreach:provider-edit", args=["sms"]), facts).status_code == 422
    assert Provider.objects.get().kind == "aliyun"
    assert set(kinds_for("sms")) == {"aliyun", "tencent", "http", "sink"}


def test_a_try_goes_the_usual_way_and_leaves_no_address(hospital: Any) -> None:
    make_provider(hospital, kind="sink", secret="")
    client = sign_in(hospital, "admin")
    url = reverse("outreach:provider-try", args=["sms"])
    client.post(url, {"address": "not a number"})
    assert not Message.objects.exists()
    client.post(url, {"address": "13800001234"})
    while dispatch.send_batch(worker="w", now=Message.objects.get().due_at):
        pass
    message = Message.objects.get()
    assert (message.state, message.address, message.variables) == ("delivered", None, None)


def test_what_was_typed_stays_beside_what_is_wrong_with_it(hospital: Any) -> None:
    client = sign_in(hospital, "admin")
    url = reverse("outreach:provider-edit", args=["sms"])
    given = {"kind": "http", "rate_per_second": "0", **FACTS["http"], "secret": "typed-once", "body": "{"}

    refused = client.post(url, given).content.decode()
    make_provider(hospital)
    tried = client.post(reverse("outreach:provider-try", args=["sms"]), {"address": "not a number"})

    assert 'value="typed-once"' in refused
    assert "有 2 处要改" in refused
    assert "https://sms.example/send" in refused
    assert tried.status_code == 422
    assert 'value="not a number"' in tried.content.decode()
    assert "写一个能收到的地址或号码" in tried.content.decode()
    assert not Message.objects.exists()


def test_templates_at_the_provider(hospital: Any) -> None:
    make_provider(hospital)
    version = make_template_version(hospital, purpose="service", channels=["sms"], body="{称呼}，您好")
    client = sign_in(hospital, "admin")
    assert "还没报备" in client.get(reverse("outreach:provider-templates", args=["sms"])).content.decode()
    url = reverse("outreach:provider-template", args=["sms", str(version.pk)])
    assert client.get(url).status_code == 200
    assert client.post(url, {"status": "approved", "code": "", "params": ""}).status_code == 422
    assert client.post(url, {"status": "approved", "code": "S", "params": "name"}).status_code == 422
    assert (
        client.post(url, {"status": "approved", "code": "SMS_9", "params": "name={{称呼}}"}).status_code
        == 302
    )
    row = ProviderTemplate.objects.get()
    assert (row.code, row.params) == ("SMS_9", [{"name": "name", "value": "{{称呼}}"}])
    occasion = reverse("outreach:provider-template", args=["sms", "verification_code"])
    assert (
        client.post(occasion, {"status": "submitted", "code": "SMS_1", "params": "code={{code}}"}).status_code
        == 302
    )
    assert client.get(reverse("outreach:provider-template", args=["sms", "no.such"])).status_code == 404
    history = sign_in(hospital).get(reverse("outreach:template-history", args=[version.template.public_id]))
    assert "SMS_9" in history.content.decode()
    assert client.post(reverse("outreach:provider-templates", args=["sms"])).status_code == 302


def test_the_page_before_sending_proposes_another_channel(hospital: Any) -> None:
    make_provider(hospital)
    version = make_template_version(hospital, channels=["sms", "email"])
    campaign = make_campaign(hospital, make_people(hospital, 2), version=version, channels=["sms"])
    run_plan(campaign, preflight=True)
    page = sign_in(hospital).get(reverse("outreach:campaign-preflight", args=[campaign.public_id]))
    text = page.content.decode()
    assert "阿里云短信不发「医疗营销」类内容" in text
    assert "可以改走" in text
    assert "邮件" in text


def task(hospital: Any, channel: str) -> HandTask:
    person = make_patient(hospital, address="朝阳区一号", name="王小满")
    version = make_template_version(hospital, purpose="service", channels=[channel], body="该复查了")
    actions.queue_message(key=f"k{person.pk}", patient_id=person.pk, template=version.pk, now=NOON)
    while dispatch.send_batch(worker="w", now=NOON):
        pass
    return HandTask.objects.get(patient=person)


def test_calls_are_made_from_their_page(hospital: Any) -> None:
    client, call = sign_in(hospital, "agent"), task(hospital, "phone")
    assert "王小满" in client.get(reverse("outreach:call-list")).content.decode()
    assert client.get(f"{reverse('outreach:call-list')}?open={call.public_id}").status_code == 200
    url = reverse("outreach:call-detail", args=[call.public_id])
    assert client.get(url).status_code == 200
    assert client.post(url, {"outcome": ""}).status_code == 422
    assert client.post(url, {"outcome": "answered", "note": "会来"}).status_code == 302
    assert client.post(url, {"outcome": "answered"}).status_code == 422
    assert "王小满" in client.get(f"{reverse('outreach:call-list')}?status=done").content.decode()
    assert sign_in(make_organization(), "agent").get(url).status_code == 404


def test_letters_as_paper_and_as_a_list(hospital: Any) -> None:
    client, letter = sign_in(hospital, "agent"), task(hospital, "letter")
    assert client.get(reverse("outreach:letter-list")).status_code == 200
    url = reverse("outreach:letter-batch")
    assert client.post(url, {"do": "pdf"}).status_code == 302
    pdf = client.post(url, {"do": "pdf", "ids": [letter.pk]})
    assert pdf.content.startswith(b"%PDF")
    listed = client.post(url, {"do": "csv", "all": "1"}).content.decode("utf-8-sig")
    assert "朝阳区一号" in listed
    assert AuditEntry.objects.filter(action="outreach.letter.exported").count() == 2
    client.post(url, {"do": "posted", "ids": [letter.pk]})
    letter.refresh_from_db()
    assert letter.status == "done"


def test_staff_tasks_are_listed(hospital: Any) -> None:
    provider = make_provider(hospital, channel="wecom", kind="wecom")
    StaffTask.objects.create(
        organization=hospital, provider=provider, task="t1", text="讲座", people=3, started_at=NOON
    )
    client = sign_in(hospital)
    assert "讲座" in client.get(reverse("outreach:staff-task-list")).content.decode()
    assert (
        "讲座" not in sign_in(make_organization()).get(reverse("outreach:staff-task-list")).content.decode()
    )
    assert client.get(f"{reverse('outreach:staff-task-list')}?status=expired").status_code == 200


def test_channels_by_rest(hospital: Any) -> None:
    api, client = "/api/v1/outreach/channels", sign_in(hospital)

    def send(method: str, path: str, body: Any) -> Any:
        return client.generic(method, f"{api}{path}", json.dumps(body), content_type="application/json")

    body = {"kind": "aliyun", "secret": "s", "settings": {"key_id": "k", "sign_name": "院"}}
    made = send("PUT", "/sms", body)
    assert (made.status_code, made.json()["kind"]) == (200, "aliyun")
    assert "secret" not in made.json()
    assert send("PUT", "/sms", {**body, "settings": {"nonsense": 1}}).status_code == 422
    assert send("PUT", "/sms", {**body, "settings": {}}).json()["fields"]
    version = make_template_version(hospital, purpose="service", channels=["sms"], body="{称呼}")
    state = {"version_id": version.pk, "code": "SMS_1", "status": "approved", "params": []}
    assert send("PUT", "/sms/templates", state).json()["code"] == "SMS_1"
    listed = client.get(f"{api}/sms/templates").json()
    assert {row["at_provider"]["code"] for row in listed if row["version_id"] == version.pk} == {"SMS_1"}
    assert send("POST", "/sms/test", {"address": "13800001234"}).status_code == 202
    call = task(hospital, "phone")
    assert client.get(f"{api}/phone/tasks").json()["items"][0]["id"] == str(call.public_id)
    assert send("POST", f"/phone/tasks/{call.public_id}/calls", {"outcome": "busy"}).json()["attempts"] == 1
    letter = task(hospital, "letter")
    assert send("POST", "/letter/posted", {"ids": [str(letter.public_id)]}).json() == {"changed": 1}
    grant = {"patient": str(call.patient.public_id), "code": "T"}
    assert send("POST", "/miniapp/grants", grant).status_code == 404
    make_provider(hospital, channel="miniapp", kind="miniapp")
    assert send("POST", "/miniapp/grants", grant).json()["balance"] == 1
    assert sign_in(hospital, "rep").get(f"{api}/").status_code == 403
