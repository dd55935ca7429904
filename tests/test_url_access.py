"""Every URL says who may open it, and holds to it, for every role."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.urls.exceptions import Resolver404

from xinglin.core import access
from xinglin.directory import rules
from xinglin.directory.tests.factories import every_code, make_client, make_membership, make_organization
from xinglin.directory.urls import THIRD_PARTY

ROLES = [role.code for role in rules.shipped_roles() if not role.is_portal]
#: What a converter gets; no row has any of these.
NOTHING = {"uuid": "00000000-0000-0000-0000-000000000000", "int": "0", "slug": "nothing", "str": "nothing"}
#: Answers that do not refuse. 409, 422: the action looked at an empty form; 404: there is no such row.
ANSWERED = {200, 201, 202, 204, 302, 303, 304, 400, 404, 405, 409, 410, 422, 429}


@dataclass(frozen=True)
class Door:
    """One URL of ours with a path that reaches it."""

    name: str
    path: str
    view: Any

    @property
    def kind(self) -> str:
        return getattr(self.view, "access_kind", "")

    @property
    def codes(self) -> frozenset[str]:
        return frozenset(str(code) for code in getattr(self.view, "access_codes", ()))


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            if entry.namespace != "api":
                yield from patterns(entry, f"{prefix}{entry.pattern}")
        else:
            yield f"{prefix}{entry.pattern}", entry


def fill(route: str, pattern: URLPattern) -> str:
    """The route with something in every hole."""
    for name, converter in pattern.pattern.converters.items():
        kind = type(converter).__name__.removesuffix("Converter").lower().replace("string", "str")
        value = NOTHING.get(kind, "nothing")
        route = route.replace(f"<{kind}:{name}>", value).replace(f"<{name}>", value)
    return "/" + route


@cache
def doors() -> list[Door]:
    third = {entry.callback for entry in THIRD_PARTY}
    found = []
    for route, entry in patterns(get_resolver()):
        if entry.callback in third:
            continue
        found.append(Door(entry.name or route, fill(route, entry), entry.callback))
    return found


def marks(view: Any) -> int:
    """How many access decorators are wrapped around a view."""
    count = 0
    while view is not None:
        code = getattr(view, "__code__", None)
        count += bool(code and code.co_name == "guarded" and code.co_filename == access.__file__)
        view = getattr(view, "__wrapped__", None)
    return count


def test_every_view_has_exactly_one_access_decorator() -> None:
    assert {door.path: marks(door.view) for door in doors() if marks(door.view) != 1} == {}


def test_every_path_reaches_its_view() -> None:
    missed = []
    for door in doors():
        try:
            if resolve(door.path).func != door.view:
                missed.append(door.path)
        except Resolver404:
            missed.append(door.path)
    assert missed == []


def test_every_code_of_a_decorator_is_defined() -> None:
    unknown = {code for door in doors() for code in door.codes} - every_code()
    assert unknown == set()


def ask(client: Client, path: str) -> int:
    """The status of a GET, or of an empty POST where only that is understood."""
    status = client.get(path).status_code
    return client.post(path).status_code if status == 405 else status


def admitted(door: Door) -> set[str]:
    """For whom an open door is opened: the first and the last who may; a closed one is tried by everybody."""
    able = [role.code for role in rules.shipped_roles() if door.codes <= set(role.permissions)]
    able = [code for code in able if code in ROLES]
    return {*able[:1], *able[-1:]}


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
def test_each_url_answers_each_role_as_the_permission_table_says(role: str) -> None:
    client = make_client(role)
    client.raise_request_exception = False  # a crash is one line of the list, not the end of it
    held = client.actor.permissions  # type: ignore[attr-defined]
    wrong = []
    for door in doors():
        allowed = door.codes <= held
        if allowed and role not in admitted(door):
            continue
        status = ask(client, door.path)
        if (status not in ANSWERED) if allowed else (status != 403):
            wrong.append((door.path, sorted(door.codes - held), status))
    assert wrong == []


@pytest.mark.django_db
def test_a_stranger_is_sent_to_the_door() -> None:
    make_client("admin")  # a hospital is there; an empty installation leads to its first setup
    client, wrong = Client(), []
    for door in doors():
        if door.kind == "public":
            continue
        answer = client.get(door.path)
        if answer.status_code == 405:
            answer = client.post(door.path)
        if answer.status_code != 302 or not answer["Location"].startswith(settings.LOGIN_URL):
            wrong.append((door.path, answer.status_code))
    assert wrong == []


@pytest.mark.django_db
def test_public_pages_do_not_fail_for_a_stranger() -> None:
    client = Client()
    public = [door for door in doors() if door.kind == "public"]
    assert [(d.path, status) for d in public if (status := ask(client, d.path)) not in ANSWERED] == []


@pytest.mark.django_db
def test_somebody_without_a_hospital_gets_no_further_than_the_choice() -> None:
    membership = make_membership(organization=make_organization())
    membership.is_active = False
    membership.save()
    client, wrong = Client(), []
    client.force_login(membership.user)
    for door in doors():
        if door.kind == "public":
            continue
        answer = client.get(door.path)
        if answer.status_code == 405:
            answer = client.post(door.path)
        if answer.status_code != 302 or answer["Location"] != settings.CHOOSE_HOSPITAL_URL:
            wrong.append((door.path, answer.status_code))
    assert wrong == []


@pytest.mark.django_db
@pytest.mark.parametrize("entry", THIRD_PARTY, ids=lambda entry: str(entry.name))
def test_the_sign_in_librarys_pages_do_not_fail(entry: URLPattern) -> None:
    path = fill(str(entry.pattern), entry)
    if "(?P" in path:
        path = "/account/password/link/1-nothing/"
    for client in (Client(), make_client()):
        assert client.get(path).status_code in {200, 302, 404}, path


@pytest.mark.django_db
def test_no_sign_up_and_no_page_of_the_library_beside_those_listed() -> None:
    listed = {entry.callback for entry in THIRD_PARTY}
    reachable = {entry.callback for _route, entry in patterns(get_resolver())}
    foreign = {view for view in reachable if view.__module__.split(".")[0] != "xinglin"}
    assert {view for view in foreign if marks(view) == 0} <= listed
    assert Client().get("/account/signup/").status_code == 404


@pytest.mark.django_db
def test_the_api_answers_nobody_without_a_session_or_a_token() -> None:
    from xinglin.config.api import api

    client, wrong = Client(), []
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            route = re.sub("/+", "/", f"/api/v1/{prefix}/{path}")
            route = re.sub(
                r"\{(?:(\w+?)(?:str)?:)?\w+\}", lambda hole: NOTHING.get(hole[1] or "str", "nothing"), route
            )
            for operation in view.operations:
                for method in operation.methods:
                    status = client.generic(method, route, content_type="application/json").status_code
                    if status != 401:
                        wrong.append((method, route, status))
    assert wrong == []
