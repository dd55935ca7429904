"""Answers from the lake: how many, who, why, how much two audiences share."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import perf_counter
from typing import Any

import pyarrow as pa

from xinglin.audiences.queries import compile as compiler
from xinglin.audiences.queries import lake, schema
from xinglin.audiences.queries.compile import Question
from xinglin.audiences.queries.person import aware, load_person
from xinglin.audiences.rules.evaluate import Verdict, evaluate
from xinglin.audiences.rules.problems import Path
from xinglin.audiences.rules.tree import Agreement, Channel, Consented, Node, dump
from xinglin.core.deferred import deferred_module

ibis: Any = deferred_module("ibis")

REACH: tuple[Channel, ...] = ("wechat", "wecom", "sms", "phone")


@dataclass(frozen=True, slots=True)
class Count:
    """How many, how fast, and until when the lake knew."""

    people: int
    seconds: float
    fresh_as_of: datetime | None


@dataclass(frozen=True, slots=True)
class Funnel:
    """People left after each step; ``alone`` for a branch of an `any`, looked at by itself."""

    base: int
    members: int
    left: dict[Path, int]
    alone: dict[Path, int]
    reach: dict[str, int]
    seconds: float
    fresh_as_of: datetime | None
    before: dict[Path, int] = field(default_factory=dict)


def key_of(question: Question) -> tuple[Any, ...]:
    """Equal for questions with the same answer on the same lake."""
    names = tuple(sorted((ref, tuple(sorted(ids))) for ref, ids in question.names.refs.items()))
    others = tuple((name, str(dump(node))) for name, node in question.names.audiences.items())
    moment = (question.as_of.moment, question.as_of.zone)
    return (str(dump(question.tree)), names, others, question.organization_id, moment)


def sql_of(form: str, question: Question, make: Any, *more: Any) -> Any:
    return lake.remembered((form, *key_of(question), *more), make)


def count(question: Question) -> Count:
    """How many people the question finds."""
    start = perf_counter()
    sql = sql_of(
        "count",
        question,
        lambda: compiler.to_sql(compiler.people(question).aggregate(n=lambda t: t.count())),
    )
    people = int(lake.rows(sql)[0][0])
    return Count(people, perf_counter() - start, lake.fresh_as_of())


def people_sql(question: Question) -> str:
    """SQL for the lake that yields `patient_id` of every member."""
    return str(sql_of("people", question, lambda: compiler.to_sql(compiler.people(question))))


def member_ids(question: Question) -> pa.Table:
    """All members as an Arrow table with one column, `patient_id`; ascending."""
    sql = sql_of("ids", question, lambda: compiler.to_sql(compiler.people(question).order_by("patient_id")))
    return lake.table(sql)


def funnel(question: Question) -> Funnel:
    """Counts for the builder in one query."""
    start = perf_counter()
    reach: Sequence[tuple[str, Node]] = [
        (channel, Consented(consent=Agreement(channel=channel, purpose="marketing"))) for channel in REACH
    ]

    def make() -> tuple[str, list[tuple[str, Path]]]:
        counted, steps = compiler.funnel(question, reach)
        return compiler.to_sql(counted), steps

    sql, steps = sql_of("funnel", question, make)
    values = dict(zip(steps, (int(n or 0) for n in lake.rows(sql)[0]), strict=True))
    return Funnel(
        base=values[("base", ())],
        members=values[("members", ())],
        left={path: n for (kind, path), n in values.items() if kind == "left"},
        alone={path: n for (kind, path), n in values.items() if kind == "alone"},
        reach={kind[6:]: n for (kind, _path), n in values.items() if kind.startswith("reach:")},
        seconds=perf_counter() - start,
        fresh_as_of=lake.fresh_as_of(),
    )


def sample_ids(question: Question, *, seed: int = 0, size: int = 4) -> list[int]:
    """Some members; the same seed picks the same people."""
    sql = sql_of(
        "sample",
        question,
        lambda: compiler.to_sql(compiler.sample(question, seed=seed, size=size)),
        seed,
        size,
    )
    return [int(row[0]) for row in lake.rows(sql)]


def overlap(one: Question, other: Question) -> int:
    """How many people are in both."""
    return int(lake.rows(compiler.to_sql(compiler.both(one, other)))[0][0])


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a person is in or not; ``verdict`` is None while the lake does not know the person yet."""

    patient_id: int
    verdict: Verdict | None
    fresh_as_of: datetime | None

    @property
    def is_member(self) -> bool:
        return self.verdict is not None and self.verdict.holds


def explain(question: Question, *, patient_id: int) -> Explanation:
    """Each condition with its evidence for one person; agrees with membership."""
    person = load_person(question, patient_id)
    verdict = None
    if person is not None:
        verdict = evaluate(question.tree, person, names=question.names, as_of=question.as_of)
    return Explanation(patient_id, verdict, lake.fresh_as_of())


def last_seen(organization_id: int, patient_ids: list[int]) -> dict[int, tuple[datetime, str]]:
    """The latest touch of each person: when, and of which kind."""
    if not patient_ids:
        return {}
    t = schema.TOUCHES
    mine = t.filter((t.organization_id == organization_id) & t.patient_id.isin(patient_ids))
    latest = mine.group_by("patient_id").aggregate(last=mine["at"].max(), kind=mine.kind.argmax(mine["at"]))
    found = lake.rows(compiler.to_sql(latest))
    return {int(pid): (aware(at), kind) for pid, at, kind in found}
