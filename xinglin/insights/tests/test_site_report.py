"""The site's report counts people from the ledger, and says what it cannot tell apart."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from xinglin.booking.touches import AppointmentBooked
from xinglin.core.errors import PermissionDenied
from xinglin.directory.tests.factories import make_actor, make_client, make_organization
from xinglin.insights import queries
from xinglin.ledger import lake
from xinglin.ledger.actions import NewTouch, record_many
from xinglin.portal.touches import PageViewed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKE_DIR", str(tmp_path / "lake"))


def seen(
    organization: Any, page: str, *, at: datetime, visitor: UUID | None = None, **facts: Any
) -> NewTouch:
    channel = facts.pop("channel", "website")
    return NewTouch(
        props=PageViewed(page=page, page_class="disclosure", device="phone", **facts),
        organization_id=organization.pk,
        at=at,
        visitor=visitor,
        channel=channel,
    )


def test_views_visitors_sources_landings_and_the_funnel() -> None:
    ours, theirs, now = make_organization(), make_organization(), timezone.now()
    a, b = uuid4(), uuid4()
    at = now - timedelta(days=1)
    record_many(
        [
            seen(ours, "/", at=at, visitor=a, referrer="www.baidu.com", is_entry=True),
            seen(ours, "/doctors/x/", at=at + timedelta(minutes=1), visitor=a),
            seen(ours, "/booking/", at=at + timedelta(minutes=2), visitor=a),
            NewTouch(
                props=AppointmentBooked(appointment="1"),
                organization_id=ours.pk,
                at=at + timedelta(minutes=3),
                visitor=a,
                channel="website",
            ),
            # Booked without having seen a form first: no step of the way.
            seen(ours, "/p/clinic/", at=at, visitor=b, is_entry=True, channel="qr"),
            seen(ours, "/", at=at),  # did not agree to be told apart
            seen(ours, "/", at=now - timedelta(days=40), visitor=b, is_entry=True),
            seen(theirs, "/", at=at, visitor=b, is_entry=True),
        ],
        now=now,
    )
    lake.sync(now=now)
    report = queries.site_report(actor=make_actor("analyst", ours), days=30, now=now)
    assert (report.views, report.visitors, report.entries, report.bookings) == (5, 2, 2, 1)
    assert report.before["views"] == 1
    assert report.agreed_share == pytest.approx(0.8)
    assert [(row.key, row.views) for row in report.sources] == [("channel:qr", 1), ("www.baidu.com", 1)]
    assert {row.key for row in report.landings} == {"/", "/p/clinic/"}
    assert report.pages[0].key == "/"
    assert [step.visitors for step in report.funnel] == [2, 1, 1, 1]
    assert sum(views for _day, views, _visitors in report.daily) == 5


def test_the_page_and_the_api_show_the_same() -> None:
    organization, now = make_organization(), timezone.now()
    client = make_client("analyst", organization)
    assert "还没有人来过" in client.get("/insights/site/").content.decode()
    record_many([seen(organization, "/about/", at=now - timedelta(hours=30), is_entry=True)], now=now)
    lake.sync(now=now)
    html = client.get("/insights/site/?days=7").content.decode()
    assert "/about/" in html
    assert "手机" in html
    assert client.get("/insights/site/?days=x").status_code == 200
    answer = client.get("/api/v1/insights/site/?days=7").json()
    assert (answer["views"], answer["days"]) == (1, 7)


def test_who_may_not_see_reports_sees_none() -> None:
    with pytest.raises(PermissionDenied):
        queries.site_report(actor=make_actor("rep"), days=30, now=timezone.now())
