"""Whatever has an address in one hospital does not exist for another, whatever one may do there."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from xinglin.config.demo import make_demo
from xinglin.core.models import ScopedModel
from xinglin.directory.models import Organization
from xinglin.directory.tests.factories import every_code, make_client

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ONE_ROW = re.compile(r"<uuid:\w+>")


def routes(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, f"{prefix}{entry.pattern}")
        elif isinstance(entry, URLPattern):
            yield f"/{prefix}{entry.pattern}"


def own_rows(organization: Organization) -> dict[str, list[str]]:
    """Public ids of a few rows of each app."""
    found: dict[str, list[str]] = {}
    for model in apps.get_models():
        if issubclass(model, ScopedModel):
            rows: Any = model._default_manager.filter(organization=organization).order_by("-pk")
            ids = [str(value) for value in rows.values_list("public_id", flat=True)[:1]]
            found.setdefault(model._meta.app_label, []).extend(ids)
    return found


def test_no_address_of_one_hospital_opens_in_another(client: Client) -> None:
    make_demo(people=120, seed=5, now=datetime(2026, 11, 20, 2, 0, tzinfo=UTC))
    ours, theirs = Organization.objects.order_by("pk")[:2]
    insider = make_client("director", ours, permissions=every_code())
    outsider = make_client("director", theirs, permissions=every_code())
    rows = own_rows(ours)
    opened, leaks = 0, []
    for route in sorted(set(routes(get_resolver()))):
        if len(ONE_ROW.findall(route)) != 1 or route.count("<") != 1 or route.startswith("/h/"):
            continue
        app = route.removeprefix("/api/v1").split("/")[1]
        related = {"settings": "directory", "insights": "outreach"}.get(app, app)
        for public_id in rows.get(related, []):
            path = ONE_ROW.sub(public_id, route)
            if insider.get(path).status_code != 200:
                continue
            opened += 1
            answer = outsider.get(path)
            if answer.status_code != 404:
                leaks.append(f"{path} ({route}): {answer.status_code}")

    assert not leaks, "\n".join(leaks)
    assert opened > 25
