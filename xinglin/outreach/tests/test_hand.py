"""Calls, letters and the inbox on the site."""

from datetime import timedelta
from typing import Any

import pytest

from xinglin.core.errors import Invalid, NotFound, PermissionDenied
from xinglin.directory.tests.factories import make_actor
from xinglin.ledger.models import Touch
from xinglin.outreach import actions, dispatch
from xinglin.outreach.models import HandTask, InboxItem, Message, Suppression
from xinglin.outreach.tests.factories import NOON, make_patient, make_template_version

pytestmark = pytest.mark.django_db


def queued(channel: str, **facts: Any) -> HandTask | InboxItem:
    person = make_patient(**facts)
    version = make_template_version(
        person.organization,
        purpose="service",
        category="appointment.reminder",
        channels=[channel],
        body="{称呼}，该复查了",
    )
    actions.queue_message(key="k", patient_id=person.pk, template=version.pk, now=NOON)
    while dispatch.send_batch(worker="w", now=NOON):
        pass
    model = InboxItem if channel == "inapp" else HandTask
    return model.objects.get()


def test_a_call_is_tried_three_times_and_then_left() -> None:
    task = queued("phone")
    assert isinstance(task, HandTask)
    assert "该复查了" in (task.text or "")
    agent = make_actor("agent", task.organization)
    for n in range(3):
        task = actions.record_call(
            actor=agent, public_id=task.public_id, outcome="no_answer", now=NOON + timedelta(hours=5 * n)
        )
    assert (task.status, task.attempts) == ("given_up", 3)
    assert Message.objects.get().state == "failed"
    assert Touch.objects.filter(kind="call.made").count() == 3
    with pytest.raises(actions.TaskClosed):
        actions.record_call(actor=agent, public_id=task.public_id, outcome="answered", now=NOON)


def test_an_answered_call_is_a_delivery_and_a_refusal_withdraws_consent() -> None:
    task = queued("phone")
    agent = make_actor("agent", task.organization)
    with pytest.raises(Invalid):
        actions.record_call(actor=agent, public_id=task.public_id, outcome="perhaps", now=NOON)
    actions.record_call(actor=agent, public_id=task.public_id, outcome="answered", note="会来", now=NOON)
    assert Message.objects.get().state == "delivered"
    assert Touch.objects.filter(kind="call.answered").count() == 1
    other = queued_again(task)
    actions.record_call(actor=agent, public_id=other.public_id, outcome="refused", now=NOON)
    assert Suppression.objects.get().kind == "unsubscribed"


def queued_again(task: HandTask | InboxItem) -> HandTask:
    message = Message.objects.get()
    actions.queue_message(
        key="k2", patient_id=task.patient_id, template=message.template_version_id or 0, now=NOON
    )
    while dispatch.send_batch(worker="w", now=NOON):
        pass
    return HandTask.objects.get(status="open")


def test_another_hospital_and_another_role_may_not() -> None:
    task = queued("phone")
    with pytest.raises(NotFound):
        actions.record_call(actor=make_actor("agent"), public_id=task.public_id, outcome="busy", now=NOON)
    analyst = make_actor("analyst", task.organization)
    with pytest.raises(PermissionDenied):
        actions.record_call(actor=analyst, public_id=task.public_id, outcome="busy", now=NOON)


def test_letters_are_printed_then_posted() -> None:
    task = queued("letter", address="朝阳区一号")
    agent = make_actor("agent", task.organization)
    assert actions.mark_printed(actor=agent, public_ids=[task.public_id], now=NOON) == 1
    assert actions.mark_printed(actor=agent, public_ids=[task.public_id], now=NOON) == 0
    assert actions.mark_posted(actor=agent, public_ids=[task.public_id], now=NOON) == 1
    assert actions.mark_posted(actor=agent, public_ids=[task.public_id], now=NOON) == 0
    assert Message.objects.get().state == "delivered"
    assert Touch.objects.filter(kind="letter.posted").count() == 1


def test_the_inbox_on_the_site_is_filled_and_read() -> None:
    item = queued("inapp")
    for _ in range(2):
        actions.mark_inbox_read(organization_id=item.organization_id, patient_ids=[item.patient_id], now=NOON)
    message = Message.objects.get()
    assert (message.state, message.opened_at) == ("delivered", NOON)
    assert InboxItem.objects.get().read_at == NOON
