"""The workshop's pages: why a rule is silent, what waits in the draft, how a replay tells."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from xinglin.compliance import actions
from xinglin.content.tests.factories import make_item
from xinglin.core.actor import Actor
from xinglin.core.models import Job
from xinglin.core.testing import run_jobs
from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import make_actor, make_client, make_organization

pytestmark = pytest.mark.django_db
OWN = "/compliance/own/"


@pytest.fixture
def hospital() -> Organization:
    return make_organization()


@pytest.fixture
def owner(hospital: Organization) -> Actor:
    return make_actor("reviewer", hospital)


def ask(client: Any, rule: str, text: str, kind: str = "web_page") -> str:
    facts = {"text": text, "kind": kind, "explain": "1", "rule": rule}
    return str(client.post(reverse("compliance:finding-list"), facts).content.decode())


def test_a_rule_says_why_it_did_not_bite() -> None:
    client = make_client("reviewer")
    answers = {
        ("AD-03", "我院全国最好"): "命中了",
        ("AD-03", "门诊周一至周六开诊"): "通篇看过",
        ("MED-01", "本病不能根治。"): "看过「根治」，放行：否定",
        ("MSG-03", "门诊开诊"): "它不管这一种文字",
        ("MED-04", "家长信里有推荐的绘本"): "文中有「家长」「推荐」，但前后文",
    }
    for (rule, text), answer in answers.items():
        assert answer in ask(client, rule, text), (rule, text)
    assert "没有命中" not in ask(client, "", "门诊开诊")
    page = client.get("/compliance/?rule=MED-04").content.decode()
    assert '<option value="MED-04" selected>' in page


def test_a_rule_whose_silence_waits_in_the_draft_says_so(hospital: Organization, owner: Actor) -> None:
    until = (timezone.now() + timedelta(days=30)).date()
    actions.silence_rule(actor=owner, rule_id="AD-09", reason="院刊附出处", until=until, now=timezone.now())
    client = make_client("reviewer", hospital)

    page = client.get("/compliance/rules/AD-09/").content.decode()

    assert f"草稿里要把这条静音到 {until}：院刊附出处" in page
    assert "silence/" not in page


def test_a_replay_is_followed_told_once_a_place_and_leads_to_its_result(
    hospital: Organization, owner: Actor
) -> None:
    author = make_actor("content", hospital)
    make_item(author, body="红星分院开诊。红星分院在东门。")
    client = make_client("reviewer", hospital)
    facts = {"words": "红星分院", "severity": "block", "reason": "旧院名"}
    actions.add_own_terms(actor=owner, now=timezone.now(), **facts)
    client.post(f"{OWN}draft/replay/")
    running = client.get(OWN).content.decode()
    assert "正在回放" in running
    assert "请再回放一次" not in running
    assert "draft/replay/" not in running

    run_jobs()

    result = Job.objects.get(name="compliance.replay").result_url
    page = client.get(result.partition("#")[0]).content.decode()
    assert result != f"{OWN}#replay"
    assert "1 篇的结论会变" in page
    assert page.count("OWN-01「红星分院」") == 1
    assert "draft/activation/" in page
