"""A picture of the library is the public's only as long as a public page shows it."""

from io import BytesIO
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from xinglin.content import actions
from xinglin.content.models import ContentVersion, MediaAsset
from xinglin.content.tests.factories import STORY, approve_all, make_case, make_item, make_published_item
from xinglin.content.tests.factories import submit as send
from xinglin.directory.tests.factories import every_code, make_actor, make_organization
from xinglin.portal.tests.factories import person

pytestmark = pytest.mark.django_db


def keep(author: Any, colour: str, **facts: Any) -> MediaAsset:
    picture = BytesIO()
    Image.new("RGB", (60, 40), colour).save(picture, format="PNG")
    picture.seek(0)
    known = {"name": "", "alt": "图", "source": "本院", "licence": "own", **facts}
    return actions.add_media(actor=author, file=picture, now=timezone.now(), **known)


def author() -> Any:
    return make_actor("content", make_organization(), permissions=every_code())


def load(row: MediaAsset, **headers: str) -> Any:
    return person().get(f"/h/{row.organization.slug}/media/{row.public_id}", headers=headers)


def test_it_comes_and_goes_with_the_page_that_shows_it() -> None:
    writer = author()
    row, other = keep(writer, "teal"), keep(writer, "olive")
    body = f"## 大厅\n\n![一楼](media:{row.public_id})"
    version = send(writer, make_item(writer, body=body, slug="hall"))
    assert load(row).status_code == 404

    approve_all(version)
    actions.publish_item(actor=writer, public_id=version.public_id, now=timezone.now())
    shown = load(row)
    assert (shown.status_code, load(other).status_code) == (200, 404)
    assert "max-age=30" in shown["Cache-Control"]
    again = load(row, if_none_match=shown["ETag"])
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", shown["ETag"])

    actions.retract_item(
        actor=writer, public_id=version.item.public_id, reason="信息有误", now=timezone.now()
    )
    assert load(row).status_code == 404
    assert load(row, if_none_match=shown["ETag"]).status_code == 404


def test_a_photograph_goes_with_the_permission_of_its_patient() -> None:
    writer = author()
    row = keep(writer, "teal")
    case = make_case(writer)
    body = f"{STORY}\n\n![在家](media:{row.public_id})"
    version = make_item(
        writer, kind="case_story", page_class="science", title="一位老人的膝盖", slug="knee", body=body
    )
    public_id = version.item.public_id
    actions.edit_facts(actor=writer, public_id=public_id, authorisation_ids=[case.pk], now=timezone.now())
    approve_all(send(writer, version))
    actions.publish_item(actor=writer, public_id=version.public_id, now=timezone.now())
    assert load(row).status_code == 200

    actions.revoke_case(actor=writer, public_id=case.public_id, reason="患者来电", now=timezone.now())

    assert load(row).status_code == 404


def test_a_cover_is_shown_and_a_script_shows_nothing() -> None:
    writer = author()
    row = keep(writer, "teal")
    script = make_item(writer, kind="video_script", slug="script", cover_id=row.pk, body="多走路。")
    approve_all(send(writer, script))
    actions.publish_item(actor=writer, public_id=script.public_id, now=timezone.now())
    assert load(row).status_code == 404

    page = make_published_item(writer, slug="hall", cover_id=row.pk)
    assert load(row).status_code == 200
    ContentVersion.objects.filter(pk=page.pk).update(body="改过")
    assert load(row).status_code == 404
