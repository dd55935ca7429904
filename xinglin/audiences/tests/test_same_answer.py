# mypy: disable-error-code="no-untyped-def,no-untyped-call,type-arg"
"""The set-based query, the per-person explanation and a brute-force oracle name the same people."""

import json
from datetime import UTC, datetime

import duckdb
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from xinglin.audiences.queries import compile as compiler
from xinglin.audiences.queries import schema
from xinglin.audiences.rules.evaluate import Consent, Happening, Person, evaluate
from xinglin.audiences.rules.moments import AsOf
from xinglin.audiences.rules.names import Names, wanted_refs
from xinglin.audiences.rules.parse import validate
from xinglin.audiences.tests import worlds
from xinglin.audiences.tests.oracle import World

CONNECTION = duckdb.connect()
CONNECTION.execute("set TimeZone = 'UTC'; set threads = 1")


def load(world: dict) -> dict[str, pa.Table]:
    """Put the rows into in-memory tables with the lake's schema; returns them by name."""
    tables: dict[str, pa.Table] = {}
    rows = {"patients": world["patients"], "touches": world["touches"], "consents": world["consents"],
            "patient_tags": world["tags"], "audience_lists": world.get("lists", [])}  # fmt: skip
    for table in (schema.PATIENTS, schema.TOUCHES, schema.CONSENTS, schema.TAGS, schema.LISTS):
        name = table.get_name()
        arrow_schema = table.schema().to_pyarrow()
        full = [{column: naive(row.get(column)) for column in arrow_schema.names} for row in rows[name]]
        tables[name] = pa.Table.from_pylist(full, schema=arrow_schema)
        CONNECTION.register(name, tables[name])
    return tables


def naive(value):
    return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) else value


def ask(tree: dict, names: Names, as_of: AsOf):
    node = validate(tree)
    question = compiler.Question(node, names, 1, as_of)
    found = {
        r[0] for r in CONNECTION.execute(compiler.to_sql(compiler.people(question), "duckdb")).fetchall()
    }
    counted, steps = compiler.funnel(question)
    row = CONNECTION.execute(compiler.to_sql(counted, "duckdb")).fetchall()[0]
    return node, found, dict(zip(steps, row, strict=True))


def names_for(tree: dict) -> Names:
    node = validate(tree)
    other = validate(worlds.OTHER)
    refs = {
        ref: frozenset({worlds.DEPARTMENTS[ref[1]]} if ref[1] in worlds.DEPARTMENTS else ())
        for ref in wanted_refs(node) | wanted_refs(other)
    }
    return Names(refs, {"糖友": other})


def person_of(world: dict, p: dict) -> Person:
    mine = [t for t in world["touches"] if t["patient_id"] == p["patient_id"]]
    return Person(
        p["patient_id"],
        p,
        [Happening(t["at"], t["kind"], t, json.loads(t["props"])) for t in mine],
        [Consent(c["purpose"], c["channel"], c["status"], c["at"]) for c in world["consents"]
         if c["patient_id"] == p["patient_id"]],
        frozenset(t["tag"] for t in world["tags"] if t["patient_id"] == p["patient_id"]),
    )  # fmt: skip


@given(world=worlds.worlds(), trees=st.lists(st.one_of(worlds.leaves, worlds.trees), min_size=4, max_size=9))
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_set_query_explanation_and_oracle_agree(world: dict, trees: list[dict]) -> None:
    load(world)
    as_of = AsOf.at(worlds.DAY, worlds.ZONE)
    plain = World(world["patients"], world["touches"], world["consents"], world["tags"], worlds.DEPARTMENTS,
                  {"糖友": worlds.OTHER}, day=worlds.DAY, zone=worlds.ZONE)  # fmt: skip
    people = {p["patient_id"]: person_of(world, p) for p in world["patients"]}

    for tree in trees:
        names = names_for(tree)
        node, found, steps = ask(tree, names, as_of)

        assert found == plain.members(tree), tree
        explained = {
            pk for pk, person in people.items() if evaluate(node, person, names=names, as_of=as_of).holds
        }
        assert explained == found, tree
        assert (steps[("members", ())] or 0) == len(found), tree
        assert steps[("base", ())] == len(people)
