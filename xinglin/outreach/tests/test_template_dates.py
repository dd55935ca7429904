"""An approval may have a first and a last day; the version before holds until the first."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from xinglin.core.errors import Invalid
from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import make_actor, make_organization
from xinglin.outreach import queries
from xinglin.outreach.actions import templates as actions
from xinglin.outreach.models import TemplateVersion
from xinglin.outreach.queries.journeys import is_in_force
from xinglin.outreach.tests.test_template_pages import page, signed_in

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def waiting(organization: Organization, body: str = "{{ 称呼 }}，您好！周六健康讲座。") -> TemplateVersion:
    author = make_actor("director", organization)
    facts: dict[str, Any] = {
        "actor": author, "name": "讲座", "purpose": "marketing", "bodies": {"sms": {"body": body}},
        "now": timezone.now(),
    }  # fmt: skip
    before = TemplateVersion.objects.filter(organization=organization).order_by("-number").first()
    if before is None:
        version = actions.create_template(**facts)
    else:
        public_id = before.template.public_id
        version = actions.save_draft(public_id=public_id, seen_hash=before.content_hash, **facts)
    return actions.submit_template(
        actor=author, public_id=version.template.public_id, seen_hash=version.content_hash, now=timezone.now()
    )


def approve(version: TemplateVersion, **dates: Any) -> TemplateVersion:
    return actions.approve_template(
        actor=make_actor("director", version.organization), public_id=version.template.public_id,
        seen_hash=version.content_hash, now=timezone.now(), **dates,
    )  # fmt: skip


def test_the_days_are_the_hospitals_and_the_last_one_counts() -> None:
    today = timezone.localdate(timezone=SHANGHAI)
    version = approve(waiting(make_organization()), valid_from=today, valid_until=today)
    version.refresh_from_db()
    assert (version.first_day, version.last_day) == (today, today)
    midnight = datetime.combine(today, datetime.min.time(), tzinfo=SHANGHAI)
    inside, end = midnight + timedelta(hours=23, minutes=59), midnight + timedelta(days=1)
    times = (midnight - timedelta(seconds=1), midnight, inside, end)
    assert [is_in_force(version, at=at) for at in times] == [False, True, True, False]


def test_reversed_and_past_days_are_refused() -> None:
    version, today = waiting(make_organization()), timezone.localdate()
    for dates in (
        {"valid_from": today + timedelta(days=2), "valid_until": today + timedelta(days=1)},
        {"valid_until": today - timedelta(days=2)},
    ):
        with pytest.raises(Invalid) as refused:
            approve(version, **dates)
        assert list(refused.value.fields) == ["valid_until"]
    version.refresh_from_db()
    assert version.status == "in_review"


def test_the_version_before_holds_until_the_next_begins() -> None:
    hospital, today = make_organization(), timezone.localdate(timezone=SHANGHAI)
    first = approve(waiting(hospital))
    second = approve(
        waiting(hospital, "{{ 称呼 }}，您好！周日健康讲座。"), valid_from=today + timedelta(days=3)
    )
    first.refresh_from_db()
    assert (first.status, first.valid_until) == ("approved", second.valid_from)
    facts: dict[str, Any] = {"organization_id": hospital.pk, "public_id": first.template.public_id}
    now = timezone.now()
    assert queries.find_newest_approved(**facts, now=now) == first
    assert queries.find_newest_approved(**facts, now=now + timedelta(days=4)) == second
    approve(waiting(hospital, "{{ 称呼 }}，您好！周五健康讲座。"))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("retired", "retired")


def test_days_on_the_page_and_by_rest() -> None:
    hospital = make_organization()
    version = waiting(hospital)
    reviewer, _member = signed_in(hospital)
    public_id = version.template.public_id
    assert 'name="valid_until"' in page(reviewer, "outreach:template-review", public_id)
    url = reverse("outreach:template-review", args=[public_id])
    wrong = {
        "seen_hash": version.content_hash, "decision": "approve", "valid_from": "2099-02-01",
        "valid_until": "2099-01-31",
    }  # fmt: skip
    answer = reviewer.post(url, wrong)
    assert answer.status_code == 422
    assert "最后一天不能早于第一天" in answer.content.decode()
    body = {
        "seen_hash": version.content_hash, "is_approved": True, "valid_from": "2099-02-01",
        "valid_until": "2099-01-31",
    }  # fmt: skip
    rest = f"/api/v1/outreach/templates/{public_id}/decision"
    assert reviewer.post(rest, body, content_type="application/json").status_code == 422
    made = reviewer.post(rest, {**body, "valid_until": "2099-02-28"}, content_type="application/json").json()
    assert (made["first_day"], made["last_day"]) == ("2099-02-01", "2099-02-28")
    for name in ("outreach:template-history", "outreach:template-edit"):
        assert "2099-02-01 到 2099-02-28 可用" in page(reviewer, name, public_id)


def test_until_its_first_day_a_version_is_told_as_coming_and_the_one_before_as_in_use() -> None:
    organization = make_organization()
    client, _membership = signed_in(organization)
    day = timezone.localdate(timezone=SHANGHAI) + timedelta(days=7)
    only = approve(waiting(organization), valid_from=day)
    alone = page(client, "outreach:template-list")
    assert f"自 {day:%Y-%m-%d} 起" in alone
    assert f"第 1 版自 {day:%Y-%m-%d} 起" in alone
    assert "正在用" not in page(client, "outreach:template-edit", only.template.public_id)
    told = client.get("/api/v1/outreach/templates/").json()["items"][0]
    assert (told["approved_number"], told["coming_number"]) == (None, 1)

    TemplateVersion.objects.filter(pk=only.pk).update(valid_from=None)
    later = approve(waiting(organization, "{{ 称呼 }}，您好！周日健康讲座。"), valid_from=day)
    both = page(client, "outreach:template-list")
    assert "第 1 版" in both
    assert f"第 2 版自 {day:%Y-%m-%d} 起" in both
    told = client.get("/api/v1/outreach/templates/").json()["items"][0]
    assert (told["approved_number"], told["coming_number"]) == (1, 2)
    history = page(client, "outreach:template-history", later.template.public_id)
    assert f"自 {day:%Y-%m-%d} 起" in history
    versions = client.get(f"/api/v1/outreach/templates/{later.template.public_id}/versions").json()
    assert [one["begins_later"] for one in versions] == [True, False]
