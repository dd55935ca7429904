"""One person's rows out of the lake."""

import json
from datetime import UTC, datetime
from typing import Any

from xinglin.audiences.queries import lake
from xinglin.audiences.queries.compile import Question, to_sql
from xinglin.audiences.queries.schema import CONSENTS, LISTS, PATIENTS, SCORES, TAGS, TOUCHES
from xinglin.audiences.rules.evaluate import Consent, Happening, Person
from xinglin.audiences.rules.names import walk
from xinglin.audiences.rules.tree import Did, Listed, Scored, Spent


def kinds_needed(question: Question) -> list[str]:
    """The touch kinds that a question and the audiences below it look at."""
    found: set[str] = set()
    for tree in (question.tree, *question.names.audiences.values()):
        for _path, node in walk(tree):
            if isinstance(node, Did):
                found |= {node.did} | ({node.since.did} if node.since else set())
            elif isinstance(node, Spent):
                found |= {"bill.settled", "bill.refunded"}
    return sorted(found)


def load_person(question: Question, patient_id: int) -> Person | None:
    """What the lake knows of one person, as far as the question needs it; None when it does not know them."""
    organization = question.organization_id
    mine = PATIENTS.filter((PATIENTS.organization_id == organization) & (PATIENTS.patient_id == patient_id))
    found = _dicts(mine)
    if not found:
        return None
    kinds = kinds_needed(question)
    touches = []
    if kinds:
        rows = TOUCHES.filter(
            (TOUCHES.organization_id == organization)
            & (TOUCHES.patient_id == patient_id)
            & TOUCHES.kind.isin(kinds)
        )
        touches = [Happening(r["at"], r["kind"], r, json.loads(r["props"] or "{}")) for r in _dicts(rows)]
    consents = CONSENTS.filter(
        (CONSENTS.organization_id == organization) & (CONSENTS.patient_id == patient_id)
    )
    tags = TAGS.filter(TAGS.patient_id == patient_id)
    return Person(
        patient_id,
        found[0],
        touches,
        [Consent(r["purpose"], r["channel"], r["status"], r["at"]) for r in _dicts(consents)],
        frozenset(r["tag"] for r in _dicts(tags)),
        _scores(question, patient_id),
        _lists(question, patient_id),
    )


def _scores(question: Question, patient_id: int) -> dict[str, float]:
    """The person's scores, where the question asks for any."""
    trees = (question.tree, *question.names.audiences.values())
    if not any(isinstance(node, Scored) for tree in trees for _path, node in walk(tree)):
        return {}
    mine = SCORES.filter(
        (SCORES.organization_id == question.organization_id) & (SCORES.patient_id == patient_id)
    )
    return {row["score"]: row["value"] for row in _dicts(mine)}


def _lists(question: Question, patient_id: int) -> frozenset[int]:
    """The lists the person is on; only asked for when the question names one."""
    trees = (question.tree, *question.names.audiences.values())
    if not any(isinstance(node, Listed) for tree in trees for _path, node in walk(tree)):
        return frozenset()
    mine = LISTS.filter(
        (LISTS.organization_id == question.organization_id) & (LISTS.patient_id == patient_id)
    )
    return frozenset(r["audience_id"] for r in _dicts(mine))


def _dicts(expression: Any) -> list[dict[str, Any]]:
    return [
        {name: aware(value) if isinstance(value, datetime) else value for name, value in row.items()}
        for row in lake.table(to_sql(expression)).to_pylist()
    ]


def aware(moment: datetime) -> datetime:
    """A moment of the lake as an aware one."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
