"""The first setup exists for the holder of the token alone, and only while there is no hospital."""

import pytest
from django.test import Client

from xinglin.config.setup import token
from xinglin.core.models import Job
from xinglin.directory.models import Department, Membership, Organization
from xinglin.directory.tests.factories import make_organization

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture(autouse=True)
def fresh_token() -> str:
    token.spend()
    return token.issue()


def test_with_a_hospital_there_is_no_setup() -> None:
    make_organization()
    client = Client()
    assert client.get("/setup/").status_code == 404
    assert client.get("/").headers["Location"].startswith("/account/login/")


def test_a_stranger_is_led_to_the_setup_and_stops_at_the_token() -> None:
    client = Client()
    assert client.get("/").headers["Location"] == "/setup/"
    assert 'name="token"' in client.get("/setup/").content.decode()
    assert client.post("/setup/", {"token": "guess"}).status_code == 422
    client.post("/setup/?step=hospital", {"name": "他的医院", "slug": "his"})
    client.post("/setup/?step=last", {"confirm": "1"})
    assert not Organization.objects.exists()


def test_from_token_to_a_signed_in_administrator(fresh_token: str) -> None:
    client = Client()
    client.get(f"/setup/?token={fresh_token}")
    assert "医院全称" in client.get("/setup/").content.decode()
    assert client.post("/setup/?step=hospital", {"name": "", "slug": "x"}).status_code == 422
    from django.core.files.uploadedfile import SimpleUploadedFile

    bad = SimpleUploadedFile("a.png", b"<svg onload=alert(1)>")
    answer = client.post("/setup/?step=hospital", {"name": "仁和医院", "slug": "renhe", "logo": bad})
    assert answer.status_code == 422
    logo = SimpleUploadedFile("a.png", PNG)
    client.post("/setup/?step=hospital", {"name": "仁和医院", "slug": "renhe", "logo": logo})
    weak = {"username": "boss", "person": "邹凯", "password": "123", "again": "123"}
    assert client.post("/setup/?step=admin", weak).status_code == 422
    strong = {**weak, "password": "Long-enough-9-words", "again": "Long-enough-9-words"}
    assert client.post("/setup/?step=admin", strong).status_code == 302
    assert client.get("/setup/?step=last").content.decode().count("建好这家医院") == 0
    client.post("/setup/?step=departments", {"departments": "01 内科\n02 外科"})
    client.post("/setup/?step=data", {"data": "demo", "people": "150"})
    client.post("/setup/?step=channels", {"channel": "sink"})
    assert "仁和医院" in client.get("/setup/?step=last").content.decode()
    done = client.post("/setup/?step=last", {"confirm": "1"})
    assert done.status_code == 302
    hospital = Organization.objects.get()
    assert (hospital.name, Department.objects.count(), bool(hospital.logo_name)) == ("仁和医院", 2, True)
    assert Membership.objects.get().role.code == "admin"
    assert Job.objects.get(name="demo.make").args["people"] == 150
    assert "先做完这几步" in client.get("/").content.decode()
    assert client.get(f"/logo/{hospital.public_id}").headers["Content-Type"] == "image/png"
    assert token.current() == ""
    assert Client().get(f"/setup/?token={fresh_token}").status_code == 404
