"""The settings of a step: what its form makes of what is chosen and typed."""

import json
from typing import Any

import pytest
from django.urls import reverse

from xinglin.audiences.tests.factories import make_audience
from xinglin.core.actor import Actor
from xinglin.directory.queries import actor_for
from xinglin.directory.tests.factories import make_department, make_membership, make_organization, make_staff
from xinglin.journeys import queries
from xinglin.journeys.actions.library import add_ready_made
from xinglin.journeys.rules import graph as drawing
from xinglin.journeys.tests.test_journey_pages import make_journey, sign_in
from xinglin.outreach.tests.factories import NOON

pytestmark = pytest.mark.django_db


@pytest.fixture
def hospital() -> Any:
    return make_organization()


CASES = [
    ("trigger", {"on": "touch"}, {"on": "date", "field": "birthday", "offset_days": "-3", "at": "08:30"},
     {"on": "date", "field": "birthday", "offset_days": -3, "at": "08:30"}),
    ("trigger", {"on": "touch", "kind": "visit.ended", "where": {"care": "AMB"}},
     {"on": "touch", "kind": "visit.ended", "occurrence": "touch", "w_care": ["AMB", "IMP"]},
     {"on": "touch", "kind": "visit.ended", "occurrence": "touch", "where": {"care": ["AMB", "IMP"]}}),
    ("trigger", {"on": "touch", "kind": "visit.ended", "where": {"visit": "V1"}},
     {"on": "touch", "kind": "visit.ended", "occurrence": "touch", "w_visit": "V1、V2"},
     {"on": "touch", "kind": "visit.ended", "occurrence": "touch", "where": {"visit": ["V1", "V2"]}}),
    ("trigger", {"on": "touch", "kind": "visit.ended", "where": {"care": "AMB"}},
     {"on": "touch", "kind": "bill.settled", "occurrence": "once", "w_care": "AMB"},
     {"on": "touch", "kind": "bill.settled", "occurrence": "once"}),
    ("wait", {"until_touch": "appointment.kept"},
     {"way": "touch", "until_touch": "appointment.kept", "w_lead_days": "0, 1", "w_channel": "wechat"},
     {"until_touch": "appointment.kept", "where": {"lead_days": [0, 1], "channel": "wechat"}}),
    ("wait", {"until_touch": "appointment.kept", "where": {"channel": "web"}},
     {"way": "for", "days": "1", "w_channel": "web"}, {"for": {"days": 1, "hours": 0}}),
    ("wait", {"for": {"days": 1}}, {"way": "for", "days": "3", "hours": "2"},
     {"for": {"days": 3, "hours": 2}}),
    ("wait", {"for": {"days": 1}}, {"way": "time", "until_time": "09:30"}, {"until_time": "09:30"}),
    ("wait", {"for": {"days": 1}},
     {"way": "touch", "until_touch": "appointment.kept", "same": "on", "limited": "on", "timeout_days": "7"},
     {"until_touch": "appointment.kept", "same": "booking", "timeout": {"days": 7, "hours": 0}}),
    ("wait", {"for": {"days": 1}}, {"way": "field", "offset_hours": "-24"},
     {"until_field": "appointment_start", "offset_hours": -24}),
    ("trigger", {"on": "schedule", "every": "month", "number": 15},
     {"on": "schedule", "every": "week", "weekday": "5", "at": "10:00"},
     {"on": "schedule", "every": "week", "number": 5, "at": "10:00"}),
    ("trigger", {"on": "schedule", "every": "week", "number": 5},
     {"on": "schedule", "every": "month", "monthday": "31", "at": "10:00"},
     {"on": "schedule", "every": "month", "number": 31, "at": "10:00"}),
    ("split", {}, {"a": "45", "b": "45", "holdout": "10"}, {"shares": {"a": 45, "b": 45, "holdout": 10}}),
    ("task", {}, {"what": "visit", "text": "去看看", "due_days": "2"},
     {"what": "visit", "text": "去看看", "due_days": 2}),
    ("tag", {"tag": "x", "remove": True}, {"tag": "糖友"}, {"tag": "糖友"}),
    ("points", {}, {"points": "50", "reason": "生日"}, {"points": 50, "reason": "生日"}),
    ("webhook", {}, {"url": "https://example.org/x"}, {"url": "https://example.org/x"}),
    ("goal", {}, {"goal": "来了", "label": "到诊"}, {"goal": "来了", "label": "到诊"}),
    ("exit", {}, {"reason": "走完"}, {"reason": "走完"}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "before", "typed", "after"), CASES)
def test_a_steps_form_makes_its_settings(
    hospital: Any, kind: str, before: Any, typed: dict[str, str], after: Any
) -> None:
    client, journey = sign_in(hospital), make_journey(hospital)
    url = reverse("journeys:step", args=[journey.public_id])
    data = {"step_id": "n9", "step_kind": kind, "props": json.dumps(before)}

    opened = client.post(url, data)
    changed = client.post(url, {**data, "touched": "1", **typed})

    assert opened.status_code == 200
    made = json.loads(changed.context["props_json"])
    assert made.pop("where", {}) == after.get("where", {})
    assert made == {name: value for name, value in after.items() if name != "where"}
    drawing.read({"nodes": [{"id": "n9", "kind": kind, "props": after}]})


