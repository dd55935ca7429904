# mypy: disable-error-code="no-untyped-def,no-untyped-call,type-arg"
"""One expression on the embedded engine, on PostgreSQL and on a Spark cluster: the same rows.

The cluster (a master and two workers) is started here; the lake's files are those that the sync writes.
"""

import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest
from django.db import connection

from xinglin.audiences.queries import compile as compiler
from xinglin.audiences.queries.compile import Question
from xinglin.audiences.rules.moments import AsOf
from xinglin.audiences.rules.names import Names, wanted_refs
from xinglin.audiences.rules.parse import validate
from xinglin.audiences.tests import worlds
from xinglin.audiences.tests.test_same_answer import CONNECTION, load
from xinglin.core import db

AS_OF = AsOf.at(worlds.DAY, worlds.ZONE)
SEEN = {"did": "visit.ended", "within_days": 365}
TREES: list[dict] = [
    {"all": []},
    {"attr": "age", "between": [18, 60]}, {"attr": "age", "gte": 24}, {"attr": "age", "lte": 24},
    {"attr": "age", "is": 44}, {"attr": "age", "known": False}, {"attr": "sex", "in": ["M", "U"]},
    {"attr": "sex", "known": True}, {"attr": "birthday", "in_next_days": 7},
    {"attr": "birthday", "in_next_days": 366}, {"attr": "condition", "contains": ["糖尿病", "高血压"]},
    {"attr": "condition", "known": False}, {"attr": "city", "is": "O'Brien"},
    {"attr": "city", "contains": "%"}, {"attr": "city", "contains": "州"}, {"attr": "city", "known": False},
    {"attr": "district", "in": ["杭州", "宁波"]}, {"attr": "responsible", "is": 2},
    {"attr": "created", "within_days": 30}, {"attr": "created", "between": ["2023-02-28", "2024-02-29"]},
    {"attr": "deceased", "is": True}, {"attr": "deceased", "is": False},
    SEEN, {"not": SEEN}, {**SEEN, "times": {"gte": 2}}, {**SEEN, "times": {"eq": 0}},
    {"did": "appointment.kept", "between": ["2024-02-21", "2024-02-29"], "times": {"lte": 1}},
    {"did": "visit.ended", "where": {"department": ["obstetrics", "cardiology"]}},
    {"did": "visit.ended", "where": {"department": "old"}}, {"did": "visit.ended", "where": {"campaign": 5}},
    {"did": "visit.ended", "where": {"amount_fen": {"gte": 100}}},
    {"did": "visit.ended", "where": {"reason": "O'K", "channel": ["web", "wechat"]}},
    {"did": "visit.ended", "where": {"n": {"gte": 3, "lte": 3}}},
    {"did": "visit.ended", "where": {"paid": True}},
    {"did": "visit.ended", "since": {"did": "appointment.missed", "within_days": 60}, "times": {"eq": 0}},
    {"did": "appointment.kept", "since": {"did": "visit.ended"}},
    {"did": "appointment.kept", "since": {"did": "visit.ended"}, "times": {"gte": 2}},
    {"spent": {"gte_fen": 100, "within_days": 365}}, {"spent": {"lte_fen": 0}},
    {"spent": {"gte_fen": -100, "lte_fen": 250, "department": "obstetrics"}},
    {"consent": {"purpose": "marketing", "channel": "sms"}}, {"tag": "VIP"}, {"tag": worlds.TAGS[1]},
    {"in_audience": "糖友"}, {"not": {"in_audience": "糖友"}}, {"listed": 7}, {"not": {"listed": 8}},
    {"all": [{"attr": "sex", "is": "F"}, {"any": [{"tag": "VIP"}, SEEN, {"listed": 7}]},
             {"not": {"all": [{"spent": {"gte_fen": 100}}, {"attr": "condition", "contains": "糖尿病"}]}}]},
]  # fmt: skip


