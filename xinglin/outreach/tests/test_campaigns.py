"""A campaign from draft to done: nobody is lost, everybody is counted."""

from datetime import timedelta
from typing import Any

import pytest

from xinglin.core.errors import NotFound, PermissionDenied
from xinglin.core.models import AuditEntry
from xinglin.directory.tests.factories import make_actor, make_organization
from xinglin.ledger.models import Touch
from xinglin.outreach import actions, dispatch, queries
from xinglin.outreach.models import Campaign, CampaignMember, Message, SinkMessage, Suppression
from xinglin.outreach.tests.factories import (
    NOON,
    make_campaign,
    make_message,
    make_patient,
    make_people,
    make_snapshot,
    make_template_version,
    run_plan,
)

pytestmark = pytest.mark.django_db
YES = [("marketing", "email")]


def mixed_people(organization: Any) -> list[Any]:
    """Twenty who may be written to, and one for each of seven reasons why not."""
    people = list(make_people(organization, 20))
    people += [
        make_patient(organization, consents=YES, is_verified=False),
        make_patient(organization, consents=YES, email=None),
        make_patient(organization),
        make_patient(organization, consents=YES, deceased_on=NOON.date()),
        make_patient(organization, consents=YES, birth_date=NOON.date() - timedelta(days=3000)),
    ]
    capped, complaining = make_patient(organization, consents=YES), make_patient(organization, consents=YES)
    make_message(capped, due_at=NOON - timedelta(days=1))
    Suppression.objects.create(
        organization=organization, patient=complaining, kind="complaint", started_at=NOON
    )
    return [*people, capped, complaining]


def drain(now: Any = NOON) -> int:
    total = 0
    while count := dispatch.send_batch(worker="w", now=now):
        total += count
    return total


def test_planned_is_sent_and_held_out_and_every_reason_and_pending() -> None:
    organization = make_organization()
    campaign = make_campaign(organization, mixed_people(organization), holdout_share=0.3)
    run_plan(campaign, size=7)

    account = queries.account_of(campaign)
    assert (account.planned, account.is_exact) == (27, True)
    assert account.reasons == {
        "identity": 1, "address": 1, "consent": 1, "deceased": 1, "complaint": 1, "minor": 1, "cap": 1,
    }  # fmt: skip
    assert account.holdout + account.pending == 20
    assert account.holdout == campaign.counts["holdout"] > 0

    drain()
    account = queries.account_of(campaign)
    assert (account.pending, account.sent, account.is_exact) == (0, 20 - account.holdout, True)
    assert SinkMessage.objects.count() == account.sent
    assert Touch.objects.filter(kind="message.accepted", campaign_id=campaign.pk).count() == account.sent
    assert Touch.objects.filter(kind="message.refused", campaign_id=campaign.pk).count() == 7
    assert actions.finish_campaigns(now=NOON) == 1
    campaign.refresh_from_db()
    assert campaign.status == "done"


def test_a_plan_in_any_chunks_and_run_twice_is_the_same_plan() -> None:
    organization = make_organization()
    people = mixed_people(organization)
    campaign = make_campaign(organization, people, holdout_share=0.3)

    def rows() -> set[tuple[Any, ...]]:
        found = CampaignMember.objects.filter(campaign=campaign, plan_no=campaign.plan_no)
        return set(found.values_list("patient_id", "arm", "reason", "channel", "failed_checks"))

    run_plan(campaign, preflight=True, size=3)
    first = rows()
    run_plan(campaign, preflight=True, size=100)
    assert rows() == first
    Campaign.objects.filter(pk=campaign.pk).update(planned_through=0, planned_at=None)
    while (
        actions.plan_chunk(campaign_id=campaign.pk, plan_no=campaign.plan_no, now=NOON, size=10) is not None
    ):
        pass
    assert rows() == first
    assert Message.objects.filter(campaign=campaign).count() == 0
    assert actions.forget_old_plans(campaign_id=campaign.pk, size=20) == 20
    assert actions.forget_old_plans(campaign_id=campaign.pk, size=20) == 7
    assert actions.forget_old_plans(campaign_id=campaign.pk) == 0


