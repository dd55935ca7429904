"""What only an appointment knows does not come out empty in a campaign; values stand beside the template."""

from typing import Any

import pytest
from django.urls import reverse

from xinglin.core.errors import Invalid
from xinglin.directory.tests.factories import make_actor, make_organization
from xinglin.outreach import actions
from xinglin.outreach.models import Campaign
from xinglin.outreach.rules.template_text import has_value, occasional_names
from xinglin.outreach.tests.factories import NOON, make_campaign, make_people, make_template_version
from xinglin.outreach.tests.test_pages import sign_in

pytestmark = pytest.mark.django_db
CAMPAIGNS = "/api/v1/outreach/campaigns"


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("{{ 称呼 }}，{链接}", []),
        ("{{时间}} 到 {{ 科室 }}", ["科室", "时间"]),
        ("{doctor} {starts_at} {department} {{医生}}", ["科室", "医生", "时间"]),
        ("科室 {{活动}}", []),
    ],
)
def test_which_variables_only_an_appointment_knows(body: str, names: list[str]) -> None:
    assert occasional_names(body) == names


def test_a_value_may_stand_under_either_name_and_blanks_are_none() -> None:
    assert has_value("时间", {"starts_at": "周一"})
    assert has_value("时间", {"时间": "周一"})
    assert not has_value("时间", {"时间": " "})


def test_the_step_asks_for_values_where_the_template_is_chosen() -> None:
    hospital = make_organization()
    plain = make_template_version(hospital)
    version = make_template_version(
        hospital, body="{称呼}，{{科室}}周六接诊，{{活动}}", variables={"活动": {"default": "义诊"}}
    )
    campaign, client = make_campaign(hospital, make_people(hospital, 2), version=plain), sign_in(hospital)
    url = reverse("outreach:campaign-wording", args=[campaign.public_id])
    assert "变量的值" not in client.get(url).content.decode()
    chosen: dict[str, Any] = {"template_version_id": version.pk}
    answer = client.post(url, chosen)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "正文用了「科室」" in text
    assert 'name="var_科室"' in text
    assert "不填就用「义诊」" in text
    assert client.post(url, {**chosen, "var_科室": "心内科"}).status_code == 302
    campaign.refresh_from_db()
    assert campaign.variables == {"科室": "心内科"}
    assert "心内科周六接诊，义诊" in client.get(url).content.decode()
    assert client.post(url, {**chosen, "var_科室": "心内科", "var_活动": "讲座"}).status_code == 302
    assert client.post(url, {"template_version_id": plain.pk}).status_code == 302
    campaign.refresh_from_db()
    assert campaign.variables == {}


def test_fields_follow_the_choice_and_keep_what_was_typed() -> None:
    hospital, other = make_organization(), make_organization()
    version = make_template_version(hospital, body="{{医生}}出诊")
    campaign, client = make_campaign(hospital), sign_in(hospital)
    url = reverse("outreach:campaign-variables", args=[campaign.public_id])
    text = client.get(url, {"template_version_id": f"{version.pk}", "var_医生": "李明"}).content.decode()
    assert 'name="var_医生"' in text
    assert "李明" in text
    assert "<html" not in text
    foreign = make_template_version(other, body="{{医生}}出诊")
    assert "var_医生" not in client.get(url, {"template_version_id": foreign.pk}).content.decode()
    assert "var_医生" not in client.get(url, {"template_version_id": "x"}).content.decode()
    assert sign_in(other).get(url).status_code == 404


def test_refused_by_rest_unless_values_are_given() -> None:
    hospital = make_organization()
    version, tried = (
        make_template_version(hospital, body="{{称呼}}，{{时间}}接诊"),
        make_template_version(hospital, body="{{医生}}，{{时间}}接诊"),
    )
    client = sign_in(hospital)
    body: dict[str, Any] = {"name": "x", "template_version_id": version.pk}
    answer = client.post(CAMPAIGNS, body, content_type="application/json")
    assert answer.status_code == 422
    assert "时间" in str(answer.json())
    assert not Campaign.objects.exists()
    body["variables"] = {"时间": "周六上午"}
    made = client.post(CAMPAIGNS, body, content_type="application/json")
    assert made.status_code == 201
    change: dict[str, Any] = {"name": "x", "wordings": [tried.pk]}
    url = f"{CAMPAIGNS}/{made.json()['id']}"
    assert client.patch(url, change, content_type="application/json").status_code == 422
    change["variables"] = {"时间": "周六上午", "doctor": "李明"}
    assert client.patch(url, change, content_type="application/json").status_code == 200


def test_an_older_draft_is_not_checked_before_it_has_its_values() -> None:
    hospital = make_organization()
    version = make_template_version(hospital, body="{{时间}}接诊")
    campaign = make_campaign(hospital, make_people(hospital, 2), version=version)
    actor = make_actor("director", hospital)
    with pytest.raises(Invalid) as refused:
        actions.request_preflight(actor=actor, public_id=campaign.public_id, now=NOON)
    assert list(refused.value.fields) == ["variables"]
    actions.update_campaign(actor=actor, public_id=campaign.public_id, variables={"时间": "周六"}, now=NOON)
    actions.request_preflight(actor=actor, public_id=campaign.public_id, now=NOON)
