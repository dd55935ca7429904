"""Mail over a real SMTP server on the loopback."""

import email
from datetime import timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from xinglin.directory.tests.factories import make_actor, make_organization
from xinglin.outreach import actions, dispatch, queries
from xinglin.outreach.channels.base import Account, Asked, Outgoing, Status, Unavailable
from xinglin.outreach.channels.mail import message_bytes
from xinglin.outreach.channels.smtp import SmtpAdapter
from xinglin.outreach.models import Message, Provider, Suppression
from xinglin.outreach.rules.retry import MAX_ATTEMPTS
from xinglin.outreach.tests.factories import NOON, make_campaign, make_people, make_template_version, run_plan
from xinglin.outreach.tests.mail_server import MailServer, mail_server


def set_up(organization: Any, server: MailServer, **settings: Any) -> None:
    actions.save_provider(
        actor=make_actor("director", organization), channel="email", kind="smtp", now=NOON,
        host="127.0.0.1", port=server.port, security="none", sender="service@hospital.example",
        sender_name="杏林医院", delivery_log=str(server.log), is_log_complete=True, rate_per_second=10_000,
        **settings,
    )  # fmt: skip


def drain(now: Any = NOON) -> None:
    while dispatch.send_batch(worker="w", now=now):
        pass


@pytest.mark.django_db
def test_a_mail_arrives_whole_with_one_click_refusal(tmp_path: Path) -> None:
    organization = make_organization()
    people = make_people(organization, 1)
    version = make_template_version(organization, body="{称呼}：\n.点开头的一行\n预约：{链接}")
    run_plan(make_campaign(organization, people, version=version))
    with mail_server(tmp_path, store=True) as server:
        set_up(organization, server)
        drain()
        server.wait_until_idle()

    mail = email.message_from_bytes(next(tmp_path.glob("*.eml")).read_bytes(), policy=default)
    assert isinstance(mail, EmailMessage)
    message = Message.objects.get()
    assert (message.state, message.provider) == ("accepted", "smtp")
    assert str(mail["Subject"]).startswith("【")
    assert mail["From"].addresses[0].display_name == "杏林医院"
    assert str(mail["List-Unsubscribe"]).startswith("<http://testserver/u/")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert str(mail["Message-ID"]).startswith(f"<m{message.pk}.")
    text = mail.get_body(("plain",))
    html = mail.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "\n.点开头的一行\n" in text.get_content().replace("\r\n", "\n")
    assert "/r/" in html.get_content()


@pytest.mark.django_db
def test_refused_addresses_go_on_the_list_and_busy_servers_are_tried_again(tmp_path: Path) -> None:
    organization = make_organization()
    people = make_people(organization, 3)
    for person, address in zip(people, ("gone@x.example", "busy@x.example", "fine@x.example"), strict=True):
        person.email = address
        person.save()
    campaign = run_plan(make_campaign(organization, people))
    refuse = {"gone": "550 5.1.1 no such user", "busy": "451 4.7.1 try later"}
    with mail_server(tmp_path, refuse=refuse) as server:
        set_up(organization, server)
        now = NOON
        for _ in range(MAX_ATTEMPTS):
            drain(now)
            now += timedelta(hours=1)

    gone, busy, fine = (Message.objects.get(patient=person) for person in people)
    assert (gone.state, gone.reason, fine.state) == ("failed", "rejected", "accepted")
    assert (busy.state, busy.reason, busy.attempts) == ("failed", "gave_up", MAX_ATTEMPTS)
    assert Suppression.objects.get().patient_id == people[0].pk
    assert queries.account_of(campaign).is_exact


@pytest.mark.django_db
def test_a_server_that_is_down_costs_no_attempt_and_loses_nothing(tmp_path: Path) -> None:
    organization = make_organization()
    campaign = run_plan(make_campaign(organization, make_people(organization, 3)))
    with mail_server(tmp_path) as server:
        set_up(organization, server)
    drain()
    assert set(Message.objects.values_list("state", "attempts")) == {("queued", 0)}
    assert Provider.objects.get().error
    drain(NOON + timedelta(seconds=5))  # left alone for half a minute
    with mail_server(tmp_path) as server:
        Provider.objects.update(settings={**Provider.objects.get().settings, "port": server.port})
        drain(NOON + timedelta(minutes=5))
    assert queries.account_of(campaign).sent == 3


