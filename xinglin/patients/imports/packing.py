"""Changes and refusals of a chunk as one compressed text (stored encrypted), and back."""

import json
import zlib
from base64 import b64decode, b64encode
from datetime import date, datetime
from typing import Any
from uuid import UUID

from xinglin.patients.imports.chunk import Change


def _encode(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"$t": value.isoformat()}
    if isinstance(value, date):
        return {"$d": value.isoformat()}
    if isinstance(value, bytes | memoryview):
        return {"$b": b64encode(bytes(value)).decode()}
    if isinstance(value, UUID):
        return {"$u": value.hex}
    raise TypeError(f"{type(value).__name__} cannot be kept for undoing")


def _decode(value: dict[str, Any]) -> Any:
    if len(value) == 1:
        match value:
            case {"$t": text}:
                return datetime.fromisoformat(text)
            case {"$d": text}:
                return date.fromisoformat(text)
            case {"$b": text}:
                return b64decode(text)
            case {"$u": text}:
                return UUID(text)
    return value


def pack(value: Any) -> str:
    data = json.dumps(value, default=_encode, ensure_ascii=False, separators=(",", ":")).encode()
    return b64encode(zlib.compress(data, 3)).decode()


def unpack(text: str | None) -> Any:
    return json.loads(zlib.decompress(b64decode(text)), object_hook=_decode) if text else []


def pack_changes(changes: list[Change]) -> str:
    """Changes in order; made rows of one model in one entry, because most are made."""
    models = list(dict.fromkeys(change.model for change in changes))
    number = {name: index for index, name in enumerate(models)}
    rows = [
        [number[c.model], c.pk, list(c.touches)]
        if c.before is None
        else [number[c.model], c.pk, list(c.touches), dict(c.before), dict(c.after or {})]
        for c in changes
    ]
    return pack({"models": models, "rows": rows})


def unpack_changes(text: str | None) -> list[Change]:
    data = unpack(text)
    if not data:
        return []
    found = []
    for model, pk, touches, *images in data["rows"]:
        before, after = images if images else (None, None)
        found.append(Change(data["models"][model], pk, before, after, tuple(touches)))
    return found
