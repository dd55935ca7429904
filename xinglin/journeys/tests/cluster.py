"""A PostgreSQL server of a test's own, in a folder of its own, to be stopped and started at will."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cluster:
    """Where it lies, who runs it (nobody may be root there), and where it listens."""

    folder: Path
    programs: Path
    user: str
    port: int

    @property
    def url(self) -> str:
        return f"postgres://xinglin@127.0.0.1:{self.port}/postgres"

    def run(self, program: str, *words: str) -> None:
        is_root = os.geteuid() == 0
        subprocess.run(
            [str(self.programs / program), "-D", str(self.folder / "data"), *words],
            user=self.user if is_root else None,
            group=pwd.getpwnam(self.user).pw_gid if is_root else None,
            extra_groups=[] if is_root else None,
            cwd=self.folder,
            env={**os.environ, "HOME": str(self.folder)},
            check=True,
            timeout=120,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def control(self, what: str, *words: str) -> None:
        """``pg_ctl``: start, restart or stop; returns once it answers, or is down."""
        self.run("pg_ctl", "-w", "-t", "100", "-l", str(self.folder / "log"), *words, what)


def missing() -> str:
    """Why no server can be made here; empty when one can."""
    if programs() is None:
        return "initdb and pg_ctl are not here: install PostgreSQL's server programs"
    if os.geteuid() == 0 and server_user() is None:
        return "running as root, and there is no user postgres or nobody to run a server as"
    return ""


def programs() -> Path | None:
    """The folder with initdb and pg_ctl: on the path, or where distributions put them."""
    folders = [Path(part) for part in os.environ.get("PATH", "").split(os.pathsep) if part]
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    whole = ("initdb", "pg_ctl", "postgres")
    return next((one for one in folders if all(os.access(one / name, os.X_OK) for name in whole)), None)


def server_user() -> str | None:
    names = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in ("postgres", "nobody") if name in names), None)


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A running server with an empty database; gone without a trace afterwards."""
    found, user = programs(), server_user() if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    assert found is not None
    assert user is not None
    folder = Path(tempfile.mkdtemp(prefix="xl-pg-"))  # short: a socket's path is
    shutil.chown(folder, user)
    one = Cluster(folder=folder, programs=found, user=user, port=_free_port())
    try:
        one.run("initdb", "-U", "xinglin", "-A", "trust", "-E", "UTF8", "--no-locale")
        options = f"-p {one.port} -k {folder} -c listen_addresses=127.0.0.1 -c shared_buffers=32MB"
        one.control("start", "-o", options)
        try:
            yield one
        finally:
            one.control("stop", "-m", "immediate")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port