@pytest.mark.django_db
def test_a_rate_limit_is_kept_over_batches(tmp_path: Path) -> None:
    organization = make_organization()
    run_plan(make_campaign(organization, make_people(organization, 30)))
    with mail_server(tmp_path) as server:
        set_up(organization, server)
        Provider.objects.update(rate_per_second=5)
        counts = []
        for seconds in range(4):
            drain(NOON + timedelta(seconds=seconds))
            counts.append(Message.objects.filter(state="accepted").count())
    assert counts == [5, 10, 15, 20]


@pytest.mark.django_db
def test_what_may_have_left_is_looked_up_and_what_has_not_goes_again(tmp_path: Path) -> None:
    organization = make_organization()
    campaign = run_plan(make_campaign(organization, make_people(organization, 3)))
    with mail_server(tmp_path) as server:
        set_up(organization, server)
        drain()
        sent, lost, claimed = Message.objects.order_by("pk")
        Message.objects.filter(pk__in=[sent.pk, lost.pk]).update(
            state="sending", lease_until=NOON, sent_at=None
        )
        Message.objects.filter(pk=claimed.pk).update(state="claimed", lease_until=NOON)
        server.log.write_text("".join(line for line in server.log.open() if f"m{lost.pk}." not in line))
        later = NOON + timedelta(minutes=10)
        assert dispatch.reap(now=later) == (1, 2)
        assert dispatch.reconcile(now=later)["open"] == 0  # still within the grace
        assert queries.account_of(campaign).unconfirmed == 2
        counts = dispatch.reconcile(now=later + timedelta(minutes=10))
    assert counts == {"confirmed": 1, "again": 1, "open": 0}
    states = dict(Message.objects.values_list("pk", "state"))
    assert states == {sent.pk: "accepted", lost.pk: "queued", claimed.pk: "queued"}


def asked_of(key: str) -> Asked:
    return Asked(key=key, address="a@x.example", since=NOON, until=NOON)


def test_without_a_log_nobody_can_tell(tmp_path: Path) -> None:
    assert SmtpAdapter(Account(kind="smtp")).query([asked_of("m1.00")]) is None
    log = tmp_path / "mail.log"
    log.write_text("postfix/cleanup[1]: A: message-id=<m7.0123456789abcdef@hospital.example>\n")
    asked = ["m7.0123456789abcdef", "m8.0123456789abcdef"]
    assert SmtpAdapter(Account(kind="smtp", settings={"delivery_log": str(log)})).query(
        map(asked_of, asked)
    ) == {asked[0]: True}


def test_headers_cannot_be_smuggled_in() -> None:
    one = Outgoing(
        key="m1.0",
        channel="email",
        address="a@x.example\r\nBcc: b@x.example",
        text="t",
        subject="a\r\nX-Evil: 1\r\n\r\nbody",
    )
    data = message_bytes(
        one=one, sender="s@h.example", sender_name="甲\r\nX: 1", domain="h.example", timestamp=0
    )
    head = data.decode().split("\r\n\r\n")[0]
    assert "\nX-Evil" not in head
    assert "\nBcc" not in head


def test_an_unreachable_server_is_said_before_anything_leaves() -> None:
    adapter = SmtpAdapter(Account(kind="smtp", settings={"host": "127.0.0.1", "port": 1, "timeout": 2}))
    with pytest.raises(Unavailable):
        adapter.send([Outgoing(key="m1.0", channel="email", address="a@x.example", text="t")], deadline=1e12)


def test_nothing_leaves_after_the_deadline(tmp_path: Path) -> None:
    with mail_server(tmp_path) as server:
        adapter = SmtpAdapter(Account(kind="smtp", settings={"port": server.port, "sender": "s@h.example"}))
        outcomes = adapter.send(
            [Outgoing(key="m1.0", channel="email", address="a@x.example", text="t")], deadline=0
        )
        adapter.close()
        server.wait_until_idle()
    assert [outcome.status for outcome in outcomes] == [Status.UNTRIED]
    assert server.taken() == []
