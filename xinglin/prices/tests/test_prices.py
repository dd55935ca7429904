"""The price list by its pages and its REST API."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from xinglin.core.errors import Invalid
from xinglin.core.models import AuditEntry
from xinglin.directory.tests.factories import (
    make_actor,
    make_client,
    make_department,
    make_organization,
)
from xinglin.prices.models import PriceItem, PriceNotice
from xinglin.prices.tests.factories import make_price

pytestmark = pytest.mark.django_db

TYPED = {"code": "L1", "name": "葡萄糖测定", "unit": "项", "price_fen": "6.50", "notes": "静脉血"}
API = "/api/v1/prices/items/"


@pytest.fixture
def hospital() -> Any:
    return make_organization(name="杏林示范医院", phone="0990-1")


def test_an_entry_is_written_changed_and_ended_on_the_page(hospital: Any) -> None:
    client = make_client("content", hospital)
    laboratory = make_department(hospital, name="检验科")
    answer = client.post(
        reverse("prices:price-create"), {**TYPED, "department": laboratory.public_id, "insurance": "a"}
    )
    item = PriceItem.objects.get()
    assert answer.headers["Location"] == reverse("prices:price-detail", args=[item.public_id])
    assert (item.price_fen, item.department, item.state_on(timezone.localdate())) == (
        650,
        laboratory,
        "shown",
    )

    listed = client.get(
        reverse("prices:price-list"), {"q": "葡萄糖", "open": str(item.public_id)}
    ).content.decode()
    assert "¥6.50" in listed
    assert "医保甲类" in listed

    edit = reverse("prices:price-edit", args=[item.public_id])
    assert 'value="6.50"' in client.get(edit).content.decode()
    client.post(edit, {**TYPED, "price_fen": "7"})
    item.refresh_from_db()
    assert (item.price_fen, item.department) == (700, None)
    changed = AuditEntry.objects.get(action="prices.price.changed")
    assert (changed.detail["before"]["price_fen"], changed.detail["price_fen"]) == (650, 700)

    yesterday = timezone.localdate() - timedelta(days=1)
    PriceItem.objects.update(valid_from=yesterday - timedelta(days=9))
    end = reverse("prices:end-create", args=[item.public_id])
    early = client.post(end, {"last_day": yesterday - timedelta(days=20)})
    assert early.status_code == 422
    assert "不能早于生效日" in early.content.decode()
    client.post(end, {"last_day": yesterday})
    item.refresh_from_db()
    assert item.state_on(timezone.localdate()) == "ended"
    assert AuditEntry.objects.filter(action="prices.price.ended").exists()


@pytest.mark.parametrize(
    ("notes", "said"),
    [
        ("根治颈椎病", "广告法第十六条"),
        ("全市最低价", "广告法第九条"),
        ("新客 8.5 折", "促销"),
        ("原价 300 元", "促销"),
        ("买一送一", "促销"),
    ],
)
def test_what_praises_or_lures_is_refused_and_nothing_typed_is_lost(
    hospital: Any, notes: str, said: str
) -> None:
    client = make_client("content", hospital)
    answer = client.post(reverse("prices:price-create"), {**TYPED, "notes": notes})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert notes in answer.content.decode()
    assert not PriceItem.objects.exists()


@pytest.mark.parametrize("name", ["骨折手法复位术", "第三折页打印", "最小剂量测定", "屈光不正检查"])
def test_plain_names_pass(hospital: Any, name: str) -> None:
    assert not make_price(make_actor("content", hospital), name=name).is_held


def test_bad_input_is_told_beside_its_field(hospital: Any) -> None:
    client = make_client("content", hospital)
    make_price(make_actor("content", hospital), code="L1")
    answer = client.post(reverse("prices:price-create"), TYPED)
    assert answer.status_code == 422
    assert "这个编码已经在价目里" in answer.content.decode()
    for field, value in (("price_fen", "六元"), ("price_fen", "-1"), ("price_fen", "1.005"), ("unit", "")):
        wrong = client.post(reverse("prices:price-create"), {**TYPED, "code": "L2", field: value})
        assert wrong.status_code == 422, (field, value)
    dates = {"code": "L2", "valid_from": "2026-05-02", "valid_until": "2026-05-01"}
    assert "不能早于生效日" in client.post(reverse("prices:price-create"), TYPED | dates).content.decode()
    assert PriceItem.objects.count() == 1


def test_what_wants_evidence_waits_for_another_person(hospital: Any) -> None:
    client = make_client("content", hospital)
    client.post(reverse("prices:price-create"), {**TYPED, "notes": "采样装置获国家专利"})
    item = PriceItem.objects.get()
    assert item.state_on(timezone.localdate()) == "held"
    release = reverse("prices:release-create", args=[item.public_id])
    assert "写的人不能" in client.post(release, {"note": "看过专利证书"}).content.decode()
    other = make_client("reviewer", hospital)
    assert "请写明看过什么证据" in other.post(release, {"note": ""}).content.decode()
    other.post(release, {"note": "看过专利证书"})
    item.refresh_from_db()
    assert (item.is_held, item.release_note) == (False, "看过专利证书")
    edit = reverse("prices:price-edit", args=[item.public_id])
    client.post(edit, {**TYPED, "notes": "采样装置获国家专利", "price_fen": "9"})
    item.refresh_from_db()
    assert not item.is_held  # the words are those that were looked at
    client.post(edit, {**TYPED, "notes": "采样装置获国家专利两项"})
    item.refresh_from_db()
    assert (item.is_held, item.released_by_id) == (True, None)


def test_the_api_does_what_the_page_does(hospital: Any) -> None:
    client = make_client("content", hospital)
    make_department(hospital, code="lab", name="检验科")
    body = {"code": "L1", "name": "葡萄糖测定", "unit": "项", "price_fen": 650, "department": "lab"}

    def send(method: str, path: str, body: dict[str, Any]) -> Any:
        return getattr(client, method)(path, json.dumps(body), content_type="application/json")

    made = send("post", API, body)
    assert made.status_code == 201, made.content
    own = f"{API}{made.json()['public_id']}/"
    assert (made.json()["state"], made.json()["department"]) == ("shown", "lab")
    assert send("post", API, body).json()["code"] == "already-listed"
    assert send("post", API, {**body, "code": "L2", "name": "根治糖尿病"}).status_code == 422
    assert send("post", API, {**body, "code": "L2", "department": "nobody"}).status_code == 422
    assert send("put", own, {**body, "price_fen": 700}).json()["price_fen"] == 700
    assert [one["code"] for one in client.get(API, {"department": "lab"}).json()["items"]] == ["L1"]
    assert client.get(API, {"state": "ended"}).json()["items"] == []
    today = timezone.localdate().isoformat()
    assert send("post", f"{own}end/", {"last_day": today}).json()["valid_until"] == today
    assert send("put", "/api/v1/prices/notice/", {"complaint_phone": "0990-2"}).status_code == 200
    assert client.get("/api/v1/prices/notice/").json() == {"complaint_phone": "0990-2", "note": ""}
    assert send("put", "/api/v1/prices/notice/", {"note": "全市最低价"}).status_code == 422
    assert "L1" in b"".join(client.get("/api/v1/prices/items.csv").streaming_content).decode()  # type: ignore[attr-defined]


def test_the_page_says_what_stands_above_the_list(hospital: Any) -> None:
    client = make_client("content", hospital)
    client.post(reverse("prices:notice"), {"complaint_phone": "0990-2", "note": "按三级医院标准"})
    assert PriceNotice.objects.get().note == "按三级医院标准"
    assert "0990-2" in client.get(reverse("prices:notice")).content.decode()


def test_another_hospital_and_those_without_leave_change_nothing(hospital: Any) -> None:
    item = make_price(make_actor("content", hospital))
    stranger = make_client("content", make_organization())
    assert stranger.get(reverse("prices:price-detail", args=[item.public_id])).status_code == 404
    assert stranger.post(reverse("prices:price-edit", args=[item.public_id]), TYPED).status_code == 404
    reader = make_client("analyst", hospital)
    assert reader.get(reverse("prices:price-list")).status_code == 200
    assert reader.post(reverse("prices:price-create"), TYPED).status_code == 403
    assert reader.post(API, "{}", content_type="application/json").status_code in {403, 422}
    foreign = make_department(make_organization())
    with pytest.raises(Invalid):
        make_price(make_actor("content", hospital), code="X", department=foreign)


def test_the_list_costs_the_same_however_long(hospital: Any, django_assert_max_num_queries: Any) -> None:
    actor = make_actor("content", hospital)
    for number in range(12):
        make_price(actor, code=f"E{number}", department=make_department(hospital))
    client = make_client("content", hospital)
    client.get(reverse("prices:price-list"))
    with django_assert_max_num_queries(22):
        client.get(reverse("prices:price-list"))
