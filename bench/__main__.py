"""``make bench BENCH="NAME … --scale 0.1 --write"``: run benchmarks and print their figures as a table.

Each runs in a process and a data folder of its own, makes its data itself and removes it. Names: see NAMES.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import date
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# In the order of the line: a file in, touches, questions, the gate, messages out, pages.
NAMES = [
    "imports", "touches", "audience", "gate", "outbox", "journeys", "providers", "pages", "comply",
    "ordinary", "scores",
]  # fmt: skip
Figure = dict[str, object]


def run(name: str, scale: float) -> list[Figure]:
    """The figures of one benchmark, run in a process and a data folder of its own."""
    with tempfile.TemporaryDirectory(prefix="xinglin-bench-") as home:
        env = {**os.environ, "XINGLIN_HOME": home, "PYTHONPATH": str(ROOT), "XINGLIN_LOG_LEVEL": "ERROR"}
        env.pop("DATABASE_URL", None)
        done = subprocess.run(
            [sys.executable, "-m", "bench", "--child", name, "--scale", str(scale)],
            env=env, stdout=subprocess.PIPE, text=True, cwd=ROOT, check=False,
        )  # fmt: skip
    figures = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    if done.returncode:
        figures.append({"what": f"{name}: failed with exit status {done.returncode}", "unit": ""})
    return figures


def number(value: object) -> str:
    if not isinstance(value, int | float):
        return "–"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"


def table(name: str, figures: list[Figure]) -> str:
    head = f"### {name}\n\n| figure | Xinglin | baseline | × baseline | peak MB | goal |\n"
    head += "|---|--:|--:|--:|--:|---|\n"
    rows = []
    for f in figures:
        beside = f"{number(f.get('baseline'))} {f.get('baseline_is', '')}".strip()
        ratio = f.get("times_baseline")
        rows.append(
            f"| {f['what']} | {number(f.get('value'))} {f['unit']} | {beside} "
            f"| {f'{ratio:.2f}' if isinstance(ratio, float) else '–'} | {number(f.get('peak_mb'))} "
            f"| {f.get('goal') or '–'} |"
        )
    return head + "\n".join(rows) + "\n"


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}, Python {platform.python_version()}"
    )


def load() -> str:
    """Who else wants the cores: the load average of the last minute."""
    return f"{os.getloadavg()[0]:.1f}"


INTRO = """# Benchmarks

One run of `make bench` at scale {scale:g}, {day}, on {machine}. The load average was
{before} before and {after} after: where that is well above the one or two that the benchmark itself makes,
others took their share of the cores, and the ratios say more than the figures. Above 1 in “× baseline” is
slower than the baseline, which is measured in the same run. Figures for PostgreSQL need a server on this
machine (`tools/postgres.sh` looks for one; `DATABASE_URL` names another); without one a line says so.

    make bench                                                  # all of them at full size, and their table
    make bench BENCH="touches gate --scale 0.1"                 # some, at a tenth of the size
    make bench BENCH="--write"                                  # all, and this page

"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(NAMES)}; default: all")
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        import_module(f"bench.{args.child}").main(args.scale)
        return 0
    parts, before = [], load()
    for name in args.names or NAMES:
        figures = run(name, args.scale)
        parts.append(table(name, figures))
        print(parts[-1], flush=True)
    if args.write:
        text = INTRO.format(
            scale=args.scale, day=date.today().isoformat(), machine=machine(), before=before, after=load()
        )
        (ROOT / "docs" / "benchmarks.md").write_text(text + "\n".join(parts), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
