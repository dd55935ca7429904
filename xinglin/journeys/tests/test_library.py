"""The ready-made journeys: their drawings are whole, their texts are lawful as they stand."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from xinglin.audiences import queries as audiences
from xinglin.directory.queries import actor_for
from xinglin.directory.tests.factories import make_membership, make_organization
from xinglin.journeys import queries
from xinglin.journeys.actions.library import add_ready_made
from xinglin.journeys.rules import checks, library, shape, words
from xinglin.journeys.rules import graph as drawing
from xinglin.journeys.rules.library import Entry
from xinglin.outreach.actions import templates
from xinglin.outreach.models import TemplateVersion
from xinglin.outreach.queries import template_preview as preview
from xinglin.outreach.tests.factories import NOON, make_people

WANTED = {
    "复诊提醒", "用药提醒", "术后随访 D1/D3/D7/D30", "孕期 40 周", "儿童疫苗与儿保", "体检报告后续",
    "慢病月度管理", "生日关怀", "失约挽回", "新患者欢迎", "满意度后差评关怀", "活动后跟进", "沉睡唤醒",
}  # fmt: skip
TEXTS = [
    (entry, text, channel)
    for entry in library.entries()
    for text in entry.texts.values()
    for channel in text.parts()
]
known = pytest.mark.parametrize("entry", library.entries(), ids=lambda entry: entry.key)


def test_all_thirteen_are_there() -> None:
    assert {entry.name for entry in library.entries()} == WANTED
    assert len({entry.key for entry in library.entries()}) == 13


@known
def test_a_drawing_is_whole(entry: Entry) -> None:
    graph = drawing.read(library.graph_of(entry))

    assert not checks.problems(graph)
    assert {node.kind for node in graph.nodes.values()} >= {"trigger", "exit"}
    places = {(node.x, node.y) for node in graph.nodes.values()}
    assert len(places) == len(graph.nodes)
    assert shape.in_order(graph)[0] == graph.trigger
    assert len(shape.shape_of(graph).wires) == len(graph.edges)


@known
def test_what_promotes_goes_as_marketing_and_each_step_by_its_texts_purpose(entry: Entry) -> None:
    graph = drawing.read(library.graph_of(entry))
    sends = [node.props for node in graph.nodes.values() if node.kind == "send"]

    used = {str(props.template).removeprefix("@") for props in sends}
    assert used == set(entry.texts)
    for props in sends:
        text = entry.texts[str(props.template).removeprefix("@")]
        assert text.purpose == props.lane
        assert set(props.channels) <= set(text.parts())
    if entry.lane == "marketing":
        assert {props.lane for props in sends} == {"marketing"}
        assert any(node.kind == "split" and "holdout" in node.ports for node in graph.nodes.values())


@pytest.mark.django_db
@pytest.mark.parametrize(("entry", "text", "channel"), TEXTS, ids=lambda value: getattr(value, "name", value))
def test_every_text_passes_the_check_as_its_kind(entry: Entry, text: library.Text, channel: str) -> None:
    body = text.parts()[channel]
    draft = preview.Draft(
        channel=channel, purpose=text.purpose, subject=body.get("subject", ""), body=body["body"],
        custom={}, hospital="杏林医院",
    )  # fmt: skip

    checked = preview.check_draft(draft, now=NOON)

    assert checked.result.verdict == "pass", [finding.message for finding in checked.result.findings]
    assert not checked.unknown
    if channel == "sms":
        assert checked.size.segments <= 2


@pytest.mark.django_db
@known
def test_taking_one_over_makes_texts_audiences_and_a_drawing_that_lacks_only_approval(entry: Entry) -> None:
    organization = make_organization()
    planner, reviewer = (actor_for(make_membership(role, organization)) for role in ("planner", "director"))

    journey = add_ready_made(actor=planner, key=entry.key, now=NOON)

    version = queries.draft_of(journey)
    assert {problem.code for problem in queries.check(version, now=NOON) if problem.is_error} <= {"approval"}
    assert all(audiences.find_audience(organization.pk, one.name) for one in entry.audiences.values())
    waiting = TemplateVersion.objects.filter(organization=organization)
    assert {one.status for one in waiting} <= {"in_review"}
    for one in waiting:
        templates.approve_template(
            actor=reviewer, public_id=one.template.public_id, seen_hash=one.content_hash, now=NOON
        )
    assert not [problem for problem in queries.check(version, now=NOON) if problem.is_error]


@pytest.mark.django_db
def test_taking_one_over_twice_uses_the_same_texts_under_another_name() -> None:
    planner = actor_for(make_membership("planner", make_organization()))

    first, second = (add_ready_made(actor=planner, key="missed", now=NOON) for _ in range(2))

    assert (first.name, second.name) == ("失约挽回", "失约挽回（2）")
    assert TemplateVersion.objects.count() == 1


def test_every_kind_and_way_out_has_words() -> None:
    said: list[Any] = []
    for entry in library.entries():
        graph = drawing.read(library.graph_of(entry))
        said += [words.say(node, words.Names()) for node in graph.nodes.values()]
    assert all(one.title for one in said)


@known
def test_an_audience_lets_people_in_each_time_they_come_into_it(entry: Entry) -> None:
    """A second operation is followed up as well; whoever bears a tag since last year is not written to."""
    trigger = drawing.read(library.graph_of(entry)).trigger
    assert trigger is not None
    if trigger.props.on != "audience":
        return
    assert trigger.props.is_each_entry
    assert entry.audiences[str(trigger.props.audience).removeprefix("@")].refresh == "hourly"


def test_before_each_reminder_of_a_pregnancy_it_is_asked_whether_it_goes_on() -> None:
    entry = library.find("pregnancy")
    assert entry is not None
    kinds = [next(iter(step)) for step in entry.steps]
    later = [place for place, kind in enumerate(kinds) if kind == "send"][1:]
    assert len(later) == 8
    assert all(kinds[place - 1] == "condition" and "no" in entry.steps[place - 1] for place in later)


@pytest.mark.django_db
@pytest.mark.parametrize("hour", [0, 9, 14, 22])
def test_days_after_an_operation_are_those_of_the_name(hour: int) -> None:
    organization = make_organization()
    actor = actor_for(make_membership("director", organization))
    version = queries.draft_of(add_ready_made(actor=actor, key="surgery", now=NOON))
    person = make_people(organization, 1)[0]
    zone = ZoneInfo("Asia/Shanghai")
    tagged = datetime(2026, 6, 1, hour, 5, tzinfo=zone)

    way = queries.walk(actor=actor, version=version, patient_id=person.pk, now=tagged)

    days = [
        (step.at.astimezone(zone).date() - tagged.date()).days
        for step in way
        if step.kind in ("send", "task")
    ]
    assert days[:4] == [1, 3, 7, 30]
