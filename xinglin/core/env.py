"""What the environment says: the data folder, the database, the secrets. No Django here."""

import json
import os
import secrets
from base64 import urlsafe_b64encode
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit


def home() -> Path:
    """The data folder: ``XINGLIN_HOME``, by default ``var/`` in the working folder; made when missing."""
    path = Path(os.environ.get("XINGLIN_HOME") or "var").expanduser().absolute()
    path.mkdir(parents=True, exist_ok=True)
    return path


def files_dir(*parts: str) -> Path:
    """A folder for files below the data folder; made when missing."""
    path = home().joinpath("files", *parts)
    path.mkdir(parents=True, exist_ok=True)
    return path


def flag(name: str, default: bool = False) -> bool:
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


@cache
def local_secrets(folder: Path) -> dict[str, str]:
    """Secrets of an embedded installation, made at the first start and readable by the owner alone.

    A server gives ``XINGLIN_SECRET_KEY``, ``XINGLIN_DATA_KEYS`` and ``XINGLIN_INDEX_KEY`` instead.
    """
    path = folder / "secrets.json"
    if not path.exists():
        made = {
            "secret_key": secrets.token_urlsafe(48),
            "data_keys": "1:" + urlsafe_b64encode(secrets.token_bytes(32)).decode(),
            "index_key": urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        }
        draft = path.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(made), encoding="utf-8")
        try:
            os.link(draft, path)  # the first of several starters wins; nobody overwrites
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    loaded: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return loaded


@cache
def secret(name: str) -> str:
    """A secret by its lower-case name, from ``XINGLIN_<NAME>`` or from the local file.

    Asked for every encrypted value, so it is looked up once; another key takes a new process.
    """
    return os.environ.get(f"XINGLIN_{name.upper()}") or local_secrets(home())[name]


def database() -> dict[str, object]:
    """Django's settings for one database: ``DATABASE_URL`` (PostgreSQL) or SQLite in the data folder.

    Raises ValueError for a scheme other than postgres, postgresql or sqlite.
    """
    url = os.environ.get("DATABASE_URL", "")
    parts = urlsplit(url)
    if not url or parts.scheme == "sqlite":
        path = parts.path if parts.path.strip("/") else str(home() / "xinglin.sqlite3")
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": path,
            "TEST": {"NAME": str(home() / "test.sqlite3")},  # a file, as threads of a test share it
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA page_size=8192;PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;"
                    "PRAGMA wal_autocheckpoint=8000;PRAGMA cache_size=-65536;"
                    "PRAGMA temp_store=MEMORY;PRAGMA mmap_size=67108864;"
                ),
            },
        }
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError(f"DATABASE_URL: unknown scheme {parts.scheme!r}; use postgres:// or leave it empty")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "options": "-c timezone=UTC -c jit=off -c default_transaction_isolation=read\\ committed"
        },
    }
