"""Certificates, patients' permissions, validity: what rests on them ends with them, at once and by itself."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from xinglin.content import actions, queries
from xinglin.content.actions.judging import (
    Identifies,
    NoAuthorisation,
    NoCertificate,
    NotAsApproved,
    WrongMedium,
)
from xinglin.content.home import certificates_ending
from xinglin.content.models import AdCertificate, CaseAuthorisation, ContentItem
from xinglin.content.rules.anonymity import traces
from xinglin.content.rules.sample import compare
from xinglin.content.tests.factories import (
    BODY,
    STORY,
    approve_all,
    make_case,
    make_certificate,
    make_item,
    make_published_item,
    make_reviewer,
    make_story,
    submit,
)
from xinglin.core.actor import Actor
from xinglin.core.errors import Invalid, NotFound
from xinglin.core.models import AuditEntry
from xinglin.core.testing import run_jobs
from xinglin.directory.tests.factories import every_code, make_actor, make_client, make_organization

pytestmark = pytest.mark.django_db
AD = "- 诊疗科目：内科、外科\n- 接诊时间：8:00–17:00\n- 联系电话：0990-1234567"


def ad_author() -> Actor:
    hospital = make_organization(first_name="新城杏林医院有限公司", phone="0990-7654321")
    return make_actor("content", hospital)


def test_a_story_goes_only_where_its_patient_agreed() -> None:
    author = make_actor("content", permissions=every_code())
    version, case = make_story(author)
    approve_all(submit(author, version))

    for channel, word in (("print", "印刷品"), ("wechat", "公众号与社交平台"), ("tv", "影像")):
        with pytest.raises(NoAuthorisation, match=f"没有写「{word}」.*个人信息保护法第十四条"):
            actions.open_sheet(actor=author, public_id=version.public_id, channel=channel, now=timezone.now())
    assert version.item.placements.count() == 0
    case.scope = ["text", "print"]
    case.save()
    actions.open_sheet(actor=author, public_id=version.public_id, channel="print", now=timezone.now())
    with pytest.raises(NoAuthorisation, match="没有写「本院网站」"):
        actions.publish_item(actor=author, public_id=version.public_id, now=timezone.now())


def test_a_permission_stays_with_what_rests_on_it_even_when_facts_are_saved_after_its_end() -> None:
    hospital = make_organization()
    author, client = (
        make_actor("content", hospital, permissions=every_code()),
        make_client("content", hospital),
    )
    version, case = make_story(author)
    approve_all(submit(author, version))
    actions.publish_item(actor=author, public_id=version.public_id, now=timezone.now())
    actions.revoke_case(actor=author, public_id=case.public_id, reason="患者来电", now=timezone.now())
    page = reverse("content:facts-edit", args=[version.item.public_id])

    form = client.get(page).context["form"]
    facts = {name: value for name, value in form.initial.items() if value}
    kept = client.post(page, {**facts, "name": "换个叫法"})
    lost = client.post(page, {**facts, "authorisations": []})

    assert (kept.status_code, lost.status_code) == (302, 422)
    assert "先收回批准" in lost.content.decode()
    assert list(version.item.authorisations.all()) == [case]


def test_what_is_public_keeps_its_cover_until_the_new_one_is_approved() -> None:
    author = make_actor("content", permissions=every_code())
    version = make_published_item(author)
    picture = BytesIO()
    Image.new("RGB", (40, 30), "teal").save(picture, format="PNG")
    picture.seek(0)
    cover = actions.add_media(
        actor=author, file=picture, name="", alt="楼", source="本院", licence="own", now=timezone.now()
    )

    actions.edit_facts(actor=author, public_id=version.item.public_id, cover_id=cover.pk, now=timezone.now())

    shown = queries.get_published(version.organization_id, "clinic")
    newest = queries.newest_version(version.item)
    assert (shown.version, shown.cover) == (1, None)
    assert (newest.number, newest.status) == (2, "draft")
    approve_all(submit(author, newest))
    actions.publish_item(actor=author, public_id=newest.public_id, now=timezone.now())
    assert queries.get_published(version.organization_id, "clinic").cover.alt == "楼"  # type: ignore[union-attr]


def test_an_advertisement_goes_as_its_sample_and_says_which_change_is_tolerated() -> None:
    author = ad_author()
    paper = make_certificate(author, sample=f"新城杏林医院有限公司\n{AD}")
    new_phone = AD.replace("0990-1234567", "0990-7654321").replace("- 接诊时间：8:00–17:00\n", "")
    facts = {"title": "新城杏林医院有限公司", "page_class": "ad", "certificate": paper.public_id}

    shorter = submit(author, make_item(author, body=new_phone, **facts))

    noted = queries.tolerated_deviations(shorter)
    assert any("监管工作指南第六条：如实更新" in one for one in noted)
    assert any("删减" in one for one in noted)
    with pytest.raises(NotAsApproved, match="第十七条"):
        submit(author, make_item(author, body=f"{AD}\n- 特色：专家坐诊", slug="other", **facts))


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("诊疗科目：内科", []),
        ("诊疗科目：内科、儿科", ["第十七条"]),
        ("联系电话：0990-2", ["第六条"]),
        ("联系电话：0990-3", ["第十七条"]),
        ("新城医院\n医广【2026】第01-15-007号", ["第十四条", "第十四条"]),
    ],
)
def test_deviations_are_named_by_their_clause(text: str, clauses: list[str]) -> None:
    found = compare(
        text=text,
        sample="诊疗科目：内科\n联系电话：0990-1",
        first_name="新城医院",
        number="医广【2026】第01-15-007号",
        contacts=("0990-2", "梧桐里 8 号"),
    )

    added = [one for one in found if "删减" not in one.clause]
    assert [any(c in one.clause for c in clauses) for one in added] == [True] * len(clauses)
    assert all(one.is_tolerated == ("第十七条" not in one.clause) for one in found)


def test_no_advertisement_without_certificate_in_another_medium_or_after_its_end() -> None:
    author = ad_author()
    today = timezone.localdate()
    old = make_certificate(
        author,
        sample=AD,
        number="医广【2025】第01-15-007号",
        valid_from=today - timedelta(days=300),
        valid_to=today - timedelta(days=1),
    )
    web = make_certificate(author, sample=f"门诊\n{AD}", media_kinds=["printed"])
    facts = {"title": "门诊", "page_class": "ad", "body": AD}
    with pytest.raises(NoCertificate):
        submit(author, make_item(author, slug="a", **facts))
    with pytest.raises(NoCertificate):
        submit(author, make_item(author, slug="b", certificate=old.public_id, **facts))
    with pytest.raises(WrongMedium):
        submit(author, make_item(author, slug="c", certificate=web.public_id, **facts))
    with pytest.raises(Invalid):
        make_certificate(author, sample=AD, valid_to=today + timedelta(days=500))


def test_an_ended_certificate_takes_its_advertisement_down_within_a_minute() -> None:
    author = ad_author()
    today = timezone.localdate()
    version = make_published_item(
        author, title="门诊", page_class="ad", body=AD, certificate_facts={"valid_to": today}
    )
    organization_id = author.organization_id or 0
    assert queries.get_published(organization_id, "clinic").certificate_no.startswith("医广")
    midnight = (timezone.localtime() + timedelta(days=1)).replace(hour=0, minute=0, second=20)

    with pytest.raises(NotFound):  # read-time: even before the job ran
        queries.get_published(organization_id, "clinic", now=midnight)
    assert actions.take_down_lapsed(now=midnight) == 1
    assert actions.take_down_lapsed(now=midnight) == 0

    item = ContentItem.objects.get(pk=version.item_id)
    assert (item.published_id, item.stage) == (None, "expired")
    assert "审查证明" in item.retracted_reason


def test_certificates_are_reminded_of_at_sixty_thirty_and_seven_days_once_each() -> None:
    author = ad_author()
    paper = make_certificate(author, sample=AD)
    end = timezone.now() + timedelta(days=300)
    said = [actions.remind_of_certificates(now=end - timedelta(days=days)) for days in (70, 59, 58, 30, 7, 1)]

    assert said == [0, 1, 0, 1, 1, 0]
    assert AdCertificate.objects.get(pk=paper.pk).reminded == [60, 30, 7]
    assert AuditEntry.objects.filter(action="content.certificate.reminded").count() == 3


def test_a_story_needs_its_permission_and_names_nobody() -> None:
    author = make_actor("content")
    facts = {"kind": "case_story", "page_class": "science", "title": "膝盖", "body": STORY}
    with pytest.raises(NoAuthorisation):
        submit(author, make_item(author, slug="x", **facts))
    version, _case = make_story(author, body=STORY + "李 桂芳说谢谢。")
    with pytest.raises(Identifies) as caught:
        submit(author, version)
    assert "本人信息" in str(caught.value.fields["body"])


def test_traces_are_found_with_their_places() -> None:
    text = "王女士，电话 13800138000，住院号 123456，家住梧桐路88号。"
    found = traces(text, identifiers=["王女士"])

    assert [trace.what for trace in found] == ["本人信息", "手机号", "住院号或病历号", "门牌地址"]
    assert all(text[trace.start : trace.end] == trace.quote for trace in found)
    assert traces("患者术后三天下地，一般要两周恢复。") == []


def test_a_revoked_permission_takes_everything_down_and_stops_messages() -> None:
    from xinglin.outreach.models import Message
    from xinglin.outreach.tests.factories import make_message, make_patient, make_template_version

    hospital = make_organization()
    author = make_actor("content", hospital)
    version, case = make_story(author)
    approve_all(submit(author, version))
    actions.publish_item(actor=make_reviewer(hospital.pk, 9), public_id=version.public_id, now=timezone.now())
    template = make_template_version(hospital, landing_page=version.item)
    message = make_message(make_patient(hospital), version=template, state="queued")
    assert queries.is_live(hospital.pk, version.item_id, now=timezone.now())

    actions.revoke_case(actor=author, public_id=case.public_id, reason="患者来电", now=timezone.now())

    assert not queries.is_live(hospital.pk, version.item_id, now=timezone.now())
    item = ContentItem.objects.get(pk=version.item_id)
    assert (item.published_id, item.stage) == (None, "retracted")
    run_jobs()
    row = Message.objects.get(pk=message.pk)
    assert (row.state, row.reason) == ("refused", "template")


def test_what_a_lapsed_page_leads_to_is_not_sent_even_before_the_job() -> None:
    from xinglin.outreach.gate.wording import is_in_force
    from xinglin.outreach.tests.factories import make_template_version

    today = timezone.localdate()
    version = make_published_item(valid_until=today)
    template = make_template_version(version.organization, landing_page=version.item)

    assert is_in_force(template, at=timezone.now())
    assert not is_in_force(template, at=timezone.now() + timedelta(days=1))


def test_a_schedule_goes_out_by_itself_unless_something_lapsed_meanwhile() -> None:
    author = make_actor("content")
    version = approve_all(submit(author, make_item(author, body=BODY)))
    lapsing = approve_all(
        submit(
            author, make_item(author, slug="short", title="短期", body=BODY, valid_until=timezone.localdate())
        )
    )
    tomorrow = timezone.now() + timedelta(days=1, minutes=1)
    for one in (version, lapsing):
        actions.schedule_item(actor=author, public_id=one.public_id, at=tomorrow, now=timezone.now())
    assert actions.publish_due(now=timezone.now()) == 0

    assert actions.publish_due(now=tomorrow) == 2

    assert queries.get_published(author.organization_id or 0, "clinic", now=tomorrow).slug == "clinic"
    failed = ContentItem.objects.get(slug="short")
    assert (failed.published_id, failed.scheduled_for, failed.stage) == (None, None, "approved")
    assert AuditEntry.objects.filter(action="content.item.not_published").count() == 1


def test_evidence_holds_every_version_verdict_and_approver() -> None:
    author = make_actor("content")
    version = approve_all(submit(author, make_item(author)))
    item = ContentItem.objects.get(pk=version.item_id)

    data = queries.evidence_of(actor=author, item=item, now=timezone.now())

    (first,) = data["versions"]
    assert first["is_intact"]
    assert first["sha256"] == version.content_hash
    assert first["verdict"]["pack_version"]
    assert [level["status"] for level in first["levels"]] == ["approved"]
    assert first["levels"][0]["rules"] == first["verdict"]["pack_version"]
    assert [entry["action"] for entry in data["trail"]][:2] == [
        "content.item.created",
        "content.item.submitted",
    ]


def test_a_certificate_that_ends_within_sixty_days_is_on_the_home_page() -> None:
    hospital = make_organization()
    author, keeper = make_actor("content", hospital), make_actor("reviewer", hospital)
    today = timezone.localdate()
    assert certificates_ending(keeper, now=timezone.now()) is None
    for number, days in (("甲", 26), ("乙", 60), ("丙", 61)):
        make_certificate(author, sample=AD, number=number, valid_to=today + timedelta(days=days))
    card = certificates_ending(keeper, now=timezone.now())
    assert card is not None
    assert card.value == 2
    assert [(name, str(left)) for name, left, _url in card.rows] == [("甲", "剩 26 天"), ("乙", "剩 60 天")]
    assert certificates_ending(make_actor("doctor", hospital), now=timezone.now()) is None
    elsewhere = make_actor("reviewer", make_organization())
    assert certificates_ending(elsewhere, now=timezone.now()) is None


def test_the_list_of_permissions_asks_as_many_questions_for_ten_as_for_one() -> None:
    organization = make_organization()
    author = make_actor("content", organization, permissions=every_code())
    client = make_client("content", organization, permissions=every_code())

    def asked() -> int:
        client.get(reverse("content:case-list"))
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse("content:case-list")).status_code == 200
        return len(found)

    def permit(number: int) -> CaseAuthorisation:
        case = make_case(author, label=f"骨科 {number}")
        for story in range(6):
            make_story(author, case, slug=f"story-{number}-{story}", title=f"故事 {number} {story}")
        scan = SimpleUploadedFile(f"scan-{number}.pdf", b"%PDF-1.4 x")
        actions.keep_proof(actor=author, owner=case, file=scan, name=f"scan-{number}.pdf", now=timezone.now())
        return case

    permit(0)
    once = asked()
    for number in range(1, 4):
        permit(number)
    assert asked() == once
    html = client.get(reverse("content:case-list")).content.decode()
    assert "故事 3 4" in html
    assert "故事 3 5" not in html  # five are named
    assert "scan-3.pdf" in html
