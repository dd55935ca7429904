"""A certificate that ends: 60, 30 and 7 days before, each reminder waits until somebody takes it on."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from xinglin.content import actions
from xinglin.content.home import certificates_ending
from xinglin.content.models import AdCertificate
from xinglin.content.tests.factories import make_certificate
from xinglin.core.errors import Conflict, Invalid, PermissionDenied
from xinglin.core.models import AuditEntry
from xinglin.directory.tests.factories import make_actor, make_client, make_organization

pytestmark = pytest.mark.django_db


def rows(card: Any) -> list[str]:
    return [str(value) for _label, value, _url in card.rows]


def test_each_step_waits_for_all_who_keep_certificates_until_one_takes_it_on() -> None:
    hospital = make_organization()
    keeper, other = make_actor("reviewer", hospital), make_actor("content", hospital)
    today, now = timezone.localdate(), timezone.now()
    paper = make_certificate(other, sample="样件", valid_to=today + timedelta(days=40))
    assert [actions.remind_of_certificates(now=now) for _ in range(2)] == [1, 0]

    card = certificates_ending(other, now=now)
    assert card is not None
    assert (card.tone, rows(card)) == ("wait", ["剩 40 天 · 60 天的提醒没人接"])
    actions.answer_reminder(actor=keeper, public_id=paper.public_id, note="材料已交", now=now)
    card = certificates_ending(other, now=now)
    assert card is not None
    assert (card.tone, rows(card)) == ("", [f"剩 40 天 · {keeper.name}在办"])
    with pytest.raises(Conflict):
        actions.answer_reminder(actor=keeper, public_id=paper.public_id, note="再说一次", now=now)

    later = now + timedelta(days=11)
    assert actions.remind_of_certificates(now=later) == 1
    assert AdCertificate.objects.get(pk=paper.pk).open_step == 30
    card = certificates_ending(other, now=later)
    assert card is not None
    assert (card.tone, rows(card)) == ("wait", ["剩 29 天 · 30 天的提醒没人接"])


def test_taken_on_by_a_click_on_the_certificates_page_with_what_was_said() -> None:
    hospital = make_organization()
    client = make_client("reviewer", hospital)
    ends_on = timezone.localdate() + timedelta(days=20)
    paper = make_certificate(make_actor("content", hospital), sample="样件", valid_to=ends_on)
    actions.remind_of_certificates(now=timezone.now())
    page = reverse("content:certificate-detail", args=[paper.public_id])
    answer = reverse("content:certificate-answer", args=[paper.public_id])
    assert "到期前 30 天的提醒" in client.get(page).content.decode()
    assert "写一句续期办到哪一步了" in client.post(answer, {"note": " "}, follow=True).content.decode()
    html = client.post(answer, {"note": "等受理号"}, follow=True).content.decode()
    assert "在办续期" in html
    assert "等受理号" in html
    assert AuditEntry.objects.filter(action="content.certificate.answered").count() == 1


def test_by_rest_and_only_for_who_keeps_certificates() -> None:
    hospital = make_organization()
    ends_on = timezone.localdate() + timedelta(days=5)
    paper = make_certificate(make_actor("content", hospital), sample="样件", valid_to=ends_on)
    actions.remind_of_certificates(now=timezone.now())
    client, path = make_client("reviewer", hospital), "/api/v1/content/certificates/"
    assert client.get(path).json()[0]["open_step"] == 7
    body = {"note": "等受理号"}
    done = client.post(f"{path}{paper.public_id}/answer/", body, content_type="application/json").json()
    assert (done["open_step"], done["answered_note"], done["reminded"]) == (None, "等受理号", [60, 30, 7])
    again = client.post(f"{path}{paper.public_id}/answer/", body, content_type="application/json")
    assert again.status_code == 409
    with pytest.raises(PermissionDenied):
        actions.answer_reminder(
            actor=make_actor("doctor", hospital), public_id=paper.public_id, note="我", now=timezone.now()
        )
    with pytest.raises(Invalid):
        actions.answer_reminder(
            actor=make_actor("reviewer", hospital), public_id=paper.public_id, note=" ", now=timezone.now()
        )
