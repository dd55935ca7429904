"""Pictures, columns, doctors' plans and delegations by the API: the same actions, the same refusals."""

from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from xinglin.content.models import ContentColumn, ExpertPlan, MediaAsset, ReviewDelegation
from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import make_client, make_membership, make_organization, make_staff

pytestmark = pytest.mark.django_db
API = "/api/v1/content"


@pytest.fixture
def hospital() -> Organization:
    return make_organization()


def picture(colour: str = "teal") -> SimpleUploadedFile:
    out = BytesIO()
    Image.new("RGB", (40, 30), colour).save(out, format="PNG")
    return SimpleUploadedFile("x.png", out.getvalue(), content_type="image/png")


def post(client: Any, path: str, body: dict[str, Any] | None = None) -> Any:
    return client.post(f"{API}{path}", body or {}, content_type="application/json")


def test_pictures(hospital: Organization) -> None:
    client = make_client("content", hospital)
    facts = {"alt": "门诊楼正门", "source": "宣传科拍摄", "licence": "own"}
    made = client.post(f"{API}/media/", {**facts, "file": picture()})
    assert made.status_code == 201
    again = client.post(f"{API}/media/", {**facts, "file": picture()})
    assert again.json()["public_id"] == made.json()["public_id"]
    assert MediaAsset.objects.count() == 1

    no_alt = client.post(f"{API}/media/", {**facts, "alt": " ", "file": picture("red")})
    not_a_picture = client.post(
        f"{API}/media/", {**facts, "file": SimpleUploadedFile("x.png", b"<script>", content_type="image/png")}
    )
    assert (no_alt.status_code, not_a_picture.status_code) == (422, 422)
    assert client.get(f"{API}/media/?q=正门").json()["items"][0]["width"] == 40
    assert post(client, f"/media/{made.json()['public_id']}/archive/").json()["is_archived"]
    assert client.get(f"{API}/media/").json()["items"] == []
    assert make_client("content").get(f"{API}/media/?archived=true").json()["items"] == []
    assert (
        make_client("executive", hospital).post(f"{API}/media/", {**facts, "file": picture()}).status_code
        == 403
    )


def test_columns(hospital: Organization) -> None:
    client = make_client("director", hospital)
    body = {"name": "周三问药师", "channel": "wechat", "weekdays": [2]}
    unfinished = client.post(reverse("content:column-create"), {"name": "半个栏目", "channel": "wechat"})
    assert unfinished.status_code == 422
    assert "半个栏目" in unfinished.content.decode()
    assert client.get(reverse("content:column-create") + "?span=week").url.endswith("/calendar/?span=week")  # type: ignore[attr-defined]
    made = post(client, "/columns/", body)
    assert made.status_code == 201
    assert post(client, "/columns/", body).status_code == 409
    assert post(client, "/columns/", {**body, "name": "x", "weekdays": [9]}).status_code == 422
    assert not post(client, f"/columns/{made.json()['public_id']}/rest/").json()["is_active"]
    assert [one["name"] for one in client.get(f"{API}/columns/").json()] == ["周三问药师"]
    assert ContentColumn.objects.count() == 1
    assert post(make_client("director"), f"/columns/{made.json()['public_id']}/rest/").status_code == 404


def test_expert_plans_need_the_doctors_consent(hospital: Organization) -> None:
    client, doctor = make_client("director", hospital), make_staff(hospital)
    body = {
        "doctor": str(doctor.public_id), "starts_on": "2026-01-01", "ends_on": "2026-06-30",
        "videos_a_week": 2, "channels": ["wechat"],
    }  # fmt: skip
    made = post(client, "/expert-plans/", body)
    assert (made.status_code, made.json()["consented_at"]) == (201, None)
    assert post(client, "/expert-plans/", {**body, "ends_on": "2025-01-01"}).status_code == 422
    assert post(client, "/expert-plans/", {**body, "doctor": str(uuid4())}).status_code == 404
    url = f"/expert-plans/{made.json()['public_id']}"
    assert post(client, f"{url}/consent/").status_code == 422
    assert post(client, f"{url}/consent/", {"note": "人事档案 12-3"}).json()["consented_at"]

    def patch(body: dict[str, Any], who: Any = client) -> Any:
        return who.patch(f"{API}{url}/", body, content_type="application/json")

    assert patch({"followers": 900}).json()["consented_at"]
    asked = patch({"videos_a_week": 3}).json()
    assert (asked["videos_a_week"], asked["followers"], asked["consented_at"]) == (3, 900, None)
    assert patch({"ends_on": "2025-01-01"}).status_code == 422
    assert patch({"videos_a_week": -1}).status_code == 422
    assert patch({"followers": 1}, make_client("analyst", hospital)).status_code == 403
    assert patch({"followers": 1}, make_client("director")).status_code == 404
    assert post(client, f"{url}/withdrawal/").json()["withdrawn_at"]
    assert patch({"followers": 1}).status_code == 409
    assert ExpertPlan.objects.count() == 1
    assert make_client("director").get(f"{API}/expert-plans/").json() == []


def test_delegations(hospital: Organization) -> None:
    client = make_client("director", hospital)
    one, two = make_membership("reviewer", hospital), make_membership("reviewer", hospital)
    body = {
        "from_account": str(one.public_id), "to_account": str(two.public_id),
        "starts_on": "2026-01-01", "ends_on": "2026-01-10", "reason": "年假",
    }  # fmt: skip
    made = post(client, "/delegations/", body)
    assert made.status_code == 201
    assert post(client, "/delegations/", {**body, "to_account": body["from_account"]}).status_code == 422
    foreign = make_membership("reviewer")
    assert post(client, "/delegations/", {**body, "to_account": str(foreign.public_id)}).status_code == 404
    assert post(make_client("rep", hospital), "/delegations/", body).status_code in {403, 404}
    ended = client.delete(f"{API}/delegations/{made.json()['public_id']}/")
    assert ended.json()["ended_at"]
    assert ReviewDelegation.objects.count() == 1
