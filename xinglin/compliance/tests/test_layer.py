"""The hospital's own layer: drafted, replayed, switched on, and seen on every verdict it changes."""

import json
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from xinglin.compliance import actions, queries
from xinglin.compliance.checker import Item, check
from xinglin.compliance.models import LayerVersion, OwnTerm, SilencedRule
from xinglin.content.tests.factories import make_item
from xinglin.core.actor import Actor
from xinglin.core.errors import Invalid, NotFound, PermissionDenied
from xinglin.core.models import AuditEntry
from xinglin.core.testing import run_jobs
from xinglin.directory.tests.factories import make_actor, make_membership, make_organization

pytestmark = pytest.mark.django_db


def reviewer() -> Actor:
    return make_actor("reviewer", make_organization())


def verdict(actor: Actor, text: str, kind: str = "web_page") -> str:
    return check(Item(kind=kind, text=text), rulebook=queries.rulebook_of(actor.organization_id)).verdict


def add(actor: Actor, words: str, severity: str = "block") -> int:
    return actions.add_own_terms(
        actor=actor, words=words, severity=severity, reason="旧院名，已停用", now=timezone.now()
    )


def switch_on(actor: Actor) -> LayerVersion:
    actions.replay_draft(actor=actor, now=timezone.now())
    run_jobs()
    return actions.activate_draft(actor=actor, note="停用旧院名", now=timezone.now())


def test_a_word_counts_from_its_activation_in_its_hospital_only() -> None:
    actor = reviewer()
    assert add(actor, "云州红星医院，红星分院\n云州红星医院") == 2
    assert verdict(actor, "云州红星医院开诊") == "pass"
    switch_on(actor)
    assert verdict(actor, "云州红星医院开诊") == "block"
    assert verdict(actor, "雲州 紅星​医😀院开诊") == "block"
    assert verdict(make_actor("reviewer", make_organization()), "云州红星医院开诊") == "pass"
    [finding] = check(
        Item(kind="web_page", text="原云州红星医院"), rulebook=queries.rulebook_of(actor.organization_id)
    ).findings
    assert (finding.rule, finding.quote, finding.article) == ("OWN-01", "云州红星医院", ("本机构用语规定",))


def test_a_draft_is_switched_on_only_after_its_own_replay() -> None:
    actor = reviewer()
    with pytest.raises(actions.NothingDrafted):
        actions.replay_draft(actor=actor, now=timezone.now())
    add(actor, "红星医院")
    with pytest.raises(actions.NotReplayed):
        actions.activate_draft(actor=actor, note="x", now=timezone.now())
    actions.replay_draft(actor=actor, now=timezone.now())
    run_jobs()
    add(actor, "红星分院")
    with pytest.raises(actions.NotReplayed):
        actions.activate_draft(actor=actor, note="x", now=timezone.now())


def test_the_replay_says_what_would_change() -> None:
    organization = make_organization()
    author = make_actor("content", organization)
    make_item(author, title="红星医院的门诊", slug="old")
    make_item(author, title="内科门诊", slug="new")
    actor = make_actor("reviewer", organization)
    add(actor, "红星医院")
    version = switch_on(actor)
    assert (version.replay["checked"], version.replay["changed"], version.replay["stricter"]) == (2, 1, 1)
    [text] = version.replay["texts"]
    assert (text["label"], text["before"], text["after"]) == ("红星医院的门诊", "pass", "block")
    assert text["added"] == [{"rule": "OWN-01", "quote": "红星医院"}]


def test_a_silenced_request_passes_and_is_named_a_silenced_block_wants_a_person() -> None:
    actor = reviewer()
    until = timezone.now().date() + timedelta(days=30)
    for rule in ("AD-09", "MED-01"):
        actions.silence_rule(
            actor=actor, rule_id=rule, reason="院内刊物，出处另附", until=until, now=timezone.now()
        )
    switch_on(actor)
    book = queries.rulebook_of(actor.organization_id)
    mild = check(Item(kind="web_page", text="我院年手术量突破三万台"), rulebook=book)
    assert (mild.verdict, [s.rule for s in mild.silenced]) == ("pass", ["AD-09"])
    assert mild.silenced[0].reason == "院内刊物，出处另附"
    grave = check(Item(kind="web_page", text="我院根治白癜风"), rulebook=book)
    assert grave.verdict == "review"
    assert "MED-01" in {s.rule for s in grave.silenced}
    later = check(
        Item(kind="web_page", text="我院根治白癜风", meta={"publish_at": str(until + timedelta(days=1))}),
        rulebook=book,
    )
    assert (later.verdict, later.silenced) == ("block", ())


def test_versions_keep_what_stood_in_each() -> None:
    actor = reviewer()
    add(actor, "红星医院")
    switch_on(actor)
    actions.remove_own_term(actor=actor, public_id=OwnTerm.objects.get().public_id, now=timezone.now())
    assert verdict(actor, "红星医院") == "block"
    switch_on(actor)
    assert verdict(actor, "红星医院") == "pass"
    assert actor.organization_id is not None
    assert [len(queries.overlay_at(actor.organization_id, n).words) for n in (1, 2)] == [1, 0]
    assert LayerVersion.objects.count() == 2