def world() -> dict:
    """Two hundred people with two thousand touches; the same at every run."""
    pick = Random(20240229)
    size = 200

    def day(spread: int = 900) -> date:
        return worlds.DAY + timedelta(days=pick.randint(-spread, 3))

    def at() -> datetime:
        hour = pick.choice([-8, 0, 8, 15, 16])
        return datetime.combine(day(), datetime.min.time(), UTC) + timedelta(hours=hour)

    def place() -> str:
        return pick.choice(["", "杭州", "宁波", "O'Brien", "50%"])

    def patient(pk: int) -> dict:
        births = [None, date(1980, 2, 29), date(2000, 2, 29), date(1999, 3, 1), day(30_000)]
        return {
            "patient_id": pk, "organization_id": pick.choice([1, 1, 1, 2]), "sex": pick.choice("FMU"),
            "birth_date": pick.choice(births), "reported_age": pick.choice([None, 20, 44]),
            "reported_age_on": pick.choice([None, day()]), "deceased_on": pick.choice([None, None, day()]),
            "conditions": pick.choice([[], ["糖尿病"], ["高血压", "糖尿病"]]),
            "province": place(), "city": place(), "district": place(), "community": place(),
            "insurance_type": place(), "source_channel": place(),
            "responsible_id": pick.choice([None, 1, 2, 3]), "created_at": at(),
        }  # fmt: skip

    def touch() -> dict:
        props: list[dict] = [{}, {"reason": "x"}, {"n": 4, "paid": False}, {"reason": "3", "n": 2.5}]
        props.append({"reason": "O'K", "n": 3, "paid": True})
        return {
            "organization_id": 1, "patient_id": pick.choice([None, *[pick.randint(1, size)] * 9]), "at": at(),
            "kind": pick.choice([*worlds.KINDS, "bill.settled", "bill.refunded"]),
            "channel": pick.choice(["", "web", "wechat"]), "campaign_id": pick.choice([None, 5]),
            "department_id": pick.choice([None, 11, 12, 13]),
            "department": pick.choice([None, "obstetrics", "old"]),
            "amount_fen": pick.choice([None, 0, 100, 250, -100]), "props": json.dumps(pick.choice(props)),
        }  # fmt: skip

    def person() -> int:
        return pick.randint(1, size)

    return {
        "patients": [patient(pk) for pk in range(1, size + 1)],
        "touches": [touch() for _ in range(2000)],
        "consents": [
            {"organization_id": 1, "patient_id": person(),
             "purpose": pick.choice(["marketing", "service"]),
             "channel": pick.choice(["sms", "wechat"]), "status": pick.choice(["given", "withdrawn"]),
             "at": at()}
            for _ in range(300)
        ],
        "tags": [{"patient_id": person(), "tag": pick.choice(worlds.TAGS)} for _ in range(80)],
        "lists": [{"organization_id": 1, "audience_id": pick.choice([7, 8]), "patient_id": pk}
                  for pk in range(1, size, 3)],
    }  # fmt: skip


def question(tree: dict) -> Question:
    node, other = validate(tree), validate(worlds.OTHER)
    refs = {
        ref: frozenset({worlds.DEPARTMENTS[ref[1]]} if ref[1] in worlds.DEPARTMENTS else ())
        for ref in wanted_refs(node) | wanted_refs(other)
    }
    return Question(node, Names(refs, {"糖友": other}), 1, AS_OF)


def embedded(tree: dict) -> list[int]:
    sql = compiler.to_sql(compiler.people(question(tree)), "duckdb")
    return sorted(row[0] for row in CONNECTION.execute(sql).fetchall())


@pytest.mark.django_db
@pytest.mark.skipif(not db.is_postgres(), reason="PostgreSQL: set DATABASE_URL (make test does)")
def test_postgresql_finds_the_same_people() -> None:
    tables = load(world())
    with connection.cursor() as cursor:
        _into_postgres(cursor, tables)
        found = 0
        for tree in TREES:
            cursor.execute(
                compiler.to_sql(compiler.people(question(tree)), "postgres").replace("%", "%%"), []
            )
            rows = sorted(row[0] for row in cursor.fetchall())
            assert rows == embedded(tree), tree
            found += len(rows)
    assert found > 1000


def _into_postgres(cursor, tables) -> None:
    kinds = {"int64": "bigint", "int32": "integer", "string": "text", "date32[day]": "date",
             "timestamp[us]": "timestamp"}  # fmt: skip
    for name, table in tables.items():
        columns = ", ".join(
            f'"{field.name}" {kinds.get(str(field.type), "text[]")}' for field in table.schema
        )
        cursor.execute(f"CREATE TEMP TABLE {name} ({columns}) ON COMMIT DROP")
        names = ", ".join(f'"{column}"' for column in table.column_names)
        with cursor.copy(f"COPY {name} ({names}) FROM STDIN") as copy:
            for row in table.to_pylist():
                copy.write_row(list(row.values()))


# the cluster ---------------------------------------------------------------------------------------