def test_what_a_step_minds_is_narrowed_to_departments_doctors_and_audiences(hospital: Any) -> None:
    client, journey = sign_in(hospital), make_journey(hospital)
    heart, skin = (make_department(hospital, name=name) for name in ("心内科", "皮肤科"))
    doctor = make_staff(heart.organization, name="王主任", department=heart, is_practitioner=True)
    make_staff(heart.organization, name="李主任", department=skin, is_practitioner=True)
    audience = make_audience(Actor.system(hospital.pk), tree={"all": [{"attr": "age", "gte": 45}]})
    url = reverse("journeys:step", args=[journey.public_id])

    def post(before: dict[str, Any], **typed: Any) -> Any:
        return client.post(
            url,
            {
                "step_id": "n9",
                "step_kind": "wait",
                "props": json.dumps(before),
                "touched": "1",
                "way": "touch",
            }
            | typed,
        )

    asked = post({}, until_touch="appointment.kept", w_department=heart.code)
    narrowed = json.loads(post({}, until_touch="appointment.kept").context["props_json"])
    made = json.loads(asked.context["props_json"])
    chosen = post(
        made, until_touch="appointment.kept", w_department=heart.code, w_practitioner=doctor.public_id
    )
    entered = post({}, until_touch="audience.entered", w_audience=audience.pk)

    assert narrowed == {"until_touch": "appointment.kept"}
    assert made == {"until_touch": "appointment.kept", "where": {"department": heart.code}}
    assert "王主任" in asked.content.decode()
    assert "李主任" not in asked.content.decode()
    assert json.loads(chosen.context["props_json"])["where"]["practitioner"] == str(doctor.public_id)
    assert "心内科 · 王主任 · 不限时间" in json.loads(chosen.context["told_json"])["note"]
    assert json.loads(entered.context["props_json"])["where"] == {"audience": audience.pk}
    assert audience.name in json.loads(entered.context["told_json"])["note"]


def test_a_number_written_wrongly_is_told_and_nothing_changes(hospital: Any) -> None:
    client, journey = sign_in(hospital), make_journey(hospital)
    before = {"on": "touch", "kind": "appointment.booked", "where": {"lead_days": 0}}
    data = {"step_id": "n9", "step_kind": "trigger", "props": json.dumps(before), "touched": "1"}

    answer = client.post(
        reverse("journeys:step", args=[journey.public_id]),
        {**data, "on": "touch", "kind": "appointment.booked", "occurrence": "once", "w_lead_days": "当天"},
    )

    assert json.loads(answer.context["props_json"]) == before
    assert "写整数" in answer.content.decode()
    assert 'value="当天"' in answer.content.decode()


def test_a_form_filled_in_wrongly_keeps_what_was_and_what_was_typed(hospital: Any) -> None:
    client, journey = sign_in(hospital), make_journey(hospital)
    data = {"step_id": "n9", "step_kind": "wait", "props": '{"for": {"days": 1}}', "touched": "1"}

    answer = client.post(
        reverse("journeys:step", args=[journey.public_id]), {**data, "way": "for", "days": "x"}
    )

    assert json.loads(answer.context["props_json"]) == {"for": {"days": 1}}
    assert 'value="x"' in answer.content.decode()


def test_a_condition_is_a_saved_audience_or_the_builders_tree(hospital: Any) -> None:
    client, journey = sign_in(hospital), make_journey(hospital)
    audience = make_audience(Actor.system(hospital.pk), tree={"all": [{"attr": "age", "gte": 45}]})
    url = reverse("journeys:step", args=[journey.public_id])
    data = {"step_id": "n9", "step_kind": "condition", "props": "{}", "touched": "1"}

    chosen = client.post(url, {**data, "source": "audience", "audience": audience.name})
    written = client.post(url, {**data, "source": "own", "tree": '{"all": [{"tag": "VIP"}]}'})

    assert json.loads(chosen.context["props_json"]) == {"question": {"in_audience": audience.name}}
    assert json.loads(written.context["props_json"]) == {"question": {"all": [{"tag": "VIP"}]}}
    assert audience.name in chosen.context["told_json"]


def test_a_chosen_template_brings_its_purpose_and_channels(hospital: Any) -> None:
    client = sign_in(hospital)
    journey = add_ready_made(actor=actor_for(make_membership("director", hospital)), key="birthday", now=NOON)
    template = next(n for n in queries.draft_of(journey).graph["nodes"] if n["kind"] == "send")["props"][
        "template"
    ]
    data = {"step_id": "n9", "step_kind": "send", "props": '{"channels": ["email"]}', "touched": "1"}

    answer = client.post(
        reverse("journeys:step", args=[journey.public_id]),
        {**data, "template": template, "lane": "service", "first": "email"},
    )

    made = json.loads(answer.context["props_json"])
    assert (made["lane"], made["channels"]) == ("marketing", ["sms", "wechat"])
    assert "祝您平安喜乐" in answer.content.decode()
