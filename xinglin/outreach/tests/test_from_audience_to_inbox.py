"""The whole way with nothing stood in for: audience, lake, pre-flight, start, worker, inbox."""

from datetime import timedelta

import pytest
from django.utils import timezone

from xinglin.audiences.actions import save_audience
from xinglin.audiences.queries import current_version
from xinglin.core.testing import run_jobs
from xinglin.directory.tests.factories import make_actor, make_organization
from xinglin.ledger import lake
from xinglin.outreach import actions, dispatch, queries
from xinglin.outreach.models import Campaign, SinkMessage
from xinglin.outreach.tests.factories import make_patient, make_people, make_template_version

pytestmark = pytest.mark.django_db(transaction=True)


def test_from_audience_to_inbox() -> None:
    organization = make_organization()
    actor = make_actor("director", organization)
    make_people(organization, 12)
    make_patient(organization, sex="M")
    make_patient(organization, sex="F", consents=[("marketing", "email")])
    now = timezone.now()
    lake.sync(now=now)
    audience = save_audience(actor=actor, name="男士", tree={"all": [{"attr": "sex", "is": "M"}]}, now=now)
    draft = actions.create_campaign(
        actor=actor,
        name="体检提醒",
        now=now,
        audience_version_id=current_version(audience).pk,
        template_version_id=make_template_version(organization).pk,
        holdout_share=0.25,
    )
    actions.request_preflight(actor=actor, public_id=draft.public_id, now=now)
    run_jobs()
    campaign = Campaign.objects.get()
    assert campaign.preflight["planned"] == 13
    assert campaign.preflight["reasons"] == {"consent": 1}
    assert (campaign.channels, campaign.plan_size) == (["email"], 13)

    actions.start_campaign(
        actor=actor, public_id=draft.public_id, preflight_hash=campaign.preflight_hash, now=now
    )
    run_jobs()
    morning = now + timedelta(hours=12)
    for moment in (now, morning):
        while dispatch.send_batch(worker="w", now=moment):
            pass
    actions.finish_campaigns(now=morning)
    campaign.refresh_from_db()
    account = queries.account_of(campaign)
    assert account.is_exact
    assert (account.sent, account.holdout) == (campaign.preflight["send"], campaign.preflight["holdout"])
    assert SinkMessage.objects.count() == account.sent
    assert campaign.status == "done"
