"""The pages of templates and of the rules, as people use them."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from xinglin.directory.models import Membership, Organization
from xinglin.directory.tests.factories import PASSWORD, make_membership, make_organization
from xinglin.outreach.models import TemplateVersion

pytestmark = pytest.mark.django_db
BODY = "{{ 称呼 }}，您好！周六健康讲座，地点门诊三楼，免费参加。"


def signed_in(organization: Organization, role: str = "director") -> tuple[Client, Membership]:
    membership = make_membership(role, organization)
    client = Client()
    assert client.login(username=membership.user.username, password=PASSWORD)
    return client, membership


def post_new(client: Client, **fields: Any) -> Any:
    values = {"name": "讲座邀请", "purpose": "marketing", "sms_body": BODY, "do": "save", **fields}
    return client.post(reverse("outreach:template-create"), values)


def page(client: Client, name: str, *args: UUID | str) -> str:
    response = client.get(reverse(name, args=args))
    assert response.status_code == 200, name
    return response.content.decode()


def test_from_draft_to_approval() -> None:
    organization = make_organization(short_name="杏林医院")
    author, _one = signed_in(organization)
    reviewer, _two = signed_in(organization)
    assert post_new(author, do="submit").status_code == 302
    version = TemplateVersion.objects.get()
    assert version.status == "in_review"
    public_id = version.template.public_id
    assert "讲座邀请" in page(reviewer, "outreach:template-review-list")
    assert "【杏林医院】王女士" in page(reviewer, "outreach:template-review", public_id)
    assert "批准这一版" not in page(author, "outreach:template-review", public_id)
    decision = {"seen_hash": version.content_hash, "decision": "approve"}
    assert author.post(reverse("outreach:template-review", args=[public_id]), decision).status_code == 403
    assert reviewer.post(reverse("outreach:template-review", args=[public_id]), decision).status_code == 302
    version.refresh_from_db()
    assert version.status == "approved"
    assert reviewer.post(reverse("outreach:template-review", args=[public_id]), decision).status_code == 409
    assert "讲座邀请" in page(author, "outreach:template-list")
    assert "批准" in page(author, "outreach:template-history", public_id)


def test_what_was_typed_survives_a_mistake() -> None:
    author, _one = signed_in(make_organization())
    response = post_new(author, sms_body="{{ 昵称 }}，您好")
    assert response.status_code == 422
    text = response.content.decode()
    assert "没有「昵称」这个变量" in text
    assert "{{ 昵称 }}，您好" in text
    assert not TemplateVersion.objects.exists()


def test_check_while_typing() -> None:
    author, _one = signed_in(make_organization(short_name="杏林医院"))
    url = reverse("outreach:template-check", args=["sms"])
    text = author.post(url, {"purpose": "marketing", "sms_body": "种牙保证不疼<b>"}).content.decode()
    assert "MED-01" in text
    assert "data-marks" in text
    assert "1 条计费" in text
    assert "<b>" not in text.replace("<b>广告", "").split("收到的样子")[1].split("</div>")[0]


def test_empty_states_and_english() -> None:
    author, _one = signed_in(make_organization())
    assert "还没有模板" in page(author, "outreach:template-list")
    assert "没有等审的模板" in page(author, "outreach:template-review-list")
    response = author.get(reverse("outreach:template-list"), headers={"accept-language": "en"})
    assert response.status_code == 200


def test_rules_are_browsed_and_tried() -> None:
    client, _one = signed_in(make_organization(), role="content")
    assert "绝对化用语" in page(client, "compliance:rule-list")
    assert "第一人民医院" in page(client, "compliance:rule-detail", "AD-03")
    assert client.get(reverse("compliance:rule-detail", args=["XX-99"])).status_code == 404
    tried = {"kind": "wechat_article", "text": "该病不能根治", "explain": "1"}
    assert "否定或禁止的语境" in client.post(reverse("compliance:finding-list"), tried).content.decode()


def test_check_over_the_api() -> None:
    client, _one = signed_in(make_organization())
    body = {"kind": "web_page", "text": "本院治愈率98%"}
    answer = client.post("/api/v1/compliance/check", body, content_type="application/json")
    assert answer.status_code == 200
    assert answer.json()["verdict"] == "block"
    assert answer.json()["findings"][0]["article"][0] == "广告法第十六条第一款第二项"
    made = client.post(
        "/api/v1/outreach/templates/",
        {"name": "x", "purpose": "marketing", "bodies": {"sms": {"body": "{{ 昵称 }}"}}},
        content_type="application/json",
    )
    assert made.status_code == 422
    assert "昵称" in made.content.decode() or "\\u6635" in made.content.decode()
