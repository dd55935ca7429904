"""The shipped map, a hospital's layer over it, and how soon it counts."""

from typing import Any

import pytest
from django.utils import timezone

from xinglin.core.errors import Conflict, Invalid, NotFound, PermissionDenied
from xinglin.core.models import AuditEntry
from xinglin.directory import actions, queries, rules
from xinglin.directory.actions.roles import LastKeeper
from xinglin.directory.models import Membership, Organization, Role
from xinglin.directory.permissions import Permission
from xinglin.directory.tests.factories import (
    codes_of,
    make_actor,
    make_client,
    make_membership,
    make_organization,
)

pytestmark = pytest.mark.django_db
NOW = timezone.now()


def edit(organization: Organization, role: str, codes: frozenset[str], version: int = 0) -> None:
    actions.edit_role(
        actor=make_actor("admin", organization), role=role, codes=codes, expected_version=version, now=NOW
    )


def test_shipped_roles_are_there_after_migrating() -> None:
    assert {role.code for role in rules.shipped_roles()} == set(Role.objects.values_list("code", flat=True))
    assert len(rules.shipped_roles()) == 16


def test_the_administrator_sees_no_patient_and_the_executive_only_what_is_aggregated() -> None:
    assert not [
        code for code in codes_of("admin") if code.startswith(("patients.", "booking.", "audiences."))
    ]
    personal = ("patients.", "booking.", "ledger.touch.", "outreach.message.")
    assert not [code for code in codes_of("executive") if code.startswith(personal)]


def test_syncing_twice_changes_nothing() -> None:
    assert actions.sync_roles() == 0


def test_a_shipped_change_reaches_roles_a_hospital_has_edited() -> None:
    hospital = make_organization()
    edit(hospital, "rep", codes_of("rep") | {Permission.VIEW_USER})
    document = {
        "rep": {
            "name": "业务员",
            "name_en": "Rep",
            "scope": "own",
            "permissions": ["booking.appointment.view"],
        }
    }

    actions.sync_roles(rules.parse_roles(document))

    held = queries.role_matrix(make_actor("rep", hospital))["rep"]
    assert held == {"booking.appointment.view", Permission.VIEW_USER}
    assert codes_of("director") == frozenset()
    actions.sync_roles()
    assert "patients.patient.view" in codes_of("director")


def test_a_change_counts_from_the_next_request_and_only_in_this_hospital() -> None:
    hospital = make_organization()
    here, there = make_membership("rep", hospital), make_membership("rep")
    assert not queries.actor_for(here).can(Permission.VIEW_USER)

    edit(hospital, "rep", codes_of("rep") | {Permission.VIEW_USER})

    again = Membership.objects.select_related("organization", "role", "staff", "user").get(pk=here.pk)
    assert queries.actor_for(again).can(Permission.VIEW_USER)
    assert not queries.actor_for(there).can(Permission.VIEW_USER)


def test_every_edit_is_a_version_on_record() -> None:
    hospital = make_organization()
    edit(hospital, "rep", codes_of("rep") | {Permission.VIEW_USER})
    edit(hospital, "rep", codes_of("rep"), version=1)

    versions = queries.list_role_versions(make_actor("admin", hospital), role="rep")
    assert [(v.number, v.granted, v.revoked) for v in versions] == [
        (2, [], []),
        (1, ["directory.user.view"], []),
    ]
    entry = AuditEntry.objects.filter(action="directory.role.changed").latest("id")
    assert entry.detail["removed"] == ["directory.user.view"]


def test_saving_what_already_holds_makes_no_version() -> None:
    actor = make_actor("admin")
    assert (
        actions.edit_role(actor=actor, role="rep", codes=codes_of("rep"), expected_version=0, now=NOW) is None
    )


def test_who_was_slower_hears_so() -> None:
    hospital = make_organization()
    edit(hospital, "rep", frozenset())
    with pytest.raises(Conflict):
        edit(hospital, "rep", codes_of("rep"))


def test_refusals() -> None:
    hospital = make_organization()
    with pytest.raises(LastKeeper):
        edit(hospital, "admin", frozenset({Permission.EDIT_USER}))
    with pytest.raises(Invalid):
        edit(hospital, "rep", frozenset({"no.such.code"}))
    with pytest.raises(NotFound):
        edit(hospital, "patient", frozenset())
    with pytest.raises(PermissionDenied):
        actions.edit_role(actor=make_actor("rep"), role="rep", codes=[], expected_version=0, now=NOW)


@pytest.mark.parametrize(
    ("entry", "word"),
    [
        ({"scope": "all", "permissions": ["b", "a"]}, "sorted"),
        ({"scope": "world", "permissions": []}, "scope"),
        ({"scope": "all", "colour": "red"}, "unknown keys"),
    ],
)
def test_a_wrong_file_names_the_role(entry: dict[str, Any], word: str) -> None:
    with pytest.raises(ValueError, match=f"x: .*{word}"):
        rules.parse_roles({"x": {"name": "x", "name_en": "x", **entry}})


def test_difference_and_its_inverse() -> None:
    granted, revoked = rules.difference({"a", "b"}, {"b", "c"})
    assert (granted, revoked) == (["c"], ["a"])
    assert rules.effective_codes({"a", "b"}, granted=granted, revoked=revoked) == {"b", "c"}


def test_the_pages_save_and_restore() -> None:
    client = make_client("admin")
    assert "客服" in client.get("/settings/roles/").content.decode()
    wanted = sorted(codes_of("agent") - {"booking.visit.edit"})
    client.post("/settings/roles/agent/", {"codes": wanted, "version": 0, "reason": "前台来做"})
    page = client.get("/settings/roles/agent/").content.decode()
    assert "前台来做" in page
    assert "本院去掉的" in page
    client.post("/settings/roles/agent/", {"restore": 1, "version": 1})
    assert queries.role_matrix(client.actor)["agent"] == codes_of("agent")
