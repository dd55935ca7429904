"""Patients' stories on the public site, and their reviews nowhere on it."""

from typing import Any

import pytest
from django.utils import timezone

from xinglin.content import actions
from xinglin.content.tests.factories import approve_all, make_story, submit
from xinglin.directory.tests.factories import every_code, make_actor, make_organization
from xinglin.portal.seal import reviews_in
from xinglin.portal.tests.factories import make_offer, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def told() -> tuple[Any, Any, Any]:
    """A hospital, the doctor whose name stands on a public story, and the permission it rests on."""
    hospital = make_organization(phone="021-55550100", address="新城区梧桐路 1 号")
    author, slot = make_actor("content", hospital, permissions=every_code()), make_offer(hospital)
    doctor = slot.practitioner
    version, case = make_story(author, department_id=doctor.department_id)
    actions.edit_facts(
        actor=author, public_id=version.item.public_id, author_ids=[doctor.pk], now=timezone.now()
    )
    version.refresh_from_db()
    approve_all(submit(author, version))
    actions.publish_item(actor=author, public_id=version.public_id, now=timezone.now())
    return author, doctor, case


def test_stories_have_a_list_in_the_frame_of_science_that_ends_with_their_permission(told: Any) -> None:
    author, doctor, case = told
    client, home = person(), f"/h/{doctor.organization.slug}/"
    listing, story = client.get(f"{home}stories/"), client.get(f"{home}p/knee/")

    for page in (listing, story):
        html = page.content.decode()
        assert page.status_code == 200
        assert "书面授权" in html
        assert not any(way in html for way in ("tel:", "/booking/", "/doctors/", "021-55550100", "梧桐路"))
    assert f"{home}p/knee/" in listing.content.decode()
    assert f"{home}stories/" in client.get(f"{home}science/").content.decode()
    assert f"{home}stories/" in client.get(f"{home}sitemap-1.xml").content.decode()

    actions.revoke_case(actor=author, public_id=case.public_id, reason="患者来电", now=timezone.now())

    assert "还没有病例故事" in client.get(f"{home}stories/").content.decode()
    assert client.get(f"{home}p/knee/").status_code == 410


def test_no_page_with_a_way_to_the_hospital_names_a_story(told: Any) -> None:
    _author, doctor, _case = told
    home = f"/h/{doctor.organization.slug}/"
    pages = ["", "doctors/", f"doctors/{doctor.public_id}/", "news/", "notices/", "departments/"]
    if doctor.department:
        pages.append(f"departments/{doctor.department.code}/")
    for path in pages:
        answer = person().get(f"{home}{path}")
        assert answer.status_code == 200, path
        assert "p/knee/" not in answer.content.decode(), path


def test_reviews_and_stars_of_patients_are_on_no_page_whatever_made_it(
    told: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _author, doctor, _case = told
    home = f"/h/{doctor.organization.slug}/"
    assert "广告法第十六条第一款第四项" in person().get(f"{home}info/complaints/").content.decode()
    for marks in (
        '{"@type": "AggregateRating", "ratingValue": 4.9}',
        '{"review": [{"@type":"Review"}]}',
        '<div itemprop="review">',
        "<span itemprop=ratingValue>5",
        '<div itemtype="https://schema.org/Review">',
    ):
        assert reviews_in(marks), marks
    assert reviews_in('{"reviewedBy": {"@type": "Person"}, "lastReviewed": "2026-11-01"}') == []

    praise = {"@context": "https://schema.org", "@type": "Physician", "aggregateRating": {"ratingValue": 5}}
    monkeypatch.setattr("xinglin.portal.structured.physician", lambda *args, **kwargs: praise)
    answer = person().get(f"{home}doctors/{doctor.public_id}/")
    assert answer.status_code == 503
    assert "aggregateRating" not in answer.content.decode()
