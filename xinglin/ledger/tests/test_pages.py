import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.utils import timezone

from xinglin.core.models import Job
from xinglin.core.testing import run_jobs
from xinglin.directory.tests.factories import make_client
from xinglin.ledger import lake
from xinglin.ledger.cli import lake as command
from xinglin.ledger.tests.factories import make_touch

pytestmark = pytest.mark.django_db
EVERY = {"ledger.touch.view", "ledger.touch.record", "ledger.lake.view", "ledger.lake.manage"}


@pytest.fixture(autouse=True)
def _own_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKE_DIR", str(tmp_path / "lake"))


def test_the_list_narrows_pages_and_opens(django_assert_max_num_queries: Any) -> None:
    client: Any = make_client(permissions=EVERY)
    mine = client.actor.organization_id
    assert "还没有触点" in client.get("/ledger/touches/").content.decode()
    for number in range(1, 61):
        make_touch(number, organization_id=mine, amount_fen=number * 100)
    other = make_touch(1, organization_id=mine + 1)

    with django_assert_max_num_queries(14):
        text = client.get("/ledger/touches/").content.decode()
    assert "测试就诊" in text
    assert "¥60.00" in text
    assert "¥5.00" not in text  # on the next page
    narrow = client.get("/ledger/touches/?patient_id=3&kind=test.visited&since=2026-01-01").content.decode()
    assert "¥3.00" in narrow
    assert "¥4.00" not in narrow
    assert "没有符合条件的触点" in client.get("/ledger/touches/?channel=x").content.decode()

    touch = make_touch(2, organization_id=mine)
    opened = client.get(f"/ledger/touches/?open={touch.id}").content.decode()
    assert str(touch.id) in opened
    part = client.get(f"/ledger/touches/{touch.id}/", headers={"HX-Request": "true"}).content.decode()
    assert "endocrinology" in part
    assert client.get(f"/ledger/touches/{other.id}/").status_code == 404
    assert client.get("/ledger/touches/?open=nonsense").status_code == 200


def test_nobody_looks_without_permission() -> None:
    client = make_client(permissions={"ledger.lake.view"})
    assert client.get("/ledger/touches/").status_code == 403
    assert client.get("/ledger/lake/").status_code == 200
    assert client.post("/ledger/lake/rebuild/").status_code == 403
    assert client.get("/api/v1/ledger/touches").status_code == 403


def test_the_lake_is_rebuilt_as_a_job() -> None:
    client: Any = make_client(permissions=EVERY)
    make_touch(1, organization_id=client.actor.organization_id)
    assert "还没有同步过" in client.get("/ledger/lake/").content.decode()

    assert client.post("/ledger/lake/rebuild/").status_code == 302
    run_jobs()

    assert Job.objects.get(name="ledger.rebuild_lake").status == "done"
    text = client.get("/ledger/lake/").content.decode()
    assert "visitor_links" in text
    assert lake.sql("SELECT count(*) FROM touches") == [(1,)]


def test_the_command_says_what_it_did() -> None:
    make_touch(1)
    run = CliRunner()
    for name in ("sync", "status", "compact", "rebuild"):
        result = run.invoke(command, [name, "--format", "json"])
        assert result.exit_code == 0, result.output
        assert json.loads(result.output)["watermark"] >= 1
        assert run.invoke(command, [name]).output.strip()


def test_other_systems_read_and_record() -> None:
    client: Any = make_client(permissions=EVERY)
    mine = client.actor.organization_id
    make_touch(1, organization_id=mine + 1)
    body = [
        {
            "kind": "test.visited",
            "props": {"visit": "x"},
            "at": timezone.now().isoformat(),
            "dedupe_key": str(n),
        }
        for n in range(3)
    ]
    post: dict[str, Any] = {"data": json.dumps(body), "content_type": "application/json"}
    assert client.post("/api/v1/ledger/touches", **post).json() == {"recorded": 3}
    assert client.post("/api/v1/ledger/touches", **post).json() == {"recorded": 0}
    body[0]["kind"] = "no.such"
    bad = client.post("/api/v1/ledger/touches", json.dumps(body), content_type="application/json")
    assert (bad.status_code, bad.json()["code"]) == (422, "undeclared-touch")

    first = client.get("/api/v1/ledger/touches?limit=2").json()
    second = client.get(f"/api/v1/ledger/touches?limit=2&cursor={first['next_cursor']}").json()
    assert [len(first["items"]), len(second["items"]), second["next_cursor"]] == [2, 1, ""]
