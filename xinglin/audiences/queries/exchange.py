"""Answers in a form for machines: pseudonymous ids, explanations as plain values."""

from typing import Any
from uuid import UUID

from xinglin.audiences.queries import asking
from xinglin.audiences.queries.answers import Explanation
from xinglin.audiences.queries.compile import Question
from xinglin.audiences.rules import evidence
from xinglin.audiences.rules.evaluate import Happening, Verdict
from xinglin.audiences.rules.problems import show
from xinglin.audiences.rules.tree import contrary, dump
from xinglin.core.actor import Actor
from xinglin.core.errors import NotFound
from xinglin.patients import queries as patients


def pseudonyms(organization_id: int, patient_ids: list[int]) -> list[dict[str, Any]]:
    """Public ids, with the ids under which other systems know the people; in the order given."""
    return patients.list_pseudonyms(organization_id=organization_id, patient_ids=patient_ids)


def pseudonyms_by_id(organization_id: int, patient_ids: list[int]) -> dict[int, str]:
    """Public ids by primary key; people of another hospital and erased people are left out."""
    return patients.public_ids(organization_id=organization_id, patient_ids=patient_ids)


def find_patient(organization_id: int, key: str) -> int:
    """The id behind a public id, another system's id or a record number. NotFound."""
    try:
        found = patients.find_by_public_id(organization_id=organization_id, public_id=UUID(key))
    except ValueError:
        found = patients.find_by_external_id(organization_id=organization_id, value=key)
    if found is None:
        raise NotFound
    return int(found.pk)


def find_visible(actor: Actor, key: str) -> int:
    """As `find_patient`, but only somebody whom the actor may see."""
    patient_id = find_patient(actor.organization_id or 0, key)
    return int(patients.get_by_id(actor=actor, patient_id=patient_id).pk)


def visible_public_id(actor: Actor, key: str) -> UUID:
    """The public id of somebody whom the actor may see, by any key of `find_patient`; NotFound."""
    found: UUID = patients.get_by_id(
        actor=actor, patient_id=find_patient(actor.organization_id or 0, key)
    ).public_id
    return found


def explained(question: Question, answer: Explanation) -> dict[str, Any]:
    """An explanation as plain values; ``conditions`` in reading order."""
    verdict = answer.verdict
    return {
        "is_member": answer.is_member,
        "is_in_lake": verdict is not None,
        "conditions": conditions(question, verdict) if verdict else [],
    }


def conditions(question: Question, verdict: Verdict) -> list[dict[str, Any]]:
    """Every condition: where it stands, in words, whether it holds and should, and the evidence."""
    reader = asking.reader_for(question.organization_id, question.tree)
    return [
        {
            "path": show(leaf.path),
            "condition": dump(leaf.node),
            "words": reader.phrase(leaf.node if wanted else contrary(leaf.node)),
            "holds": leaf.holds,
            "as_wanted": leaf.holds is wanted,
            "is_spared": leaf.holds is not wanted and evidence.is_spared(verdict, leaf),
            "evidence": evidence.evidence(leaf, question.as_of),
            "count": leaf.count,
            "value": leaf.value if isinstance(leaf.value, int | str | None) else None,
            "touches": [touch(t) for t in leaf.touches],
            "since": touch(leaf.anchor) if leaf.anchor else None,
        }
        for leaf, wanted in evidence.leaves(verdict)
    ]


def touch(happening: Happening) -> dict[str, Any]:
    return {
        "at": happening.at.isoformat(),
        "kind": happening.kind,
        "department": happening.columns.get("department") or None,
        "amount_fen": happening.columns.get("amount_fen"),
    }