HAS_SPARK = importlib.util.find_spec("pyspark") is not None and shutil.which("java") is not None
needs_spark = pytest.mark.skipif(
    not HAS_SPARK, reason="Spark: install the extra with `uv pip install 'xinglin[spark]'` and Java 17"
)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(log: Path, text: str, *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if log.exists() and text in log.read_text(errors="replace"):
            return
        time.sleep(0.2)
    raise AssertionError(f"{text!r} not in {log}: {log.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A standalone master with two workers of one core each; its address."""
    import pyspark

    place = tmp_path_factory.mktemp("spark")
    home = str(Path(pyspark.__file__).parent)
    env = {**os.environ, "SPARK_HOME": home, "SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    address = f"spark://127.0.0.1:{_free_port()}"
    started: list[subprocess.Popen] = []

    def start(name: str, kind: str, *words: str) -> Path:
        log = place / f"{name}.log"
        command = [f"{home}/bin/spark-class", f"org.apache.spark.deploy.{kind}", *words]
        with log.open("wb") as stream:
            started.append(subprocess.Popen(command, env=env, stdout=stream, stderr=stream))
        return log

    host = ["--host", "127.0.0.1", "--webui-port", "0"]
    try:
        _wait_for(start("master", "master.Master", *host, "--port", address.rpartition(":")[2]), "ALIVE")
        for number in (1, 2):
            folder = str(place / f"w{number}")
            log = start(f"w{number}", "worker.Worker", *host, "-c", "1", "-m", "1g", "-d", folder, address)
            _wait_for(log, "Successfully registered with master")
        yield address
    finally:
        _end_session()
        for process in reversed(started):
            process.terminate()
            process.wait(timeout=30)


def _end_session() -> None:
    from xinglin.ledger.lake import spark

    if root := spark._state.get("root"):
        root.stop()
        spark._state.clear()


@pytest.fixture
def on_cluster(cluster: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("LAKE_URL", cluster)
    monkeypatch.setenv("LAKE_SECONDS", "120")
    settings = "spark.driver.host=127.0.0.1,spark.driver.bindAddress=127.0.0.1"
    settings += ",spark.executor.memory=700m,spark.sql.shuffle.partitions=1"
    # Two thousand rows are not worth compiling code for.
    settings += ",spark.sql.codegen.wholeStage=false,spark.sql.codegen.factoryMode=NO_CODEGEN"
    settings += ",spark.sql.adaptive.enabled=false"
    monkeypatch.setenv("LAKE_SPARK", settings)
    return cluster


@pytest.mark.slow
@pytest.mark.django_db
@needs_spark
def test_the_cluster_finds_the_same_people_row_for_row(on_cluster: str) -> None:
    from xinglin.ledger import lake

    backend = lake.connect()
    tables = load(world())
    for name, table in tables.items():
        backend._session.createDataFrame(table).createOrReplaceTempView(name)
    found = 0
    for tree in TREES:
        sql = compiler.to_sql(compiler.people(question(tree)))
        rows = sorted(row[0] for row in backend.raw_sql(sql).collect())
        assert rows == embedded(tree), tree
        found += len(rows)
    assert found > 1000


@pytest.mark.slow
@pytest.mark.django_db
@needs_spark
def test_saved_audiences_answer_from_the_cluster(
    cluster: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    """The product's own files, an anonymous visitor who became a patient among them; then it is stopped."""
    from xinglin.audiences import queries
    from xinglin.audiences.queries import answers
    from xinglin.audiences.tests.factories import NOON, sync, touch
    from xinglin.directory.tests.factories import make_organization
    from xinglin.ledger import actions as ledger
    from xinglin.ledger import lake
    from xinglin.ledger.kinds import get_kind
    from xinglin.patients.tests.factories import make_patient

    organization = make_organization()
    people = [make_patient(organization, conditions=["糖尿病"]) for _ in range(3)]
    touch(people[0], "visit.ended", NOON - timedelta(days=3))
    visitor = uuid4()
    seen = get_kind("page.viewed").parse({"page": "/"})
    anonymous = ledger.NewTouch(
        props=seen, organization_id=organization.pk, at=NOON - timedelta(days=2), visitor=visitor
    )
    ledger.record(anonymous, now=NOON)
    ledger.join_visitor(organization_id=organization.pk, visitor=visitor, patient_id=people[1].pk, now=NOON)
    sync()
    tree = {"any": [{"did": "visit.ended", "within_days": 30}, {"did": "page.viewed", "within_days": 30}]}
    asked = queries.question(organization_id=organization.pk, tree=tree, now=NOON)
    here = answers.member_ids(asked).to_pydict()
    request.getfixturevalue("on_cluster")

    assert lake.dialect() == "pyspark"
    assert answers.member_ids(asked).to_pydict() == here == {"patient_id": [people[0].pk, people[1].pk]}
    assert queries.count(asked).people == 2
    with pytest.raises(lake.QueryStopped):
        lake.ask("SELECT sum(id * id % 7) FROM range(0, 20000000000)", stop=lambda: True)
