import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from types import FrameType
from urllib.error import URLError
from urllib.request import urlopen

import click

from xinglin.config.commands.prepare import is_prepared
from xinglin.core import env

PORT = int(os.environ.get("PORT") or 8000)


def _web_command(host: str, port: int, processes: int) -> list[str]:
    return [
        sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port),
        "--workers", str(processes), "--blocking-threads", "4", "--backpressure", "128", "--no-ws",
        "--log-level", "warning", "--respawn-failed-workers", "xinglin.config.wsgi:application",
    ]  # fmt: skip


def _xinglin(*words: str) -> list[str]:
    return [sys.executable, "-m", "xinglin.config.cli", *words]


@click.command()
@click.option("--host", default="0.0.0.0", show_default=True)  # noqa: S104 (a server's own choice)
@click.option("--port", type=int, default=PORT, show_default=True, help="also PORT in the environment")
@click.option("--processes", type=int, default=2, show_default=True)
def web(host: str, port: int, processes: int) -> None:
    """Serve the pages and the API (behind a reverse proxy on a server)."""
    command = _web_command(host, port, processes)
    os.execv(command[0], command)  # noqa: S606


@click.command()
@click.option("--queue", "queues", multiple=True, help="only these queues; default: all")
def worker(queues: tuple[str, ...]) -> None:
    """Run background work until stopped; start as many as the machines carry."""
    from xinglin.core.jobs.worker import WorkerLoop

    WorkerLoop(queues=list(queues) or None).run()


class Supervisor:
    """Web and workers as children of one console; a child that dies is started again."""

    def __init__(self, commands: dict[str, list[str]]) -> None:
        self.commands = commands
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.stopping = False

    def start(self, name: str) -> None:
        self.children[name] = subprocess.Popen(self.commands[name], start_new_session=True)

    def stop(self, signum: int = 0, frame: FrameType | None = None) -> None:
        self.stopping = True

    def run(self, when_up: Callable[[], None], address: str) -> int:
        """Until interrupted; returns the exit status. ``when_up`` is called once the web answers."""
        signal.signal(signal.SIGINT, self.stop)
        signal.signal(signal.SIGTERM, self.stop)
        self.start("web")  # the page first, background work a moment later
        told, deaths = False, 0
        while not self.stopping:
            if not told and _answers(address):
                told = True
                when_up()
                for name in self.commands.keys() - {"web"}:
                    self.start(name)
            for name, child in list(self.children.items()):
                if child.poll() is not None and not self.stopping:
                    deaths += 1
                    if not told and deaths > 3:
                        click.echo(f"{name} does not start (exit status {child.returncode})", err=True)
                        self.stopping = True
                        break
                    click.echo(f"{name} ended (exit status {child.returncode}); starting it again", err=True)
                    time.sleep(1)
                    self.start(name)
            time.sleep(0.1 if not told else 0.5)
        self.shut_down()
        return 0 if told else 1

    def shut_down(self) -> None:
        for child in self.children.values():
            if child.poll() is None:
                child.terminate()
        deadline = time.monotonic() + 20
        for child in self.children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)


def _answers(address: str) -> bool:
    try:
        with urlopen(f"{address}/healthz", timeout=1) as answer:  # noqa: S310 (our own address)
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False


@click.command()
@click.option("--demo", is_flag=True, help="fill an empty installation with the demo hospital")
@click.option("--people", type=int, default=20_000, show_default=True, help="size of the demo hospital")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=int, default=PORT, show_default=True, help="also PORT in the environment")
@click.option("--workers", type=int, default=1, show_default=True)
def run(demo: bool, people: int, host: str, port: int, workers: int) -> None:
    """Web and workers in one console: the embedded installation."""
    started = time.monotonic()
    note = env.home() / "accounts.txt"  # there once a demo was made, empty after it was removed
    # A child does what needs Django, so that a start that needs nothing costs nothing.
    if not is_prepared() or (demo and not note.exists()):
        fresh = ["--demo", "--people", str(people)] if demo else []
        done = subprocess.run([*_xinglin("make-ready"), *fresh], check=False)
        if done.returncode:
            sys.exit(done.returncode)
    address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104
    commands = {"web": _web_command(host, port, 2)}
    for number in range(workers):
        commands[f"worker {number + 1}"] = _xinglin("worker")

    def say() -> None:
        click.echo(f"\nXinglin 杏林 is ready after {time.monotonic() - started:.1f} s:  {address}/")
        click.echo(f"data in {env.home()}; stop with Ctrl-C")
        if (secret := env.home() / "setup-token").exists():
            click.echo(f"\nFirst setup, once, in the browser:  {address}/setup/?token={secret.read_text()}")
        if note.exists():
            click.echo("\n" + note.read_text(encoding="utf-8"))

    sys.exit(Supervisor(commands).run(say, address))


@click.command("make-ready", hidden=True)
@click.option("--demo", is_flag=True)
@click.option("--people", type=int, default=20_000)
def make_ready(demo: bool, people: int) -> None:
    """Bring an installation up to date, with the demo hospital if it is empty."""
    from xinglin.config.commands.prepare import prepare_home
    from xinglin.config.demo import installation_is_empty, make_demo
    from xinglin.config.setup import token

    prepare_home()
    if demo and installation_is_empty() and not (env.home() / "accounts.txt").exists():
        click.echo(f"Making the demo hospital ({people:,} people) …")
        make_demo(people=people, seed=1)
    if installation_is_empty():
        token.issue()
