"""Hospital, departments, staff, teams, audit log: pages and what stands behind them."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from xinglin.core import audit
from xinglin.core.actor import Actor
from xinglin.core.errors import Invalid, NotFound, PermissionDenied
from xinglin.core.models import AuditEntry
from xinglin.directory import actions, checks, queries
from xinglin.directory.models import Department, Organization, Staff, Team
from xinglin.directory.rules import trail
from xinglin.directory.tests.factories import (
    assert_foreign_row_404,
    make_actor,
    make_campus,
    make_client,
    make_department,
    make_membership,
    make_organization,
    make_staff,
    make_team,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()
HOSPITAL = {"name": "西岭医院", "timezone": "Asia/Shanghai", "theme": "#0E5A63"}


def test_the_hospital_changes_its_own_facts() -> None:
    admin = make_client("admin")
    url = reverse("directory:hospital-profile")
    assert admin.post(url, {**HOSPITAL, "timezone": "Moon/Base"}).status_code == 422
    assert admin.post(url, {**HOSPITAL, "first_name": "西岭市人民医院"}).status_code == 302
    hospital = Organization.objects.get(pk=admin.membership.organization_id)
    assert (hospital.name, hospital.first_name) == ("西岭医院", "西岭市人民医院")
    entry = AuditEntry.objects.get(action="directory.organization.changed")
    assert entry.detail["fields"] == ["first_name", "name"]
    admin.post(url, {**HOSPITAL, "first_name": "西岭市人民医院"})
    assert AuditEntry.objects.filter(action="directory.organization.changed").count() == 1


def test_only_the_system_makes_hospitals_and_groups() -> None:
    actor = make_actor("admin")
    with pytest.raises(PermissionDenied):
        actions.create_organization(actor=actor, name="x", slug="x", now=NOW)
    with pytest.raises(PermissionDenied):
        actions.create_organization_group(actor=actor, name="x", now=NOW)
    system = Actor.system(None)
    group = actions.create_organization_group(actor=system, name="西岭医疗集团", now=NOW)
    made = actions.create_organization(actor=system, name="x", slug="x-1", group=group, now=NOW)
    assert queries.get_organization("x-1") == made
    with pytest.raises(Invalid) as caught:
        actions.create_organization(actor=system, name="x", slug="x-1", now=NOW)
    assert "slug" in caught.value.fields
    with pytest.raises(NotFound):
        queries.get_organization("nowhere")


def test_a_department_code_is_taken_once_in_a_hospital() -> None:
    first = make_department(code="EK")
    make_department(make_organization(), code="EK")
    with pytest.raises(Invalid) as caught:
        make_department(first.organization, code="EK", name="又一个")
    assert "code" in caught.value.fields
    assert queries.find_department(first.organization_id, " ek ") == first


def test_departments_and_campuses_by_page() -> None:
    admin = make_client("admin")
    assert "还没有科室" in admin.get("/settings/departments/").content.decode()
    admin.post("/settings/campuses/new/", {"code": "E", "name": "东院区", "is_open": "on"})
    assert admin.post("/settings/departments/new/", {"code": "儿 科", "name": "儿科"}).status_code == 422
    admin.post(
        "/settings/departments/new/", {"code": "EK", "name": "儿科", "is_open": "on", "is_clinical": "on"}
    )
    department = Department.objects.get()
    url = reverse("directory:department-edit", args=[department.public_id])
    foreign = make_campus()
    assert admin.post(url, {"code": "EK", "name": "儿科", "campus": foreign.pk}).status_code == 422
    admin.post(url, {"code": "EK", "name": "儿童保健科"})
    page = admin.get("/settings/departments/?state=closed&q=儿童").content.decode()
    assert "儿童保健科" in page
    assert "东院区" in page
    campus = queries.list_campuses(admin.actor).get()
    admin.post(reverse("directory:campus-edit", args=[campus.public_id]), {"code": "E", "name": "东区"})
    campus.refresh_from_db()
    assert (campus.name, campus.is_open) == ("东区", False)


def test_staff_and_teams_by_page() -> None:
    admin = make_client("admin")
    hospital = admin.membership.organization
    department = make_department(hospital, name="儿科", code="EK")
    admin.post("/settings/teams/new/", {"name": "城东组"})
    team = Team.objects.get()
    values: dict[str, Any] = {
        "name": "周敏",
        "code": "E1",
        "department": department.pk,
        "team": team.pk,
        "is_active": "on",
    }
    assert admin.post("/settings/staff/new/", {**values, "fee_fen": "-1"}).status_code == 422
    admin.post("/settings/staff/new/", {**values, "fee_fen": "50.50", "is_practitioner": "on"})
    person = Staff.objects.get(code="E1")
    assert person.fee_fen == 5050
    assert admin.post("/settings/staff/new/", values).status_code == 422
    listed = admin.get("/settings/staff/?q=周&kind=practitioner&department=EK").content.decode()
    assert "周敏" in listed
    edit = reverse("directory:staff-edit", args=[person.public_id])
    assert 'value="50.50"' in admin.get(edit).content.decode()
    admin.post(edit, {**values, "is_active": "", "fee_fen": ""})
    assert "周敏" in admin.get("/settings/staff/?state=ended").content.decode()
    detail = reverse("directory:staff-detail", args=[person.public_id])
    assert "离岗" in admin.get(detail).content.decode()
    assert "<html" not in admin.get(detail, headers={"HX-Request": "true"}).content.decode()
    admin.post(reverse("directory:team-edit", args=[team.public_id]), {"name": "城西组", "lead": ""})
    team.refresh_from_db()
    assert team.name == "城西组"


def test_who_may_only_look_finds_no_buttons() -> None:
    director = make_client("director")
    person = make_staff(director.membership.organization)
    page = director.get(f"/settings/staff/?open={person.public_id}").content.decode()
    assert "新增职员" not in page
    assert "/edit/" not in page


def test_rows_of_another_hospital_are_404() -> None:
    assert_foreign_row_404("directory:staff-detail", make_staff)
    assert_foreign_row_404("directory:staff-edit", make_staff)
    assert_foreign_row_404("directory:department-edit", make_department)
    assert_foreign_row_404("directory:campus-edit", make_campus)
    assert_foreign_row_404("directory:team-edit", make_team)
    assert_foreign_row_404("directory:user-detail", lambda org: make_membership("agent", org))
    assert_foreign_row_404("directory:user-edit", lambda org: make_membership("agent", org))
    assert_foreign_row_404(
        "directory:password-link-create", lambda org: make_membership("agent", org), method="post"
    )
    assert_foreign_row_404(
        "directory:user-deactivation", lambda org: make_membership("agent", org), method="post"
    )


def test_a_team_or_department_of_another_hospital_is_refused() -> None:
    with pytest.raises(Invalid):
        make_staff(make_organization(), department=make_department())
    with pytest.raises(Invalid):
        make_staff(make_organization(), team=make_team())


def test_lists_of_practitioners() -> None:
    hospital = make_organization()
    actor = make_actor("agent", hospital)
    doctor = make_staff(hospital, is_practitioner=True, code="D1")
    make_staff(hospital, is_practitioner=True, is_active=False)
    make_staff(is_practitioner=True)
    assert list(queries.list_practitioners(actor)) == [doctor]
    assert queries.find_practitioner(hospital.pk, "d1") == doctor
    assert queries.find_practitioner(hospital.pk, " ") is None


def record(organization: Organization, action: str, at: Any = NOW, **facts: Any) -> AuditEntry:
    actor = Actor(organization_id=organization.pk, name=str(facts.pop("name", "何静")), role="agent")
    return audit.record(actor, action, None, at=at, **facts)


def test_the_audit_log_is_searched_and_exported_on_record() -> None:
    admin = make_client("admin")
    hospital = admin.membership.organization
    record(hospital, "patients.patient.revealed", label="=SUM(A1)", reason="核对身份", field="phone")
    record(hospital, "booking.appointment.cancelled", at=NOW - timedelta(days=40), name="周敏", fields=["a"])
    record(make_organization(), "patients.patient.revealed", name="外院的人")
    url = "/settings/audit/"

    page = admin.get(url).content.decode()
    assert "患者 · 查看隐私" in page
    assert "外院的人" not in page
    assert "周敏" not in admin.get(url, {"q": "何静"}).content.decode()
    assert "周敏" in admin.get(url, {"action": "booking."}).content.decode()
    today = NOW.date().isoformat()
    ago = (NOW - timedelta(days=2)).date().isoformat()
    assert "周敏" not in admin.get(url, {"since": today, "until": ago}).content.decode()
    assert "没有符合条件的记录" in admin.get(url, {"obj": "没有这个"}).content.decode()
    assert admin.get(url, {"since": "yesterday"}).status_code == 200

    answer: Any = admin.post(f"{url}export/", {"q": "何静"})
    text = b"".join(answer.streaming_content).decode()
    assert "'=SUM(A1)" in text
    assert "周敏" not in text
    taken = AuditEntry.objects.get(action="core.audit.exported")
    assert taken.detail == {"rows": 1, "filters": {"person": "何静"}}


def test_an_audit_entry_opens_and_a_foreign_one_does_not() -> None:
    admin = make_client("admin")
    own = record(admin.membership.organization, "core.job.cancelled", flag=True)
    foreign = record(make_organization(), "core.job.cancelled")
    assert "后台任务 · 取消" in admin.get(f"/settings/audit/{own.pk}/").content.decode()
    assert admin.get(f"/settings/audit/{foreign.pk}/").status_code == 404
    assert "后台任务" in admin.get(f"/settings/audit/?open={own.pk}").content.decode()
    assert admin.get(f"/settings/audit/?open={foreign.pk}").status_code == 200


def test_settings_leads_to_the_first_page_that_is_ours() -> None:
    assert make_client("admin").get("/settings/")["Location"] == "/settings/hospital/"
    assert make_client("rep").get("/settings/")["Location"] == "/account/"


def test_the_first_hospital_is_made_all_or_nothing() -> None:
    facts: dict[str, Any] = {"name": "新医院", "admin_username": "root.li", "admin_name": "李", "now": NOW}
    with pytest.raises(Invalid):
        actions.setup_hospital(slug="new-1", admin_password="short", **facts)
    assert not Organization.objects.filter(slug="new-1").exists()
    made = actions.setup_hospital(
        slug="new-1",
        admin_password="Good-enough-2026",
        departments=[("EK", "儿科"), ("XNK", "心内科")],
        short_name="新院",
        **facts,
    )
    assert made.departments == 2
    assert made.admin.role.code == "admin"
    browser = Client()
    browser.force_login(made.admin.user)
    assert "新院" in browser.get("/settings/hospital/").content.decode()


def test_departments_as_people_type_them() -> None:
    from xinglin.directory.actions.setup import parse_departments

    assert parse_departments("EK 儿科\n\n心内科\nGK，骨科\n") == [
        ("EK", "儿科"),
        ("D02", "心内科"),
        ("GK", "骨科"),
    ]
    with pytest.raises(Invalid):
        parse_departments("EK 儿科\nek 二科")


def test_words_of_the_log() -> None:
    assert trail.action_words("patients.patient.revealed") == "患者 · 查看隐私"
    assert trail.action_words("x.unheard.of") == "unheard · of"
    assert trail.browser_words("Mozilla/5.0 (iPhone) MicroMessenger/8") == "微信 · iPhone"
    assert trail.browser_words("") == "未知设备"
    assert trail.detail_words(["a", "b"]) == "a、b"
    assert trail.detail_words({"a": 1}) == "a: 1"
    assert trail.detail_words(False) == "否"


def test_the_map_is_checked_against_the_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    from xinglin.directory import rules

    wrong = rules.parse_roles(
        {"x": {"name": "x", "name_en": "x", "scope": "all", "permissions": ["directory.user.eat"]}}
    )
    monkeypatch.setattr(rules, "shipped_roles", lambda: wrong)
    found = checks.role_map_fits()
    assert next(m.id for m in found) == "directory.E002"
    assert any(m.id == "directory.W001" and "directory.user.edit" in m.msg for m in found)


def test_an_unknown_open_row_is_no_error() -> None:
    admin = make_client("admin")
    assert admin.get("/settings/users/?open=abc").status_code == 200
    assert admin.get(f"/settings/users/?open={UUID(int=0)}").status_code == 200
