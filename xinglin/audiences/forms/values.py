"""Between what people type and what the question holds."""

import re
from collections.abc import Mapping
from typing import Any

from xinglin.core.money import parse_fen

SPLIT = re.compile(r"[、,，;；\n]+")
Fields = Mapping[str, list[str]]


def one(fields: Fields, name: str, default: str = "") -> str:
    values = fields.get(name) or [default]
    return values[0].strip()


def number(text: str) -> Any:
    """An int; what is no number stays text, so that the check can say so beside the field."""
    text = text.strip()
    return int(text) if re.fullmatch(r"[+-]?\d{1,15}", text) else (text or None)


def decimal(text: str) -> Any:
    """A float; nothing for nothing, and what is no number stays text."""
    text = text.strip()
    return float(text) if re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,9})?", text) else (text or None)


def decimal_text(value: Any) -> str:
    """How a number stands in its field: "500", "0.6"."""
    return f"{value:.10g}" if isinstance(value, int | float) else str(value or "")


def fen(text: str) -> Any:
    """Fen from yuan; what is no amount stays text."""
    try:
        return parse_fen(text)
    except ValueError:
        return text.strip() or None


def yuan_text(value: Any) -> str:
    """How an amount stands in its field: "2000" or "2000.50"."""
    if not isinstance(value, int) or isinstance(value, bool):
        return "" if value is None else str(value)
    return str(value // 100) if value % 100 == 0 else f"{value / 100:.2f}"


def split(text: str) -> list[str]:
    return [part.strip() for part in SPLIT.split(text) if part.strip()]


def typed(text: str, types: tuple[type, ...]) -> Any:
    """A `where` value by the declared type: "a、b" is either, "3..9" a range."""
    text = text.strip()
    if bool in types and text in ("true", "false"):
        return text == "true"
    if int in types or float in types:
        if match := re.fullmatch(r"(-?\d*)\s*\.\.\s*(-?\d*)", text):
            limits = {"gte": match[1], "lte": match[2]}
            return {name: int(limit) for name, limit in limits.items() if limit}
        if re.fullmatch(r"-?\d{1,15}", text):
            return int(text)
    if str in types:
        parts = split(text)
        return parts if len(parts) > 1 else text
    return text


def shown(value: Any) -> str:
    """A `where` value as it stands in its field."""
    if isinstance(value, dict):
        return f"{value.get('gte', '')}..{value.get('lte', '')}"
    if isinstance(value, list):
        return "、".join(str(part) for part in value)
    return str(value).lower() if isinstance(value, bool) else str(value)
