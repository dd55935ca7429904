from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from xinglin.core.models import AuditEntry, Job
from xinglin.core.testing import run_jobs
from xinglin.directory.tests.factories import make_client, make_organization, make_staff
from xinglin.patients.models import ConsentState, Import, Patient, PatientTag, SavedView
from xinglin.patients.tests.factories import make_patient

pytestmark = pytest.mark.django_db
NASTY = "<script>alert(1)</script>"


def url(name: str, *args: Any) -> str:
    return reverse(f"patients:{name}", args=args)


def text_of(response: Any) -> str:
    return str(response.content.decode())


def streamed(response: Any) -> str:
    return b"".join(response.streaming_content).decode("utf-8-sig")


def test_the_list_shows_people_masked_and_escaped() -> None:
    client = make_client()
    patient = make_patient(client.membership.organization, name=NASTY, phone="13812345678")
    make_patient(name="别院的人")

    page = text_of(client.get(url("list")))

    assert "138****5678" in page
    assert "13812345678" not in page
    assert NASTY not in page
    assert "&lt;script&gt;" in page
    assert "别院的人" not in page
    assert str(patient.public_id) in page


def test_the_number_of_queries_of_the_list_does_not_grow() -> None:
    client = make_client()

    def cost() -> int:
        with CaptureQueriesContext(connection) as context:
            assert client.get(url("list")).status_code == 200
        return len(context)

    make_patient(client.membership.organization, name="一")
    client.get(url("list"))
    few = cost()
    for number in range(30):
        make_patient(client.membership.organization, name=f"王{number}")
    assert cost() == few <= 29


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("q=芳", {"王芳"}), ("sex=F", {"王芳"}), ("age=40-59", {"王芳"}), ("age=-17", set()),
        ("age=60-", {"李强"}), ("condition=糖尿病", {"王芳"}), ("city=上海", {"王芳"}),
        ("tag=VIP", {"王芳"}),
        ("consent=marketing.sms", {"王芳"}),
        ("consent=-marketing.sms", set()),
        ("visit=none", {"王芳", "李强"}),
        ("visit=<30", set()), ("responsible=none", {"王芳", "李强"}), ("responsible=me", set()),
        ("phone=no", {"李强"}), ("life=dead", set()),
        ("added=7", {"王芳", "李强"}), ("birthday=366", {"王芳"}),
        ("source=官网", {"王芳"}), ("district=x", set()), ("sort=name", {"王芳", "李强"}),
    ],
)  # fmt: skip
def test_filters(query: str, names: set[str]) -> None:
    from datetime import date

    from xinglin.patients import actions

    client = make_client()
    hospital, actor = client.membership.organization, client.actor
    woman = make_patient(
        hospital, name="王芳", sex="F", birth_date=date(1980, 5, 27), conditions=["2 型糖尿病", "糖尿病"],
        city="上海", source_channel="官网", now=timezone.now(), responsible_id=None,
    )  # fmt: skip
    make_patient(
        hospital, name="李强", sex="M", phone="", reported_age=60, reported_age_on=date(2020, 1, 1),
        responsible_id=None, now=timezone.now(),
    )  # fmt: skip
    actions.set_tags(actor=actor, public_id=woman.public_id, names=["VIP"], now=timezone.now())
    actions.give_consent(
        actor=actor, patient_id=woman.pk, purpose="marketing", channel="sms", how="form", now=timezone.now()
    )

    page = client.get(f"{url('list')}?{query}")

    assert {one["row"].name for one in page.context["people"]} == names


def test_the_panel_the_record_and_another_hospitals_person() -> None:
    client = make_client()
    mine = make_patient(client.membership.organization, phone="13812345678", note=NASTY)
    other = make_patient()

    panel = client.get(url("panel", mine.public_id), headers={"HX-Request": "true"})
    record = client.get(url("detail", mine.public_id))

    assert panel.status_code == 200
    assert "138****5678" in text_of(panel)
    assert "建档" in text_of(record)
    assert NASTY not in text_of(record)
    assert client.get(url("panel", mine.public_id))["Location"] == url("detail", mine.public_id)
    for name in ("detail", "panel", "facts", "consent-list"):
        assert client.get(url(name, other.public_id), headers={"HX-Request": "true"}).status_code == 404
    assert client.post(url("reveal", other.public_id), {"field": "phone", "reason": "xx"}).status_code == 404
    assert client.get(f"{url('list')}?open={mine.public_id}").context["opened"] == str(mine.public_id)
    assert client.get(f"{url('list')}?open={other.public_id}").context["opened"] == ""