def test_discarding_brings_back_what_stood() -> None:
    actor = reviewer()
    add(actor, "红星医院")
    switch_on(actor)
    add(actor, "红星医院", severity="warn")
    add(actor, "红星分院")
    actions.discard_draft(actor=actor, now=timezone.now())
    assert [(t.word, t.severity, t.removed_in) for t in OwnTerm.objects.all()] == [
        ("红星医院", "block", None)
    ]


def test_bad_input_is_named_and_changes_nothing() -> None:
    actor = reviewer()
    with pytest.raises(Invalid) as caught:
        actions.add_own_terms(
            actor=actor, words="​", severity="loud", reason=" ", citation="某法", now=timezone.now()
        )
    assert set(caught.value.fields) == {"words", "severity", "reason", "citation"}
    with pytest.raises(Invalid, match="标红"):
        actions.silence_rule(
            actor=actor, rule_id="AD-09", reason="", until=timezone.now().date(), now=timezone.now()
        )
    with pytest.raises(NotFound):
        actions.silence_rule(
            actor=actor, rule_id="XX-99", reason="x", until=timezone.now().date(), now=timezone.now()
        )
    assert not LayerVersion.objects.exists()


def test_only_who_may_edit_edits_and_everything_is_audited() -> None:
    reader = make_actor("content", make_organization())
    with pytest.raises(PermissionDenied):
        add(reader, "红星医院")
    actor = reviewer()
    add(actor, "红星医院")
    switch_on(actor)
    logged = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"compliance.own_term.added", "compliance.layer.activated"} <= logged


def test_another_hospitals_rows_are_not_there() -> None:
    actor, other = reviewer(), reviewer()
    add(actor, "红星医院")
    actions.silence_rule(
        actor=actor, rule_id="AD-09", reason="x", until=timezone.now().date(), now=timezone.now()
    )
    term, silence = OwnTerm.objects.get(), SilencedRule.objects.get()
    with pytest.raises(NotFound):
        actions.remove_own_term(actor=other, public_id=term.public_id, now=timezone.now())
    with pytest.raises(NotFound):
        actions.end_silence(actor=other, public_id=silence.public_id, now=timezone.now())


def test_pages_from_word_to_activation(client: Client) -> None:
    organization = make_organization()
    client.force_login(make_membership("reviewer", organization).user)
    assert "还没有本院用语" in client.get(reverse("compliance:own-list")).content.decode()
    sent = {"words": "红星医院", "severity": "block", "reason": "旧院名", "citation": ""}
    bad = client.post(reverse("compliance:term-create"), {**sent, "citation": "乱写"})
    assert (bad.status_code, "红星医院" in bad.content.decode()) == (422, True)
    assert client.post(reverse("compliance:term-create"), sent).status_code == 302
    until = (timezone.now() + timedelta(days=9)).date().isoformat()
    silence = client.post(
        reverse("compliance:silence-create", args=["AD-09"]), {"reason": "出处另附", "until": until}
    )
    assert silence.status_code == 302
    assert client.post(reverse("compliance:replay-create")).status_code == 302
    run_jobs()
    page = client.get(reverse("compliance:own-list")).content.decode()
    assert "启用" in page
    assert client.post(reverse("compliance:activation-create"), {"note": "旧院名"}).status_code == 302
    found = client.post(reverse("compliance:finding-list"), {"text": "红星医院开诊", "kind": "web_page"})
    assert "OWN-01" in found.content.decode()
    quiet = client.post(
        reverse("compliance:finding-list"), {"text": "我院年手术量突破三万台", "kind": "web_page"}
    )
    assert "出处另附" in quiet.content.decode()
    assert "出处另附" in client.get(reverse("compliance:rule-detail", args=["AD-09"])).content.decode()
    assert "第 1 版" in client.get(reverse("compliance:version-list")).content.decode()
    client.force_login(make_membership("content", organization).user)
    assert "compliance/own/words/new" not in client.get(reverse("compliance:own-list")).content.decode()
    assert client.post(reverse("compliance:term-create"), sent).status_code == 403


def test_the_api_does_the_same(client: Client) -> None:
    client.force_login(make_membership("reviewer", make_organization()).user)

    def call(method: str, path: str, body: object = None):  # type: ignore[no-untyped-def]
        return client.generic(
            method, f"/api/v1/compliance/{path}", json.dumps(body or {}), content_type="application/json"
        )

    assert call("POST", "own-words", {"words": ["红星医院"], "reason": "旧院名"}).json() == {"added": 1}
    assert call("POST", "draft/activation", {"note": "x"}).status_code == 409
    assert call("POST", "draft/replay").status_code == 202
    run_jobs()
    assert call("POST", "draft/activation", {"note": "x"}).status_code == 200
    [row] = call("GET", "own-words").json()["items"]
    result = call("POST", "check", {"kind": "web_page", "text": "红星医院"}).json()
    assert (result["verdict"], result["findings"][0]["rule"]) == ("review", "OWN-01")
    assert call("DELETE", f"own-words/{row['public_id']}").status_code == 204
    assert call("GET", "versions").json()["items"][0]["activated_at"] is None
    assert call("DELETE", "draft").status_code == 204
