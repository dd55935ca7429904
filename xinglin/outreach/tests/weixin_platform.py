"""The platforms of WeChat as they behave: a pass, answers per call, and people whom they know."""

from collections.abc import Iterator
from typing import Any

from xinglin.directory.tests.factories import make_organization
from xinglin.outreach import dispatch
from xinglin.outreach.tests.factories import NOON, make_patient, make_provider
from xinglin.outreach.tests.providers_server import ProviderServer, Request
from xinglin.outreach.tests.providers_server import Reply as Answer
from xinglin.patients.models import Patient, PatientIdentifier
from xinglin.patients.rules.identity import identifier_index

SYSTEM = {"wechat": "wechat_openid", "wecom": "wecom_external_id", "miniapp": "miniapp_openid"}
_numbers: Iterator[int] = iter(range(1, 10_000))


def known(organization: Any, channel: str, **facts: Any) -> Patient:
    """A person whom the platform knows by an id."""
    person = make_patient(organization, consents=[("marketing", channel)], **facts)
    value = f"o{next(_numbers)}"
    PatientIdentifier.objects.create(
        organization=organization, patient=person, system=SYSTEM[channel], value=value,
        value_index=identifier_index(organization.pk, value),
    )  # fmt: skip
    return person


def drain(now: Any = NOON) -> None:
    connections = dispatch.Connections()
    for _ in range(20):
        if not dispatch.send_batch(worker="w", now=now, connections=connections):
            break
    connections.close()


class Weixin:
    """Passes that end, and answers per call path."""

    def __init__(self, **answers: Any) -> None:
        self.answers, self.given, self.good = answers, 0, ""

    def __call__(self, request: Request) -> Answer:
        if request.path in ("/cgi-bin/stable_token", "/cgi-bin/gettoken"):
            self.given += 1
            self.good = f"T{self.given}"
            return 200, {"access_token": self.good, "expires_in": 7200}
        if request.query.get("access_token") != self.good:
            return 200, {"errcode": 42001, "errmsg": "access_token expired"}
        answer = self.answers[request.path.rsplit("/", 1)[1]]
        return answer(request) if callable(answer) else (200, answer)


def setting(server: ProviderServer, channel: str, kind: str, **settings: Any) -> Any:
    organization = make_organization()
    app = {"corp_id": "ww1"} if kind == "wecom" else {"app_id": "wx1"}
    return make_provider(
        organization,
        channel=channel,
        kind=kind,
        settings={"endpoint": server.url, "timeout": 2, **app, **settings},
    )