def test_a_budget_is_never_exceeded_and_the_rest_is_told() -> None:
    organization = make_organization()
    campaign = make_campaign(
        organization, make_people(organization, 30), budget_cap_fen=105, unit_cost_fen=10, holdout_share=0.2
    )
    run_plan(campaign, size=8)

    account = queries.account_of(campaign)
    assert account.pending == 10
    assert account.reasons["budget"] == 20 - account.holdout
    assert account.is_exact


def test_what_changed_after_planning_is_found_at_the_claim() -> None:
    organization = make_organization()
    people = make_people(organization, 6)
    campaign = make_campaign(organization, people)
    run_plan(campaign)
    Suppression.objects.create(
        organization=organization, patient=people[0], kind="complaint", started_at=NOON
    )
    people[1].deceased_on = NOON.date()
    people[1].save()
    make_message(people[2], channel="sms")

    drain()

    account = queries.account_of(campaign)
    assert account.reasons == {"deceased": 1, "complaint": 1, "cap": 1}
    assert (account.sent, account.is_exact) == (3, True)


def test_two_campaigns_at_once_reach_each_person_once() -> None:
    organization = make_organization()
    people = make_people(organization, 8)
    first, second = make_campaign(organization, people), make_campaign(organization, people)
    Message.objects.all().delete()
    run_plan(first)
    Message.objects.filter(campaign=first).update(due_at=NOON + timedelta(days=5))
    run_plan(second)
    Message.objects.filter(campaign=first).update(due_at=NOON)

    drain()

    assert SinkMessage.objects.count() == 8
    assert queries.account_of(first).is_exact
    assert queries.account_of(second).is_exact
    assert (
        queries.account_of(first).reasons.get("cap", 0) + queries.account_of(second).reasons.get("cap", 0)
        == 8
    )


def test_pausing_holds_and_resuming_loses_nothing_and_cancelling_stops() -> None:
    organization = make_organization()
    actor = make_actor("director", organization)
    campaign = make_campaign(organization, make_people(organization, 12))
    run_plan(campaign)
    dispatch.send_batch(worker="w", now=NOON, limit=4)

    actions.pause_campaign(actor=actor, public_id=campaign.public_id, now=NOON)
    assert drain() == 0
    account = queries.account_of(campaign)
    assert (account.sent, account.pending, account.is_exact) == (4, 8, True)

    actions.resume_campaign(actor=actor, public_id=campaign.public_id, now=NOON)
    dispatch.send_batch(worker="w", now=NOON, limit=4)
    actions.cancel_campaign(actor=actor, public_id=campaign.public_id, now=NOON)
    assert drain() == 0
    assert actions.cancel_rest(campaign_id=campaign.pk) == 4
    account = queries.account_of(campaign)
    assert (account.sent, account.cancelled, account.is_exact) == (8, 4, True)
    with pytest.raises(actions.CampaignClosed):
        actions.resume_campaign(actor=actor, public_id=campaign.public_id, now=NOON)


def test_freezing_holds_marketing_and_lets_service_pass() -> None:
    organization = make_organization()
    actor = make_actor("director", organization)
    campaign = make_campaign(organization, make_people(organization, 3))
    run_plan(campaign)
    patient = make_patient(organization)
    actions.set_freeze(actor=actor, is_frozen=True, reason="舆情", now=NOON)
    actions.queue_message(
        key="b:1",
        patient_id=patient.pk,
        template="appointment.booked",
        variables={"starts_at": "周一"},
        now=NOON,
    )

    drain()
    assert list(SinkMessage.objects.values_list("channel", flat=True)) == ["sms"]
    assert queries.account_of(campaign).pending == 3

    actions.set_freeze(actor=actor, is_frozen=False, now=NOON)
    drain()
    assert queries.account_of(campaign).sent == 3
    assert list(
        AuditEntry.objects.filter(action__startswith="outreach.marketing").values_list("reason", flat=True)
    ) == ["舆情", ""]


