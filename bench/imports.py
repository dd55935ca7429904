"""Rows a second of whole imports: recognise the file, check its mapping, parse, encrypt, index, write.

Three files: people as a HIS lists them (made here), the same file again (nothing may change), and
appointments that carry their people. The baseline reads the same file with ``csv`` and writes its cells as
they stand into a bare table with one index: no checks, no encryption, no touches, no search, no undo.
"""

import csv
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from bench import harness

ROWS = 200_000
GOAL = "≥ 10,000 rows/s, ≤ 300 MB"
PEOPLE_HEAD = [
    "登记号", "姓名", "性别", "出生日期", "身份证号", "手机号码", "就诊卡号", "省", "市", "区县", "家庭住址",
    "职业", "费别", "来源渠道", "既往史",
]  # fmt: skip
VISIT_HEAD = [
    "预约号",
    "登记号",
    "姓名",
    "性别",
    "手机号码",
    "预约时间",
    "就诊日期",
    "是否爽约",
    "高血压",
    "糖尿病",
]
SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红玲建国文辉梅鑫波宇浩凯婷雪晨佳慧"
DISTRICTS = ["南山区", "福田区", "罗湖区", "宝安区", "龙岗区", "盐田区"]
JOBS = ["教师", "职员", "退休", "工人", "学生", "自由职业", ""]
PAYERS = ["城镇职工医保", "居民医保", "自费", "商业保险"]
CHECKS, WEIGHTS = "10X98765432", (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def _people(rows: int) -> Iterator[list[str]]:
    random, start = Random(7), date(1930, 1, 1)
    for n in range(rows):
        born = start + timedelta(days=n * 7919 % 34_000)
        body = f"440305{born:%Y%m%d}{n // 34_000:03}"
        check = CHECKS[sum(int(digit) * weight for digit, weight in zip(body, WEIGHTS, strict=True)) % 11]
        name = random.choice(SURNAMES) + "".join(random.choices(GIVEN, k=random.choice((1, 2, 2))))
        yield [
            f"D{n:08}", name, random.choice("男女"), born.isoformat(), body + check,
            f"1{random.choice('3578')}{random.randrange(10**9):09}", f"C{n * 7919 % 10**9:09}",
            "广东省", "深圳市", random.choice(DISTRICTS), f"科苑路 {random.randrange(999)} 号 {n % 40} 栋",
            random.choice(JOBS), random.choice(PAYERS), "his",
            random.choice(("", "", "高血压", "高血压;糖尿病")),
        ]  # fmt: skip


def _visits(rows: int) -> Iterator[list[str]]:
    random, start = Random(8), date(2025, 1, 1)
    names = ["".join(random.choices(GIVEN, k=3)) for _ in range(2000)]
    for n in range(rows):
        who = random.randrange(rows * 6 // 10)
        booked = start + timedelta(days=n * 300 // rows)
        yield [
            f"V{n:08}", f"E{who:08}", names[who % 2000], "男女"[who % 2], f"139{who:08}",
            f"{booked:%Y-%m-%d} {n % 24:02}:{n % 60:02}:00",
            f"{booked + timedelta(days=random.randrange(20)):%Y-%m-%d}", "是" if n % 5 == 0 else "否",
            "1" if who % 5 == 0 else "0", "1" if who % 11 == 0 else "0",
        ]  # fmt: skip


def _write(path: Path, head: list[str], rows: Iterator[list[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(head)
        writer.writerows(rows)
    return path


def _bare(path: Path) -> None:
    """The least that a program can do with the file."""
    with path.open(encoding="utf-8", newline="") as stream, TemporaryDirectory() as folder:
        rows = csv.reader(stream)
        width = len(next(rows))
        connection = sqlite3.connect(Path(folder) / "bare.sqlite3")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute(
            f"CREATE TABLE bare (id INTEGER PRIMARY KEY, {', '.join(f'c{n}' for n in range(width))})"
        )
        connection.execute("CREATE INDEX bare_key ON bare (c0)")
        columns, marks = ", ".join(f"c{n}" for n in range(width)), ", ".join("?" * width)
        with connection:
            connection.executemany(f"INSERT INTO bare ({columns}) VALUES ({marks})", rows)
        connection.close()


def _bare_rate(path: Path, rows: int) -> float:
    return rows / harness.timed(lambda: _bare(path))[0]


def _import(kind: str, path: Path, organization: Any) -> dict[str, int]:
    from xinglin.patients.imports.testing import run_import

    return dict(run_import(kind, path, organization).counts)


def _cpu_seconds() -> float:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _measure(what: str, rows: int, work: Callable[[], dict[str, int]], *, expect: str, bare: float) -> None:
    before = _cpu_seconds()
    seconds, counts = harness.timed(work)
    cpu = _cpu_seconds() - before
    if counts["read"] != rows or counts[expect] != rows:
        raise SystemExit(f"{what}: {counts}")
    harness.report(what, rows / seconds, "rows/s", baseline=bare, baseline_is="csv + bare INSERT", goal=GOAL)
    harness.report(f"{what}, by processor time", rows / cpu, "rows/cpu s")


def measure(rows: int, database: str) -> None:
    """All figures on the database in the environment, whose tables stand; files come from BENCH_FILES."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.config.settings")
    harness.hide("pandas")
    import django

    django.setup()
    from xinglin.directory.tests.factories import make_organization

    folder = Path(os.environ["BENCH_FILES"])
    people, visits = folder / "people.csv", folder / "visits.csv"
    bare_people, bare_visits = _bare_rate(people, rows), _bare_rate(visits, rows)
    hospital = make_organization()
    for what, kind, path, expect, bare in (
        ("people, new", "patients", people, "created", bare_people),
        ("people, the same file again", "patients", people, "unchanged", bare_people),
        ("appointments with their people, new", "appointments", visits, "created", bare_visits),
        ("appointments, the same file again", "appointments", visits, "unchanged", bare_visits),
    ):
        _measure(
            f"{what}, {database}",
            rows,
            partial(_import, kind, path, hospital),
            expect=expect,
            bare=bare,
        )


def main(scale: float) -> None:
    rows = max(int(ROWS * scale), 1000)
    prepare = "from bench import harness; harness.prepare()"
    with TemporaryDirectory(prefix="xinglin-bench-files-") as folder, harness.postgres() as url:
        _write(Path(folder) / "people.csv", PEOPLE_HEAD, _people(rows))
        _write(Path(folder) / "visits.csv", VISIT_HEAD, _visits(rows))
        for address, name in (("", "SQLite"), *([(url, "PostgreSQL")] if url else [])):
            # Processes of their own: Django knows one database a process, and the peak is the import's alone.
            env = os.environ | {"BENCH_FILES": folder} | ({"DATABASE_URL": address} if address else {})
            run = f"from bench import imports; imports.measure({rows}, {name!r})"
            for code in (prepare, run):
                subprocess.run([sys.executable, "-c", code], check=True, env=env)
