from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from xinglin.core.testing import run_jobs
from xinglin.directory.tests.factories import make_client
from xinglin.patients.models import Patient
from xinglin.patients.tests.factories import make_patient

pytestmark = pytest.mark.django_db
ROOT = "/api/v1/patients/"


def call(client: Any, method: str, path: str, body: Any = None) -> Any:
    more = {} if body is None else {"data": body, "content_type": "application/json"}
    return getattr(client, method)(f"{ROOT}{path}", **more)


def test_people_come_masked_and_another_hospitals_are_not_there() -> None:
    client = make_client()
    mine = make_patient(client.membership.organization, phone="13812345678")
    other = make_patient()

    listed = call(client, "get", "?sex=U").json()

    assert [one["phone"] for one in listed["items"]] == ["138****5678"]
    assert call(client, "get", f"{mine.public_id}").json()["name"] == mine.name
    assert call(client, "get", f"{other.public_id}").status_code == 404
    assert [one["name"] for one in call(client, "get", "search?q=5678").json()] == [mine.name]


def test_open_change_and_declare() -> None:
    client = make_client()
    made = call(client, "post", "", {"name": "王芳", "phone": "13812345678"})
    assert made.status_code == 201
    path = made.json()["id"]

    again = call(client, "post", "", {"name": "王芳", "phone": "13812345678"})
    assert (again.status_code, again.json()["code"]) == (409, "possible-duplicate")
    assert call(client, "patch", path, {"city": "上海"}).json()["city"] == "上海"
    assert call(client, "patch", path, {"phone": "1"}).status_code == 422
    told = {"purpose": "marketing", "channel": "sms", "status": "given"}
    assert call(client, "post", f"{path}/consents", told).status_code == 201
    assert call(client, "post", f"{path}/consents", {**told, "status": "maybe"}).status_code == 422
    assert len(call(client, "get", f"{path}/consents").json()) == 1


def test_an_import_by_interface() -> None:
    client = make_client()
    file = SimpleUploadedFile("a.csv", "患者编号,姓名,性别\nA1,王芳,女\nA2,李强,?\n".encode())
    made = client.post(f"{ROOT}imports", {"kind": "patients", "file": file})
    assert made.status_code == 201, made.content
    path = f"imports/{made.json()['id']}"

    call(client, "post", f"{path}/trial", {})
    run_jobs()
    assert call(client, "get", path).json()["trial"]["created"] == 1
    assert call(client, "get", f"{path}/refusals").json()[0]["line"] == 3
    call(client, "post", f"{path}/run")
    run_jobs()
    assert call(client, "get", path).json()["status"] == "done"
    assert Patient.objects.count() == 1
    call(client, "post", f"{path}/undo")
    run_jobs()
    assert not Patient.objects.exists()
    assert len(call(client, "get", "imports").json()) == 1
