"""The one-time token of the first setup: a file that only the installation's owner reads."""

import secrets
from pathlib import Path

from xinglin.core import env


def _file() -> Path:
    return env.home() / "setup-token"


def issue() -> str:
    """The token, made if there is none; readable by the owner alone."""
    known = current()
    if known:
        return known
    token = secrets.token_urlsafe(18)
    path = _file()
    path.touch(mode=0o600)
    path.write_text(token)
    return token


def current() -> str:
    return _file().read_text().strip() if _file().exists() else ""


def is_right(text: str) -> bool:
    """Compared in constant time; nothing is right while there is no token."""
    known = current()
    return bool(known) and secrets.compare_digest(text.strip().encode(), known.encode())


def spend() -> None:
    _file().unlink(missing_ok=True)
