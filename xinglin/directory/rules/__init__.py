"""Roles as data, and the arithmetic of a hospital's own layer over them."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

ROLES_FILE = Path(__file__).with_name("roles.yaml")
SCOPES = ("own", "team", "territory", "department", "all")


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleRule:
    """One shipped role."""

    code: str
    name: str
    name_en: str
    purpose: str
    purpose_en: str
    scope: str
    is_portal: bool
    permissions: tuple[str, ...]
    digest: str


@cache
def shipped_roles() -> tuple[RoleRule, ...]:
    """The roles of ``roles.yaml``, in the order of the file; ValueError when the file is wrong."""
    return parse_roles(yaml.safe_load(ROLES_FILE.read_text(encoding="utf-8")))


def parse_roles(document: Mapping[str, Mapping[str, object]]) -> tuple[RoleRule, ...]:
    """Roles from a parsed file; ValueError names the role whose entry is wrong."""
    return tuple(_parse_role(code, entry) for code, entry in document.items())


def _parse_role(code: str, entry: Mapping[str, object]) -> RoleRule:
    unknown = set(entry) - {"name", "name_en", "purpose", "purpose_en", "scope", "portal", "permissions"}
    codes = entry.get("permissions") or []
    if unknown:
        raise ValueError(f"{code}: unknown keys {sorted(unknown)}")
    if entry.get("scope") not in SCOPES:
        raise ValueError(f"{code}: scope must be one of {SCOPES}")
    if not isinstance(codes, list) or codes != sorted(set(codes)):
        raise ValueError(f"{code}: permissions must be a sorted list without repeats")
    digest = hashlib.sha256(json.dumps(entry, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]
    return RoleRule(
        code=code,
        name=str(entry["name"]),
        name_en=str(entry["name_en"]),
        purpose=str(entry.get("purpose", "")),
        purpose_en=str(entry.get("purpose_en", "")),
        scope=str(entry["scope"]),
        is_portal=bool(entry.get("portal", False)),
        permissions=tuple(codes),
        digest=digest,
    )


def effective_codes(
    shipped: Iterable[str], *, granted: Iterable[str] = (), revoked: Iterable[str] = ()
) -> frozenset[str]:
    """Shipped codes, plus what the hospital adds, less what it takes away."""
    return (frozenset(shipped) | frozenset(granted)) - frozenset(revoked)


def difference(shipped: Iterable[str], wanted: Iterable[str]) -> tuple[list[str], list[str]]:
    """The layer (granted, revoked) that turns ``shipped`` into ``wanted``; both sorted."""
    have, want = set(shipped), set(wanted)
    return sorted(want - have), sorted(have - want)
