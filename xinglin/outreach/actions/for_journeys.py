# ruff: noqa: S608 (the SQL is made of our own words, values are parameters)
"""Messages of a journey's node for any number of people: the gate decides in one statement, the outbox takes
its answers in another. Nothing is sent here; a message is unique by (node, person, occurrence)."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models.expressions import RawSQL

from xinglin.core import crypto, db
from xinglin.core.jobs import enqueue
from xinglin.ledger.actions import NewTouch, record_many
from xinglin.outreach import gate
from xinglin.outreach.actions.hours import best_hours, best_moments
from xinglin.outreach.gate.channels import rules_of_channels
from xinglin.outreach.gate.requests import message_context
from xinglin.outreach.gate.wording import wording_of
from xinglin.outreach.models import JourneyOutlet, Message, OrganizationFreeze, TemplateVersion
from xinglin.outreach.models.message import STOPPABLE
from xinglin.outreach.rules.ways import way_from
from xinglin.outreach.touches import MessageRefused
from xinglin.scores.queries import has_skill

DECIDED, OWN = "outreach_decided", "outreach_own_words"
Words = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyMessage:
    """What one node of a journey sends; ``channels`` in order of preference.

    ``at_best_hour`` and ``by_best_channel`` mean what they mean for a campaign; a trial waits for no hour.
    Without a ``version`` there is nothing to send, and the gate refuses everybody for that; ``lane`` is the
    purpose that the node was drawn for.
    """

    organization_id: int
    journey_id: int
    node_id: int
    version: TemplateVersion | None
    lane: str
    channels: tuple[str, ...]
    variables: Words = field(default_factory=dict)
    is_test: bool = False
    at_best_hour: bool = False
    by_best_channel: bool = False

    @property
    def purpose(self) -> str:
        return str(self.version.template.purpose) if self.version else self.lane

    @property
    def category(self) -> str:
        return str(self.version.template.category) if self.version else ""


@dataclass(frozen=True, slots=True)
class Planned:
    """``queued`` go now, ``held`` at an allowed hour, ``refused`` not, by the first check that failed.

    The answers themselves stay in the temporary table DECIDED until the next plan of this connection.
    """

    queued: int
    held: int
    refused: dict[str, int]


@transaction.atomic
def plan_for_journey(
    message: JourneyMessage,
    *,
    people: str,
    params: Sequence[Any],
    now: datetime,
    own: Iterable[tuple[int, int, Words]] = (),
) -> Planned:
    """Ask the gate about everybody of ``people`` (SQL giving patient_id, occurrence) and write the messages.

    ``own`` are variables of single people: (patient_id, occurrence, variables). The same node, person and
    occurrence again is no further message. A person of two occurrences is asked about once here and again,
    as everybody is, when each message is claimed.
    """
    _decide(message, people, params, now)
    has_own = _keep_own(message, own)
    _write(message, people, params, now, has_own)
    counted = _counted(people, params, now)
    refused = {reason: n for reason, _later, n in counted if reason}
    if refused and not message.is_test:
        record_many(_refusals(message, people, params, now), now=now)
    _open_outlets(message)
    enqueue("outreach.dispatch", dedupe_key="periodic:outreach.dispatch", is_periodic=True, priority=40)
    queued = sum(n for reason, later, n in counted if not reason and not later)
    held = sum(n for reason, later, n in counted if not reason and later)
    return Planned(queued, held, refused)


def _decide(message: JourneyMessage, people: str, params: Sequence[Any], now: datetime) -> None:
    db.temporary_table(
        DECIDED,
        {
            "patient_id": "id", "channel": "text", "reason": "text", "failed_checks": "id",
            "due_at": "moment", "arm": "flag", "guardian_id": "id", "own": "flag",
        },
        key="patient_id",
    )  # fmt: skip
    version = message.version
    context = message_context(
        organization_id=message.organization_id,
        wording=wording_of(version=version, category=message.category, at=now),
        version=version,
        category=message.category,
        purpose=message.purpose,
        channels=message.channels,
        variables=message.variables,
        at=now,
    )
    prefers = message.by_best_channel and has_skill(message.organization_id, "best_channel")
    context = replace(context, by_best_channel=prefers)
    ids = RawSQL(f"SELECT who.patient_id FROM ({people}) AS who", list(params))  # noqa: S611 (our own words)
    sql, inner = gate.statement(
        context=context,
        rules=gate.rules_for(message.organization_id),
        patients=gate.candidates(organization_id=message.organization_id, patient_ids=ids),
    )
    names = ", ".join(gate.COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {DECIDED} ({names}) SELECT {names} FROM (\n{sql}\n) AS decided WHERE true", inner
        )
    db.learn(DECIDED)
    if message.at_best_hour and not message.is_test:
        _wait_for_best_hour(message, now)


def _wait_for_best_hour(message: JourneyMessage, now: datetime) -> None:
    """Move who may be sent to their best hour in the next day, as campaigns do."""
    hours = best_moments(message.organization_id, since=now)
    scores = best_hours(message.organization_id).filter(
        value__in=list(hours),
        patient_id__in=RawSQL(f"SELECT patient_id FROM {DECIDED} WHERE reason = ''", ()),  # noqa: S611
    )
    sql, inner = scores.order_by().values("patient_id", "value").query.sql_with_params()
    moments = [db.moment(at) for at in hours.values()]
    whens = " ".join(f"WHEN {hour} THEN {text}" for hour, (text, _at) in zip(hours, moments, strict=True))
    if not whens:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {DECIDED} SET due_at = best.at FROM (SELECT s.patient_id, CASE s.value {whens} END AS at"
            f" FROM ({sql}) AS s) AS best WHERE best.patient_id = {DECIDED}.patient_id"
            f" AND {DECIDED}.due_at < best.at",
            [*(at for _text, at in moments), *inner],
        )


def _way(message: JourneyMessage) -> tuple[str, list[Any]]:
    """SQL for the channels that each message may take; NULL where there is one alone."""
    order = message.channels
    if len(order) < 2:
        return "NULL", []
    cases = [(own, name) for own in (1, 0) for name in order]
    whens = " ".join(f"WHEN d.channel = %s{' AND d.own = 1' if own else ''} THEN %s" for own, _name in cases)
    params = [text for own, name in cases for text in (name, way_from(order, name, is_own=bool(own)))]
    return f"CASE {whens} END", params


def _sealed(words: Words) -> bytes | None:
    field = Message._meta.get_field("variables")
    return crypto.encrypt(json.dumps(dict(words), ensure_ascii=False), field.context) if words else None


def _keep_own(message: JourneyMessage, own: Iterable[tuple[int, int, Words]]) -> bool:
    rows = [
        (patient, occurrence, _sealed({**message.variables, **words})) for patient, occurrence, words in own
    ]
    if not rows:
        return False
    db.temporary_table(
        OWN, {"patient_id": "id", "occurrence": "id", "variables": "bytes"}, key="patient_id, occurrence"
    )
    db.insert_temporary(OWN, ("patient_id", "occurrence", "variables"), rows)
    return True


def _write(message: JourneyMessage, people: str, params: Sequence[Any], now: datetime, has_own: bool) -> None:
    moment, at = db.moment(now)
    words = "COALESCE(own.variables, %s)" if has_own else "%s"
    sealed = _sealed(message.variables)
    reason = ("CASE WHEN d.reason = '' AND d.due_at > %s THEN 'quiet_hours' ELSE d.reason END", [at])
    blob = f"{words}::bytea" if db.is_postgres() else words
    values: dict[str, tuple[str, list[Any]]] = {
        "organization_id": ("%s", [message.organization_id]),
        "patient_id": ("d.patient_id", []),
        "guardian_id": ("d.guardian_id", []),
        "template_version_id": ("%s", [message.version.pk if message.version else None]),
        "journey_id": ("%s", [message.journey_id]),
        "journey_node_id": ("%s", [message.node_id]),
        "occurrence": ("who.occurrence", []),
        "is_test": ("%s", [message.is_test]),
        "category": ("%s", [message.category]),
        "purpose": ("%s", [message.purpose]),
        "channel": ("d.channel", []),
        "way": _way(message),
        "state": (
            "CASE WHEN d.reason <> '' THEN 'refused' WHEN d.due_at > %s THEN 'held' ELSE 'queued' END",
            [at],
        ),
        # Until their best hour they are held by choice, not by a check.
        "reason": ("d.reason", []) if message.at_best_hour else reason,
        "failed_checks": ("d.failed_checks", []),
        "rules_version": ("%s", [gate.rules_for(message.organization_id).stamp]),
        "channel_rules": db.chosen_by("d.channel", rules_of_channels(message.organization_id)),
        "decided_at": (moment, [at]),
        "due_at": ("d.due_at", []),
        "variables": (f"CASE WHEN d.reason <> '' THEN NULL ELSE {blob} END", [sealed]),
        "is_secret": ("%s", [False]),
        "worker": ("''", []),
        "attempts": ("0", []),
        "provider": ("''", []),
        "provider_id": ("''", []),
        "error": ("''", []),
        "created_at": (moment, [at]),
    }
    joined = (
        f"LEFT JOIN {OWN} own ON own.patient_id = who.patient_id AND own.occurrence = who.occurrence"
        if has_own
        else ""
    )
    insert = (
        f"INSERT INTO {Message._meta.db_table} ({', '.join(values)})\n"
        f"SELECT {', '.join(sql for sql, _ in values.values())}\n"
        f"FROM ({people}) AS who JOIN {DECIDED} d ON d.patient_id = who.patient_id {joined}\n"
        "WHERE true ON CONFLICT DO NOTHING"
    )
    with connection.cursor() as cursor:
        cursor.execute(insert, [*(v for _, some in values.values() for v in some), *params])


def _counted(people: str, params: Sequence[Any], now: datetime) -> list[tuple[str, int, int]]:
    """(reason, 1 if only later, how many) of the plan just made."""
    _sql, at = db.moment(now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT d.reason, CASE WHEN d.due_at > %s THEN 1 ELSE 0 END AS later, count(*) FROM ({people})"
            f" AS who JOIN {DECIDED} d ON d.patient_id = who.patient_id GROUP BY 1, 2",
            [at, *params],
        )
        return [(reason, later, n) for reason, later, n in cursor.fetchall()]


def _refusals(
    message: JourneyMessage, people: str, params: Sequence[Any], now: datetime
) -> Iterator[NewTouch]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT who.patient_id, who.occurrence, d.reason, d.channel FROM ({people}) AS who"
            f" JOIN {DECIDED} d ON d.patient_id = who.patient_id WHERE d.reason <> ''",
            list(params),
        )
        rows = cursor.fetchall()
    stamp = gate.rules_for(message.organization_id).stamp
    for patient_id, occurrence, reason, channel in rows:
        yield NewTouch(
            props=MessageRefused(reason=reason, rules=stamp, category=message.category),
            organization_id=message.organization_id,
            at=now,
            patient_id=patient_id,
            channel=channel,
            dedupe_key=f"journey:{message.node_id}:{patient_id}:{occurrence}:refused",
        )


def _open_outlets(message: JourneyMessage) -> None:
    JourneyOutlet.objects.bulk_create(
        [
            JourneyOutlet(
                organization_id=message.organization_id,
                journey_id=message.journey_id,
                purpose=message.purpose,
                channel=channel,
                is_test=message.is_test,
            )
            for channel in message.channels
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def cancel_for_journey(*, node_ids: Sequence[int], people: str, params: Sequence[Any]) -> int:
    """Cancel what has not left of these nodes' messages to ``people`` (SQL giving patient_id, occurrence).

    The booking was given up, or the journey has ended. Returns how many.
    """
    if not node_ids:
        return 0
    stoppable = sorted(STOPPABLE)
    nodes, states = (", ".join(["%s"] * len(some)) for some in (node_ids, stoppable))
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Message._meta.db_table} SET state = 'cancelled', lease_until = NULL, worker = '',"
            f" variables = NULL WHERE journey_node_id IN ({nodes}) AND state IN ({states})"
            f" AND (patient_id, occurrence) IN ({people})",
            [*node_ids, *stoppable, *params],
        )
        stopped = int(cursor.rowcount)
        # What is under way cannot be stopped, but where it fails nothing further is tried.
        cursor.execute(
            f"UPDATE {Message._meta.db_table} SET way = '' WHERE journey_node_id IN ({nodes})"
            f" AND state IN ('sending', 'waiting', 'unconfirmed') AND (patient_id, occurrence) IN ({people})",
            [*node_ids, *params],
        )
        return stopped


@transaction.atomic
def hold_journey(*, organization_id: int, journey_id: int, is_held: bool) -> None:
    """Hold a journey's messages in the outbox or let them go; waits for a claim in progress."""
    OrganizationFreeze.objects.get_or_create(organization_id=organization_id)
    db.lock_rows(OrganizationFreeze.objects.filter(organization_id=organization_id)).get()
    JourneyOutlet.objects.filter(organization_id=organization_id, journey_id=journey_id).update(
        is_held=is_held
    )
