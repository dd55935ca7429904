"""Patient list, record and search by one Chinese character: p50 and p95 with 1 and 8 clients at 1M people."""

import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from random import Random
from typing import Any

from bench import harness
from bench.people import PATTERN, fill

ASKED = 120


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _server(port: int) -> Iterator[int]:
    """The product's own web command on a loopback port; yields its process id."""
    run = subprocess.Popen(
        [sys.executable, "-m", "xinglin.config.cli", "web", "--host", "127.0.0.1", "--port", str(port)],
        start_new_session=True,
    )
    try:
        for _ in range(200):
            try:
                connection = HTTPConnection("127.0.0.1", port, timeout=1)
                connection.request("GET", "/healthz")
                if connection.getresponse().status == 200:
                    break
            except OSError:
                time.sleep(0.1)
        yield run.pid
    finally:
        os.killpg(run.pid, 15)
        run.wait()


def _memory_mb(pid: int) -> float:
    """Resident memory of a process and its children."""
    listing = subprocess.run(
        ["ps", "-e", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=True
    )
    rows = [tuple(int(part) for part in line.split()) for line in listing.stdout.splitlines()]
    family = {pid}
    for child, parent, _ in sorted(rows):
        if parent in family:
            family.add(child)
    return sum(rss for child, _, rss in rows if child in family) / 1000


def _session() -> str:
    """A signed-in session of an analyst; returns the cookie."""
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from xinglin.directory.models import Membership

    user = Membership.objects.get(role__code="analyst").user
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return f"{settings.SESSION_COOKIE_NAME}={session.session_key}"


def _ask(port: int, paths: list[str], cookie: str) -> list[float]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    taken = []
    for path in paths:
        started = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200, (path, answer.status, answer.headers.get("Location"))
        taken.append((time.perf_counter() - started) * 1000)
    return taken


def _crowd(port: int, paths: list[str], cookie: str, clients: int) -> list[float]:
    results: list[list[float]] = []
    shares = [paths[number::clients] for number in range(clients)]
    threads = [
        threading.Thread(target=lambda share=share: results.append(_ask(port, share, cookie)))
        for share in shares
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [value for result in results for value in result]


def _rows_only(text: str, params: list[object]) -> float:
    """Median milliseconds of the bare statement on the same database: what the engine alone takes."""
    from django.db import connection

    times = []
    for _ in range(30):
        with harness.stopwatch() as taken, connection.cursor() as cursor:
            cursor.execute(text, params)
            cursor.fetchall()
        times.append(taken[0] * 1000)
    return statistics.median(times)


def _bare(organization_id: int, people: int) -> dict[str, float]:
    """Each page's main statement alone, as somebody who knows the tables would write it."""
    from xinglin.patients.queries.search import SEARCH
    from xinglin.patients.rules import identity

    words: Any = SEARCH.matching(identity.query_words(organization_id, "王"))
    whole = "SELECT * FROM patients_patient WHERE organization_id = %s"
    return {
        "patient list": _rows_only(f"{whole} ORDER BY id DESC LIMIT 51", [organization_id]),
        "patient record": _rows_only("SELECT * FROM patients_patient WHERE id = %s", [people // 2]),
        "search by one character": _rows_only(
            f"{whole} AND id IN ({words.sql}) ORDER BY id DESC LIMIT 51", [organization_id, *words.params]
        ),
    }


def measure(people: int, where: str) -> None:
    """All figures on the database that Django is set up for."""
    from urllib.parse import quote

    from django.core.management import call_command

    from xinglin.directory.actions import sync_roles
    from xinglin.patients.models import Patient

    call_command("collectstatic", verbosity=0, interactive=False, clear=True)
    sync_roles()
    filled, organization_id = harness.timed(lambda: fill(people))
    harness.report(f"{people:,} people made for this bench, {where}", filled, "s", better="lower")
    cookie, random = _session(), Random(1)
    # Ids are dense after a bulk fill.
    ids = [Patient.objects.get(pk=random.randrange(1, people)).public_id for _ in range(ASKED)]
    surnames = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
    mixes = {
        "patient list": ["/patients/"] * ASKED,
        "patient record": [f"/patients/{public_id}/" for public_id in ids],
        "search by one character": [f"/patients/?q={quote(surnames[n % 20])}" for n in range(ASKED)],
    }
    bare, port = _bare(organization_id, people), _free_port()
    with _server(port) as pid:
        for name, paths in mixes.items():
            _ask(port, paths[:10], cookie)
            for clients in (1, 8):
                times = sorted(_crowd(port, paths, cookie, clients))
                for share in (50, 95):
                    crowd = f"{clients} client{'s' * (clients > 1)}"
                    harness.report(
                        f"{name}, {people:,} people, {crowd}, p{share}, {where}",
                        times[min(len(times) - 1, len(times) * share // 100)],
                        "ms",
                        baseline=bare[name],
                        baseline_is="ms, its main SQL statement alone",
                        goal="< 100 ms" if "search" in name and clients == 1 else "",
                        better="lower",
                    )
        harness.report(f"memory of the web processes, {where}", _memory_mb(pid), "MB")


def main(scale: float) -> None:
    people = max(int(1_000_000 * scale), PATTERN) // PATTERN * PATTERN
    harness.on_both("pages", people, measure)
