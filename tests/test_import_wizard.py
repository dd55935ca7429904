"""The whole real list of appointments through the wizard's pages."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.appointments_file import IMPOSSIBLE, ROWS, appointments_file
from xinglin.booking.models import Appointment
from xinglin.core.testing import run_jobs
from xinglin.directory.tests.factories import make_client

pytestmark = [pytest.mark.slow, pytest.mark.django_db]


def upload(client: Client) -> str:
    """The file goes in; the columns are recognised. Returns the import's address."""
    path = appointments_file()
    file = SimpleUploadedFile(path.name, path.read_bytes(), "application/gzip")
    answer = client.post("/patients/imports/new/", {"kind": "appointments", "file": file})
    assert answer.status_code == 302
    return str(answer["Location"])


def chosen(page: str) -> dict[str, str]:
    """What the page of columns would send if nobody changed anything."""
    fields = dict.fromkeys(re.findall(r'<select[^>]*\bname="([^"]+)"', page), "")
    for name in fields:
        select = re.search(rf'<select[^>]*\bname="{name}".*?</select>', page, re.S)
        assert select is not None
        option = re.search(r'<option value="([^"]*)"[^>]*\bselected', select[0])
        fields[name] = option[1] if option else ""
    texts = re.findall(r'<input type="text"[^>]*\bname="([^"]+)"(?:[^>]*\bvalue="([^"]*)")?', page)
    radios = re.findall(r'<input type="radio"[^>]*\bname="([^"]+)"[^>]*\bvalue="([^"]*)"[^>]*\bchecked', page)
    return {**fields, **dict(texts), **dict(radios)}


def test_five_rows_are_refused_with_a_reason_and_all_others_go_in() -> None:
    client = make_client("analyst")
    mapping = upload(client)

    sent = client.post(mapping, chosen(client.get(mapping).content.decode()))
    assert sent.status_code == 302
    detail = str(sent["Location"])
    run_jobs()
    trial = client.get(detail).content.decode()
    assert f"写入这 {ROWS - IMPOSSIBLE:,} 行" in trial
    assert Appointment.objects.count() == 0

    client.post(f"{detail}start/")
    run_jobs()

    result = client.get(detail).content.decode()
    assert f"拒收 <b>{IMPOSSIBLE}</b>" in result
    assert Appointment.objects.count() == ROWS - IMPOSSIBLE
    errors = b"".join(client.get(f"{detail}errors.csv").streaming_content).decode("utf-8-sig")
    lines = [line for line in errors.splitlines() if line.strip()]
    assert len(lines) == IMPOSSIBLE + 1
    assert all(re.search("年龄|早于|之前", line) for line in lines[1:]), lines
