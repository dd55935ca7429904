"""Mail that came back: read as RFC 3464 says, believed only with the name that our message left under."""

from email.message import EmailMessage, Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from xinglin.directory.tests.factories import make_client, make_organization
from xinglin.ledger.models import Touch
from xinglin.outreach import queries
from xinglin.outreach.models import Message as Sent
from xinglin.outreach.models import Provider, Suppression
from xinglin.outreach.receipts import Malformed
from xinglin.outreach.receipts.dsn import read_report
from xinglin.outreach.rules.tokens import message_key
from xinglin.outreach.tests.factories import (
    make_campaign,
    make_message,
    make_patient,
    make_people,
    make_provider,
    run_plan,
)
from xinglin.outreach.tests.mail_server import mail_server
from xinglin.outreach.tests.test_mail import drain, set_up

pytestmark = pytest.mark.django_db
GONE = "smtp; 550 5.1.1 <{to}>: user unknown in 13812345678"


def bounce(
    to: str, *, action: str = "failed", status: str = "5.1.1", why: str = GONE, returned: str = ""
) -> bytes:
    """A report as Postfix writes it."""
    report = MIMEMultipart("report")
    report.set_param("report-type", "delivery-status")
    report["From"], report["To"], report["Auto-Submitted"] = "MAILER-DAEMON@mx.example", to, "auto-replied"
    report.attach(MIMEText("This is the mail system. I'm sorry."))
    machine = MIMEBase("message", "delivery-status")
    whole, one = Message(), Message()
    whole["Reporting-MTA"] = "dns; mx.example"
    one["Final-Recipient"] = "rfc822; gone@x.example"
    one["Action"], one["Status"] = action, status
    one["Diagnostic-Code"] = why.format(to="gone@x.example")
    machine.set_payload([whole, one])
    report.attach(machine)
    if returned:
        headers = MIMEText(f"Message-ID: <{returned}@hospital.example>\nSubject: x\n")
        headers.replace_header("Content-Type", "text/rfc822-headers")
        report.attach(headers)
    return report.as_bytes()


def post(provider: Provider, body: bytes, *, secret: str = "") -> int:
    args = [provider.kind, provider.public_id, secret or provider.hook_token]
    found = Client().post(reverse("outreach:hook-secret", args=args), body, content_type="message/rfc822")
    return found.status_code


def sent(organization: Any) -> Sent:
    return make_message(make_patient(organization), provider="smtp", sent_at=timezone.now())


@pytest.fixture
def provider() -> Provider:
    return make_provider(make_organization(), channel="email", kind="smtp")


def test_a_mail_that_comes_back_is_marked_and_its_address_goes_on_the_list(tmp_path: Path) -> None:
    organization = make_organization()
    campaign = run_plan(make_campaign(organization, make_people(organization, 2)))
    with mail_server(tmp_path, store=True) as server:
        set_up(organization, server, bounces="bounces@hospital.example")
        drain()
        server.wait_until_idle()
    gone, fine = Sent.objects.order_by("pk")
    assert gone.patient is not None
    envelope = next(tmp_path.glob(f"*{gone.patient.email}.from")).read_text()
    assert envelope == f"bounces+{message_key(gone.pk)}@hospital.example"
    provider = Provider.objects.get()
    for _ in range(2):
        assert post(provider, bounce(envelope)) == 200
    gone.refresh_from_db()
    fine.refresh_from_db()
    assert (gone.state, gone.reason, fine.state) == ("failed", "bounced", "accepted")
    assert gone.error == "5.1.1 550 5.1.1 <…>: user unknown in 138********"
    stop = Suppression.objects.get()
    assert (stop.patient_id, stop.kind, stop.channel) == (gone.patient_id, "bounced", "email")
    assert Touch.objects.filter(kind="message.failed").count() == 1
    assert queries.account_of(campaign).is_exact
    provider.refresh_from_db()
    assert provider.heard_at is not None


def test_without_a_bounce_address_the_message_id_of_what_came_back_names_it(provider: Provider) -> None:
    message = sent(provider.organization)
    assert post(provider, bounce("service@hospital.example", returned=message_key(message.pk))) == 200
    message.refresh_from_db()
    assert message.state == "failed"


@pytest.mark.parametrize(
    ("action", "status", "state", "stopped"),
    [
        ("failed", "5.2.2", "failed", 0),  # full
        ("failed", "4.4.1", "failed", 0),  # given up after days
        ("failed", "5.7.1", "failed", 0),  # not let in
        ("failed", "5.1.10", "failed", 1),
        ("failed", "5.2.1", "failed", 1),
        ("delayed", "4.4.1", "accepted", 0),
        ("relayed", "2.0.0", "accepted", 0),
        ("delivered", "2.0.0", "delivered", 0),
    ],
)
def test_only_what_blames_the_mailbox_stops_further_mail(
    provider: Provider, action: str, status: str, state: str, stopped: int
) -> None:
    message = sent(provider.organization)
    body = bounce(f"bounces+{message_key(message.pk)}@h.example", action=action, status=status)
    assert post(provider, body) == 200
    message.refresh_from_db()
    assert (message.state, Suppression.objects.count()) == (state, stopped)


def test_forged_reports_and_other_mail_change_nothing(provider: Provider) -> None:
    message, other = sent(provider.organization), sent(make_organization())
    key = message_key(message.pk)
    letter = EmailMessage()
    letter["To"] = f"bounces+{key}@h.example"
    letter.set_content("我出差了，下周回复。")
    forged = f"m{message.pk}.{'0' * 16}"
    for body in (
        bounce(f"bounces+{forged}@h.example"),
        bounce(f"bounces+{key}@h.example", returned=message_key(other.pk)),
        bounce(f"bounces+{message_key(other.pk)}@h.example"),
        bounce("service@h.example"),
        letter.as_bytes(),
        b"",
    ):
        assert post(provider, body) == 200
    assert post(provider, bounce(f"bounces+{key}@h.example"), secret="guessed") == 403
    assert set(Sent.objects.values_list("state", flat=True)) == {"accepted"}
    assert Suppression.objects.count() == 0


def test_what_no_mail_server_writes_is_turned_away_at_once(provider: Provider) -> None:
    nested = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(3000)
    )
    many = b'Content-Type: multipart/report; boundary="b"\n\n' + b"--b\n\nx\n" * 5000
    lines = b"Content-Type: multipart/report; boundary=b\n" + b"\n" * 200_000
    for body in (nested, many, lines):
        with pytest.raises(Malformed):
            read_report(body, now=timezone.now())
        assert post(provider, body) == 400
    assert read_report(bytes(range(256)) * 900, now=timezone.now()).deliveries == ()
    assert post(provider, b"x" * 1_000_001) == 413


def test_the_page_of_the_account_says_where_bounces_go(provider: Provider) -> None:
    page = make_client("director", provider.organization).get(
        reverse("outreach:provider-edit", args=["email"])
    )
    assert f"/hooks/smtp/{provider.public_id}/tok3n/" in page.content.decode()
    assert "退信地址" in page.content.decode()
