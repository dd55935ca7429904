"""A question as one Ibis expression: patients, joined once with a grouped pass over the touches it needs.

Values travel as Ibis literals, never as text pasted into SQL. The same expression compiles for DuckDB,
PostgreSQL and Spark.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

from xinglin.audiences.queries import dialects, lake
from xinglin.audiences.queries.attributes import attribute_holds
from xinglin.audiences.queries.facts import Facts
from xinglin.audiences.rules.moments import AsOf
from xinglin.audiences.rules.names import Names
from xinglin.audiences.rules.problems import Path
from xinglin.audiences.rules.tree import (
    All,
    Any_,
    Attr,
    Consented,
    Did,
    InAudience,
    Listed,
    Node,
    Not,
    Scored,
    Spent,
    Tagged,
)
from xinglin.core.deferred import deferred_module

if TYPE_CHECKING:
    import ibis.expr.types as ir

ibis: Any = deferred_module("ibis")


@dataclass(frozen=True, slots=True)
class Question:
    """A validated tree with everything its answer depends on."""

    tree: Node
    names: Names
    organization_id: int
    as_of: AsOf


def people(question: Question) -> ir.Table:
    """The members, one row each with `patient_id`; unordered."""
    facts = Facts(question.names, question.organization_id, question.as_of)
    _gather(question.tree, facts)
    base = facts.joined(required=required(question.tree, facts))
    wanted = conjuncts(question.tree, base, facts) or [ibis.literal(True)]
    return base.filter(wanted).select("patient_id")


def conjuncts(node: Node, base: ir.Table, facts: Facts) -> list[ir.BooleanValue]:
    """The top of the question as separate filters, so that an engine may push each down."""
    if isinstance(node, All):
        return [c for child in node.all for c in conjuncts(child, base, facts)]
    return [holds(node, base, facts)]


def required(node: Node, facts: Facts) -> bool:
    """Whether members must have at least one of the touches asked for: then an inner join will do."""
    if isinstance(node, All):
        return any(required(child, facts) for child in node.all)
    if isinstance(node, Any_):
        return bool(node.any) and all(required(child, facts) for child in node.any)
    if isinstance(node, InAudience):
        return required(facts.names.audiences[node.in_audience], facts)
    if isinstance(node, Did):
        return node.times.least > 0 or node.since is not None
    return isinstance(node, Spent) and node.spent.gte_fen is not None and node.spent.gte_fen > 0


def _gather(node: Node, facts: Facts) -> None:
    """Tell ``facts`` what the grouped passes must measure."""
    if isinstance(node, All):
        for child in node.all:
            _gather(child, facts)
    elif isinstance(node, Any_):
        for child in node.any:
            _gather(child, facts)
    elif isinstance(node, Not):
        _gather(node.not_, facts)
    elif isinstance(node, InAudience):
        _gather(facts.names.audiences[node.in_audience], facts)
    elif isinstance(node, Did):
        facts.need_did(node)
    elif isinstance(node, Spent):
        facts.need_spent(node.spent)
    elif isinstance(node, Consented):
        facts.need_consent(node.consent)
    elif isinstance(node, Tagged):
        facts.need_tag(node.tag)
    elif isinstance(node, Scored):
        facts.need_score(node.score)
    elif isinstance(node, Listed):
        facts.need_list(node.listed)


def holds(node: Node, base: ir.Table, facts: Facts) -> ir.BooleanValue:
    """True or false per person, never null."""
    if isinstance(node, All):
        return every([holds(child, base, facts) for child in node.all])
    if isinstance(node, Any_):
        parts = [holds(child, base, facts) for child in node.any]
        return reduce(lambda a, b: a | b, parts) if parts else ibis.literal(False)
    if isinstance(node, Not):
        return ~holds(node.not_, base, facts)
    if isinstance(node, InAudience):
        return holds(facts.names.audiences[node.in_audience], base, facts)
    if isinstance(node, Attr):
        return attribute_holds(node, base, facts.names, facts.as_of)
    if isinstance(node, Did):
        return facts.did(node, base)
    if isinstance(node, Spent):
        return facts.spent(node.spent, base)
    if isinstance(node, Consented):
        return facts.consented(node.consent, base)
    if isinstance(node, Tagged):
        return facts.tagged(node.tag, base)
    if isinstance(node, Scored):
        return facts.scored(node, base)
    if isinstance(node, Listed):
        return facts.listed(node.listed, base)
    raise TypeError(f"no answer for {type(node).__name__}")


def every(parts: Sequence[ir.BooleanValue]) -> ir.BooleanValue:
    return reduce(lambda a, b: a & b, parts) if parts else ibis.literal(True)


def funnel(
    question: Question, reach: Sequence[tuple[str, Node]] = ()
) -> tuple[ir.Table, list[tuple[str, Path]]]:
    """One row of counts: everybody, then for each step how many are left, and how many ``reach`` finds.

    Returns the expression and what each column means: ("base"|"left"|"alone"|"members"|"reach:…", path).
    """
    facts = Facts(question.names, question.organization_id, question.as_of)
    _gather(question.tree, facts)
    for _name, extra in reach:
        _gather(extra, facts)
    base = facts.joined(required=False)
    steps: list[tuple[str, Path, ir.BooleanValue]] = [("base", (), ibis.literal(True))]
    members = _steps(question.tree, (), ibis.literal(True), base, facts, steps)
    steps.append(("members", (), members))
    steps += [(f"reach:{name}", (), members & holds(extra, base, facts)) for name, extra in reach]
    flags = base.select(**{f"s{i}": condition for i, (_k, _p, condition) in enumerate(steps)})
    counted = flags.aggregate(**{f"s{i}": flags[f"s{i}"].cast("int64").sum() for i in range(len(steps))})
    return counted, [(kind, path) for kind, path, _condition in steps]


def _steps(
    node: Node,
    path: Path,
    before: ir.BooleanValue,
    base: ir.Table,
    facts: Facts,
    steps: list[tuple[str, Path, ir.BooleanValue]],
) -> ir.BooleanValue:
    """Add a step for every node below; returns who is left after this one."""
    if isinstance(node, All):
        left = before
        for i, child in enumerate(node.all):
            left = _steps(child, (*path, "all", i), left, base, facts, steps)
    elif isinstance(node, Not) and isinstance(node.not_, Any_):
        left = before
        for i, child in enumerate(node.not_.any):
            left = left & ~holds(child, base, facts)
            steps.append(("left", (*path, "not", "any", i), left))
    elif isinstance(node, Any_):
        for i, child in enumerate(node.any):
            steps.append(("alone", (*path, "any", i), before & holds(child, base, facts)))
        left = before & holds(node, base, facts)
    else:
        left = before & holds(node, base, facts)
    steps.append(("left", path, left))
    return left


def sample(question: Question, *, seed: int, size: int) -> ir.Table:
    """``size`` members picked by a repeatable shuffle: the same seed, the same people."""
    members = people(question)
    mixed = (members.patient_id * 2654435761 + ibis.literal(seed) * 40503) % 1000003
    return members.order_by([mixed, members.patient_id]).limit(size)


def both(one: Question, other: Question) -> ir.Table:
    """How many are in both; one row, one column `n`."""
    return people(one).semi_join(people(other), "patient_id").aggregate(n=lambda t: t.count())


def to_sql(expression: Any, dialect: str = "") -> str:
    """Text for the lake's engine, or for ``dialect`` (duckdb, postgres, pyspark); literals are quoted by the
    SQL writer. No connection and no driver is needed."""
    return dialects.to_sql(expression, dialect or lake.dialect())
