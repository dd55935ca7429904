"""What every benchmark uses: time, peak memory, one line of JSON a figure.

A benchmark is a module with ``main(scale: float) -> None`` that calls ``report`` for each figure. It runs
in a process and a data folder of its own (``python -m bench NAME``); ``scale`` 1.0 is the size in the docs.
"""

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")


class _Absent(MetaPathFinder):
    def __init__(self, name: str) -> None:
        self.name = name

    def find_spec(self, fullname: str, path: object, target: object = None) -> None:
        if fullname == self.name:
            raise ModuleNotFoundError(self.name)


def hide(name: str) -> None:
    """Measure as if a library that only development installs were absent: others load it where it is."""
    sys.meta_path.insert(0, _Absent(name))


@contextmanager
def stopwatch() -> Iterator[list[float]]:
    """Seconds of the block in the list's only item."""
    taken, started = [0.0], time.perf_counter()
    yield taken
    taken[0] = time.perf_counter() - started


def timed(call: Callable[[], T], *, repeat: int = 1) -> tuple[float, T]:
    """Median seconds of ``repeat`` calls, and what the last one returned."""
    times = []
    for _ in range(repeat):
        with stopwatch() as taken:
            result = call()
        times.append(taken[0])
    return statistics.median(times), result


def peak_mb() -> float:
    """Largest resident set of this process so far, in MB."""
    try:  # what getrusage says on Linux was the parent's before this process began
        lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6
    except (OSError, StopIteration):
        pass
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6


def report(
    what: str,
    value: float,
    unit: str,
    *,
    baseline: float | None = None,
    baseline_is: str = "",
    goal: str = "",
    better: str = "higher",
) -> None:
    """Print one figure; ``ratio`` is ours to the baseline, in the direction where above 1 is slower."""
    ratio = None
    if baseline:
        ratio = value / baseline if better == "lower" else baseline / value
    line = {
        "what": what, "value": value, "unit": unit, "baseline": baseline, "baseline_is": baseline_is,
        "times_baseline": ratio, "goal": goal, "peak_mb": round(peak_mb()),
    }  # fmt: skip
    print(json.dumps(line, ensure_ascii=False), flush=True)


def prepare(database_url: str = "") -> None:
    """Django over a fresh database in this process's data folder."""
    if database_url:
        os.environ["DATABASE_URL"] = database_url
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinglin.config.settings")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)


@contextmanager
def postgres() -> Iterator[str]:
    """The address of an empty database on a PostgreSQL here, removed afterwards; "" without one."""
    import subprocess

    script = Path(__file__).resolve().parent.parent / "tools" / "postgres.sh"
    server = subprocess.run(["bash", str(script)], capture_output=True, text=True, check=False).stdout.strip()
    if not server:
        yield ""
        return
    import psycopg

    name = f"xinglin_bench_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    try:
        yield server.rsplit("/", 1)[0] + f"/{name}"
    finally:
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def on_both(name: str, size: int, measure: Callable[[int, str], None]) -> None:
    """``bench.NAME.measure(size, where)`` here on SQLite, then on PostgreSQL in a process of its own (Django
    knows one database a process); a line says so where no server answers."""
    import subprocess

    prepare()
    measure(size, "SQLite")
    with postgres() as url:
        if not url:
            print(json.dumps({"what": "PostgreSQL: skipped, no server answers here", "unit": ""}), flush=True)
            return
        code = (
            f"from bench import harness, {name}; harness.prepare({url!r});"
            f" {name}.measure({size}, 'PostgreSQL')"
        )
        subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "DATABASE_URL": url})