def test_start_wants_the_preflight_that_was_seen() -> None:
    organization = make_organization()
    actor = make_actor("director", organization)
    campaign = make_campaign(organization, make_people(organization, 3))
    with pytest.raises(actions.PreflightStale):
        actions.start_campaign(actor=actor, public_id=campaign.public_id, preflight_hash="", now=NOON)
    run_plan(campaign, preflight=True)
    with pytest.raises(actions.PreflightStale):
        actions.start_campaign(actor=actor, public_id=campaign.public_id, preflight_hash="0" * 16, now=NOON)
    with pytest.raises(actions.PreflightStale):
        actions.start_campaign(
            actor=actor, public_id=campaign.public_id, preflight_hash=campaign.preflight_hash,
            now=NOON + timedelta(days=2),
        )  # fmt: skip
    seen = campaign.preflight_hash
    actions.update_campaign(actor=actor, public_id=campaign.public_id, now=NOON, holdout_share=0.1)
    with pytest.raises(actions.PreflightStale):
        actions.start_campaign(actor=actor, public_id=campaign.public_id, preflight_hash=seen, now=NOON)
    run_plan(Campaign.objects.get(pk=campaign.pk), preflight=True)
    campaign.refresh_from_db()
    started = actions.start_campaign(
        actor=actor, public_id=campaign.public_id, preflight_hash=campaign.preflight_hash, now=NOON
    )
    assert started.status == "running"
    with pytest.raises(actions.CampaignClosed):
        actions.update_campaign(actor=actor, public_id=campaign.public_id, now=NOON, name="x")


def test_another_hospital_sees_nothing_and_a_role_without_the_code_may_not_start() -> None:
    organization = make_organization()
    campaign = make_campaign(organization, make_people(organization, 1))
    with pytest.raises(NotFound):
        actions.pause_campaign(actor=make_actor("director"), public_id=campaign.public_id, now=NOON)
    planner = make_actor("planner", organization)
    with pytest.raises(PermissionDenied):
        actions.start_campaign(actor=planner, public_id=campaign.public_id, preflight_hash="", now=NOON)
    assert AuditEntry.objects.filter(action__startswith="outreach.").count() == 0


def test_a_template_that_runs_out_stops_the_campaign_at_the_gate() -> None:
    organization = make_organization()
    version = make_template_version(organization, valid_until=NOON + timedelta(hours=1))
    campaign = make_campaign(organization, make_people(organization, 2), version=version)
    run_plan(campaign)

    drain(NOON + timedelta(hours=2))

    assert queries.account_of(campaign).reasons == {"template": 2}


def test_people_behind_every_number() -> None:
    organization = make_organization()
    campaign = make_campaign(organization, mixed_people(organization), holdout_share=0.3)
    run_plan(campaign)
    account, actor = queries.account_of(campaign), make_actor("director", organization)

    for reason, number in account.reasons.items():
        assert queries.list_people(actor, campaign, bucket=reason).count() == number
    assert queries.list_people(actor, campaign, bucket="holdout").count() == account.holdout
    assert queries.list_people(actor, campaign, bucket="pending").count() == account.pending
    assert make_snapshot(organization, []).size == 0


def test_campaigns_of_a_page_are_counted_together(django_assert_num_queries: Any) -> None:
    organization = make_organization()
    made = [
        make_campaign(organization, make_people(organization, size), holdout_share=0.3) for size in (6, 9)
    ]
    for campaign in made:
        run_plan(campaign, preflight=True)  # what an earlier plan decided no longer counts
        run_plan(campaign)
    with django_assert_num_queries(2):
        found = queries.accounts_of(made)
    assert found == {one.pk: queries.account_of(one) for one in made}
    assert [found[one.pk].planned for one in made] == [6, 9]
    assert all(account.is_exact for account in found.values())
