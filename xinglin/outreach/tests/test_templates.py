"""Templates: unknown variables, hostile values, review by a second person, races."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from xinglin.compliance.review import EvidenceNeeded, SamePerson, TextBlocked
from xinglin.core.actor import Actor
from xinglin.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from xinglin.core.models import AuditEntry
from xinglin.directory.tests.factories import make_actor, make_organization
from xinglin.outreach.actions import templates as actions
from xinglin.outreach.models import MessageTemplate, TemplateVersion
from xinglin.outreach.queries import template_preview, templates
from xinglin.outreach.rules.sms import sms_size
from xinglin.outreach.rules.template_text import compose, render, render_mapped
from xinglin.outreach.rules.text_diff import runs

pytestmark = pytest.mark.django_db
BODY = "{{ 称呼 }}，您好！周六健康讲座，地点门诊三楼，免费参加。详情 {{ 链接 }}"


def two_people() -> tuple[Actor, Actor]:
    organization = make_organization(short_name="杏林医院")
    return make_actor(organization=organization), make_actor(organization=organization)


def write(actor: Actor, body: str = BODY, **facts: Any) -> TemplateVersion:
    values: dict[str, Any] = {"name": "讲座邀请", "purpose": "marketing", "bodies": {"sms": {"body": body}}}
    return actions.create_template(actor=actor, now=timezone.now(), **{**values, **facts})


def change(actor: Actor, version: TemplateVersion, body: str, **facts: Any) -> TemplateVersion:
    return actions.save_draft(
        actor=actor, public_id=version.template.public_id, seen_hash=version.content_hash,
        name="讲座邀请", purpose="marketing", bodies={"sms": {"body": body}}, now=timezone.now(), **facts,
    )  # fmt: skip


def submit(actor: Actor, version: TemplateVersion) -> TemplateVersion:
    return actions.submit_template(
        actor=actor, public_id=version.template.public_id, seen_hash=version.content_hash, now=timezone.now()
    )


def approve(actor: Actor, version: TemplateVersion, evidence: str = "") -> TemplateVersion:
    return actions.approve_template(
        actor=actor, public_id=version.template.public_id, seen_hash=version.content_hash,
        evidence=evidence, now=timezone.now(),
    )  # fmt: skip


def test_unknown_variable_is_named_and_nothing_is_saved() -> None:
    author, _other = two_people()
    with pytest.raises(Invalid) as caught:
        write(author, "{{ 昵称 }}，您好，{{ 称呼 }}")
    [said] = caught.value.fields["sms_body"]
    assert "昵称" in said
    assert "称呼" in said
    assert "医生" in said
    assert MessageTemplate.objects.count() == TemplateVersion.objects.count() == 0


def test_custom_variable_needs_a_default() -> None:
    author, _other = two_people()
    with pytest.raises(Invalid):
        write(author, "{{ 活动 }}", variables={"活动": ""})
    assert write(author, "{{ 活动 }}", variables={"活动": "讲座"}).variables == {"活动": {"default": "讲座"}}


def test_review_by_another_person() -> None:
    author, other = two_people()
    version = submit(author, write(author))
    with pytest.raises(SamePerson):
        approve(author, version)
    approved = approve(other, version)
    assert approved.status == "approved"
    assert templates.get_approved_version(
        organization_id=author.organization_id or 0, version_id=approved.pk, now=timezone.now()
    )
    assert AuditEntry.objects.filter(action="outreach.template.approved").count() == 1


def test_database_refuses_approval_by_the_author() -> None:
    author, _other = two_people()
    version = write(author)
    rows = TemplateVersion.objects.filter(pk=version.pk)
    for values in (
        {"status": "approved", "approved_by_id": author.user_id, "approved_at": timezone.now()},
        {"status": "approved"},
        {"status": "rejected"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**values)


def test_blocked_text_is_not_submitted() -> None:
    author, _other = two_people()
    with pytest.raises(TextBlocked):
        submit(author, write(author, "种植牙全城最便宜，保证不疼，无效退款"))


def test_doubtful_text_needs_evidence() -> None:
    author, other = two_people()
    version = submit(author, write(author, "本院荣获“全国百强民营医院”称号，周六开放日欢迎参加"))
    assert version.outcome == "review"
    with pytest.raises(EvidenceNeeded):
        approve(other, version)
    assert approve(other, version, "见 2025 年证书扫描件 A-12").evidence.startswith("见 2025")


def test_rejection_needs_a_reason() -> None:
    author, other = two_people()
    version = submit(author, write(author))
    where: dict[str, Any] = {
        "actor": other, "public_id": version.template.public_id, "seen_hash": version.content_hash,
        "now": timezone.now(),
    }  # fmt: skip
    with pytest.raises(Invalid):
        actions.reject_template(reason=" ", **where)
    assert actions.reject_template(reason="少了地点", **where).status == "rejected"


def test_edit_against_approval() -> None:
    """The reviewer saw one text; the author changes it before the click: Conflict, nothing approved."""
    author, other = two_people()
    seen = submit(author, write(author))
    changed = change(author, seen, BODY + "请提前十分钟到。")
    assert changed.number == 2
    with pytest.raises(Conflict):
        approve(other, seen)
    assert not TemplateVersion.objects.filter(status="approved").exists()
    seen.refresh_from_db()
    assert seen.status == "retired"


def test_any_change_of_an_approved_text_is_a_new_draft() -> None:
    author, other = two_people()
    first = approve(other, submit(author, write(author)))
    second = change(author, first, BODY + "停车免费。")
    assert (second.number, second.status) == (2, "draft")
    first.refresh_from_db()
    assert first.status == "approved"
    approve(other, submit(author, second))
    first.refresh_from_db()
    assert first.status == "retired"


def test_everybody_who_wrote_on_a_draft_is_an_author() -> None:
    author, other = two_people()
    draft = change(other, write(author), BODY + "请带身份证。")
    with pytest.raises(SamePerson):
        approve(author, submit(other, draft))


def test_two_editors_do_not_overwrite_each_other() -> None:
    author, other = two_people()
    draft = write(author)
    change(other, draft, BODY + "甲")
    stale = TemplateVersion.objects.get(pk=draft.pk)
    stale.content_hash = draft.content_hash
    with pytest.raises(Conflict):
        change(author, stale, BODY + "乙")


def test_permissions_and_hospitals() -> None:
    author, _other = two_people()
    version = write(author)
    stranger = make_actor()
    with pytest.raises(NotFound):
        submit(stranger, version)
    reader = make_actor(permissions={"outreach.template.view"})
    with pytest.raises(PermissionDenied):
        write(reader)


def test_hostile_name_is_harmless() -> None:
    name = "<script>alert(1)</script>{{ 院名 }}\n【假医院】"
    composed = compose(
        channel="email", subject="您好 {{ 称呼 }}", body="{{ 称呼 }}，请看\nhttps://a.example/?x=1&y=<b>",
        variables={"称呼": name}, hospital="杏林<医院>", purpose="marketing",
        unsubscribe_url="https://h.example/u/1",
    )  # fmt: skip
    assert "<script" not in composed.html
    assert "&lt;script&gt;" in composed.html
    assert "\n" not in composed.subject
    assert "{{ 院名 }}" in composed.text  # a value's own braces are text
    assert "杏林&lt;医院&gt;" in composed.html


def test_signature_and_refusal_are_added_and_checked() -> None:
    author, _other = two_people()
    parts = actions.parts_of(write(author))
    assert parts[0].text.startswith("【杏林医院】")
    assert parts[0].text.endswith("拒收请回复R")
    service = actions.parts_of(write(author, "{{ 称呼 }}，提醒您 {{ 时间 }} 就诊", purpose="service"))
    assert "拒收" not in service[0].text


@given(st.text(alphabet="你好{} 称呼ab", max_size=40), st.text(max_size=10))
def test_rendered_text_maps_back_to_the_body(body: str, value: str) -> None:
    text, origins = render_mapped(body, {"称呼": value})
    assert text == render(body, {"称呼": value})
    assert len(origins) == len(text)
    assert all(0 <= at < len(body) for at in origins)
    assert origins == sorted(origins)


@given(st.text(max_size=40), st.text(max_size=40))
def test_differences_tell_both_texts(before: str, after: str) -> None:
    told = runs(before, after)
    assert "".join(run.text for run in told if run.kind != "added") == before
    assert "".join(run.text for run in told if run.kind != "removed") == after


@pytest.mark.parametrize(
    ("length", "segments", "left"),
    [(0, 0, 70), (70, 1, 0), (71, 2, 63), (134, 2, 0), (135, 3, 66)],
)
def test_sms_segments(length: int, segments: int, left: int) -> None:
    size = sms_size("字" * length)
    assert (size.length, size.segments, size.left) == (length, segments, left)


def test_emoji_counts_as_two() -> None:
    assert sms_size("😀").length == 2


def test_findings_stand_where_the_author_typed() -> None:
    body = "{{ 称呼 }}，种牙保证不疼"
    draft = template_preview.Draft("sms", "marketing", "", body, {}, "杏林医院")
    checked = template_preview.check_draft(draft, now=timezone.now())
    places = [body[f.start : f.end] for f in checked.result.findings if f.start is not None]
    assert any("保证不疼" in place for place in places)
    assert all(f.quote != "【杏林医院】" for f in checked.result.findings)