def test_the_timeline_is_filtered_and_paged() -> None:
    client = make_client()
    patient = make_patient(client.membership.organization)
    for turn in range(35):
        actor = client.actor
        from xinglin.patients import actions

        actions.give_consent(
            actor=actor, patient_id=patient.pk, purpose="service", channel="sms", how="form",
            now=timezone.now() - timedelta(hours=turn),
        )  # fmt: skip

    page = client.get(f"{url('detail', patient.public_id)}?kind=consent")

    assert len(page.context["items"]) == 30
    assert len(client.get(page.context["page"].next_url).context["items"]) == 6
    assert client.get(f"{url('detail', patient.public_id)}?kind=bill").context["items"] == []


def test_registering_shows_errors_beside_fields_and_duplicates() -> None:
    client = make_client()

    wrong = client.post(url("create"), {"name": "", "phone": "12"})
    assert wrong.status_code == 422
    assert set(wrong.context["form"].errors) == {"name"}
    assert client.post(url("create"), {"name": "王芳", "phone": "12"}).context["form"].errors["phone"]
    done = client.post(url("create"), {"name": "王芳", "phone": "13812345678", "sex": "F"})
    assert done.status_code == 302
    again = client.post(url("create"), {"name": "王芳", "phone": "13812345678", "sex": "F"})
    assert again.status_code == 422
    assert "看起来已经有这个人" in text_of(again)
    assert (
        client.post(url("create"), {"name": "王芳", "phone": "13812345678", "anyway": "1"}).status_code == 302
    )
    assert Patient.objects.count() == 2


def test_facts_are_changed_in_place_and_blank_numbers_stay() -> None:
    client = make_client()
    patient = make_patient(client.membership.organization, phone="13812345678", city="上海")
    form = client.get(url("facts", patient.public_id), headers={"HX-Request": "true"})
    assert "13812345678" not in text_of(form)

    saved = client.post(
        url("facts", patient.public_id), {"name": patient.name, "sex": "F", "phone": "", "city": ""},
        headers={"HX-Request": "true"},
    )  # fmt: skip

    assert saved.status_code == 204
    assert saved["HX-Redirect"]
    patient.refresh_from_db()
    assert (patient.phone, patient.city, patient.sex) == ("13812345678", "", "F")
    assert client.post(url("facts", patient.public_id), {"name": ""}).status_code == 422


def test_a_number_is_shown_for_a_reason_only() -> None:
    client = make_client()
    patient = make_patient(client.membership.organization, phone="13812345678")

    assert client.post(url("reveal", patient.public_id), {"field": "phone", "reason": ""}).status_code == 422
    shown = client.post(url("reveal", patient.public_id), {"field": "phone", "reason": "回访"})

    assert "13812345678" in text_of(shown)
    assert shown["Cache-Control"] == "no-store"
    assert AuditEntry.objects.filter(action="patients.patient.revealed").count() == 1


def test_consent_tags_and_views_by_hand() -> None:
    client = make_client()
    patient = make_patient(client.membership.organization)
    client.post(
        url("consent-create", patient.public_id),
        {"purpose": "marketing", "channel": "sms", "status": "withdrawn", "how": "counter"},
    )
    client.post(url("tags", patient.public_id), {"tags": "糖友，VIP、糖友"})
    client.post(url("view-create"), {"name": "糖友", "query": "tag=糖友"})
    view = SavedView.objects.get()

    assert ConsentState.objects.get().status == "withdrawn"
    assert PatientTag.objects.count() == 2
    page = client.get(f"{url('list')}?tag=糖友")
    assert page.context["here"] == str(view.public_id)
    assert client.get(url("consent-list", patient.public_id)).status_code == 200
    client.post(url("view-delete", view.public_id))
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("do", ["tag", "untag", "assign", "export"])
def test_a_bulk_action_says_to_how_many_and_runs_as_a_job(do: str) -> None:
    client = make_client()
    hospital = client.membership.organization
    staff = make_staff(hospital)
    people = [make_patient(hospital, name=f"=王{n}", city="上海") for n in range(3)]
    make_patient(hospital, name="外地人", city="北京")
    target = f"{url('bulk')}?city=上海"

    asked = client.post(target, {"do": do, "all": "1"})
    assert asked.status_code == 200
    assert asked.context["count"] == 3
    values = {"do": do, "all": "1", "confirmed": "1", "tag": "糖友", "staff": staff.pk, "reason": "核对"}
    started = client.post(target, values)
    run_jobs()

    job = Job.objects.get(name="patients.bulk")
    assert started.status_code == 302
    assert job.status == "done"
    if do == "tag":
        assert PatientTag.objects.count() == 3
    if do == "assign":
        assert Patient.objects.filter(responsible=staff).count() == 3
    if do == "export":
        file = streamed(client.get(reverse("ui:job-download", args=[job.public_id])))
        assert "'=王0" in file
        assert "****" in file
        assert people[0].phone not in file
        assert "外地人" not in file


def test_who_may_not() -> None:
    hospital = make_organization()
    patient = make_patient(hospital)
    admin = make_client("admin", hospital)
    viewer = make_client("analyst", hospital, permissions=["patients.patient.view"])

    for name in ("list", "create", "import-list"):
        assert admin.get(url(name)).status_code == 403
    assert viewer.get(url("detail", patient.public_id)).status_code == 200
    for name in ("facts", "tags", "reveal", "consent-create"):
        assert viewer.post(url(name, patient.public_id), {}).status_code == 403
    assert (
        viewer.post(url("bulk"), {"do": "export", "all": "1", "confirmed": "1", "reason": "x"}).status_code
        == 403
    )
    assert Client().get(url("list")).status_code == 302


def upload(client: Any, data: bytes, name: str = "名单.csv", kind: str = "patients") -> Any:
    return client.post(url("import-create"), {"kind": kind, "file": SimpleUploadedFile(name, data)})


def test_the_wizard_from_the_file_to_the_result_and_back() -> None:
    client = make_client()
    rows = "患者编号,姓名,性别,手机,谁知道\nA1,王芳,女,13812345678,x\nA2,李强,?,13900001111,y\n".encode(
        "gb18030"
    )

    mapped = upload(client, rows)
    item = Import.objects.get()
    page = client.get(mapped.url)
    assert "不导入" in text_of(page)
    assert page.context["ignored"] == 1
    columns = {
        f"col-{n}": key
        for n, key in enumerate(["patient.external_id", "patient.name", "patient.sex", "patient.phone", ""])
    }
    tried = client.post(
        mapped.url, {**columns, "policy": "update", "source": "his", "key": "", "date_order": ""}
    )
    assert tried.status_code == 302
    run_jobs()
    confirm = client.get(url("import-detail", item.public_id))
    assert confirm.context["counts"]["created"] == 1
    assert "性别代码看不懂" in text_of(confirm)
    assert not Patient.objects.exists()
    errors = streamed(client.get(url("import-errors", item.public_id)))
    assert "李强" in errors

    client.post(url("import-start", item.public_id))
    run_jobs()
    done = client.get(url("import-detail", item.public_id))
    assert done.context["item"].status == "done"
    assert Patient.objects.get().name == "王芳"
    assert client.post(url("import-undo", item.public_id), {"word": "x"}).status_code == 302
    assert Patient.objects.exists()
    client.post(url("import-undo", item.public_id), {"word": "撤销"})
    run_jobs()
    assert not Patient.objects.exists()
    assert client.get(url("import-list")).status_code == 200


@pytest.mark.parametrize(("data", "words"), [(b"", "0 字节"), (b"%PDF-1.4 ......", "不是表格")])
def test_a_file_that_is_no_table_is_refused_beside_its_field(data: bytes, words: str) -> None:
    page = upload(make_client(), data)

    assert page.status_code == 422
    assert words in text_of(page)
    assert not Import.objects.exists()


def test_a_mapping_without_anybody_is_refused() -> None:
    client = make_client()
    where = upload(client, "姓名,性别\n王芳,女\n".encode()).url

    page = client.post(where, {"col-0": "patient.name", "policy": "update", "source": "his"})

    assert page.status_code == 422
    assert "认出是谁" in text_of(page)
