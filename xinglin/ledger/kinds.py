"""The kinds of touch: each module declares its own in ``touches.py``, with typed properties."""

import json
import types
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from math import isfinite
from operator import attrgetter
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from xinglin.core.errors import DomainError

P = TypeVar("P", bound=type)
_text = json.encoder.encode_basestring
_SCALARS: dict[type, Callable[[Any], str]] = {
    str: _text,
    int: int.__repr__,
    float: lambda value: _finite(value),
    bool: lambda value: "true" if value else "false",
    type(None): lambda value: "null",
    list: lambda value: _words(value),
}


def _finite(value: float) -> str:
    if not isfinite(value):
        raise WrongTouch(f"{value} is not a number")
    return float.__repr__(value)


def _words(value: list[Any]) -> str:
    if not all(type(part) is str for part in value):
        raise WrongTouch(f"{value!r} is not a list of strings")
    return f"[{','.join(map(_text, value))}]"


# What names a person directly has no place in a touch: the ledger is mirrored to the lake.
_FORBIDDEN = frozenset({"phone", "mobile", "id_number", "id_card", "email", "address", "patient_name"})


class UndeclaredTouch(DomainError):
    """Somebody recorded a kind of touch that no module declares."""

    code, status = "undeclared-touch", 422


class WrongTouch(DomainError):
    """A property of a touch is missing, unknown or of another type than declared."""

    code, status = "wrong-touch", 422


@dataclass(frozen=True, slots=True)
class Kind:
    """One declared kind; ``private`` properties stay out of the lake.

    A person reads ``label``, then the properties of ``title``, and those of ``tells`` below it; ``tone``
    colours its mark (ok, bad, acc, pri).
    """

    code: str
    label: Any
    icon: str
    props: type
    hints: dict[str, Any]
    private: frozenset[str]
    read: Callable[[Any], Any]
    template: str
    title: tuple[str, ...] = ()
    tells: tuple[str, ...] = ()
    tone: str = ""

    def encode(self, props: object) -> str:
        """The properties as JSON; WrongTouch for a value of another type than declared."""
        return self.encode_all((props,))[0]

    def encode_all(self, props: Sequence[object]) -> list[str]:
        """The same of many objects of this kind: checked and encoded property by property, not one by one."""
        columns = zip(*map(self.read, props), strict=True) if self.hints else ()
        encoded = [
            self._encode_column(name, hint, column)
            for (name, hint), column in zip(self.hints.items(), columns, strict=True)
        ]
        return (
            list(map(self.template.__mod__, zip(*encoded, strict=True))) if encoded else ["{}"] * len(props)
        )

    def _encode_column(self, name: str, hint: Any, column: tuple[Any, ...]) -> Iterable[Any]:
        found = set(map(type, column))
        for part in found:
            if not _fits(part, hint):
                raise WrongTouch(f"{self.code}: {name} is {part.__name__}, not {hint}")
        if len(found) == 1:
            (only,) = found
            return column if only is int else map(_SCALARS[only], column)
        return [_SCALARS[type(value)](value) for value in column]

    def parse(self, raw: dict[str, Any]) -> Any:
        """Build the properties from outside data; WrongTouch names what is missing or unknown."""
        unknown = set(raw) - set(self.hints)
        if unknown:
            raise WrongTouch(f"{self.code}: unknown {', '.join(sorted(unknown))}")
        try:
            props = self.props(**raw)
        except TypeError as error:
            raise WrongTouch(f"{self.code}: {error}") from error
        self.encode(props)
        return props


_by_code: dict[str, Kind] = {}
_by_props: dict[type, Kind] = {}


def touch_kind(
    code: str,
    *,
    label: Any,
    icon: str = "point",
    private: Iterable[str] = (),
    title: tuple[str, ...] = (),
    tells: tuple[str, ...] = (),
    tone: str = "",
) -> Callable[[P], P]:
    """Declare a kind, ``noun.verb`` in the past tense, on a frozen dataclass of plain typed fields.

    Plain are str, int, float, bool, list[str] and their ``| None``. Dates go in as ISO text.
    ``title`` and ``tells`` name the properties that people read (see ``ledger.wording``).
    ValueError for a second declaration, a type that is not plain, or a field that names a person.
    """

    def register(props: P) -> P:
        assert is_dataclass(props)
        known = _by_code.get(code)
        if known is not None and known.props.__module__ != props.__module__:
            raise ValueError(f"{code} is declared twice")
        hints = {part.name: get_type_hints(props)[part.name] for part in fields(props)}
        wrong = [name for name, hint in hints.items() if not _is_plain(hint)]
        named = _FORBIDDEN & set(hints)
        if wrong or named:
            raise ValueError(f"{code}: {wrong or sorted(named)} cannot be a property of a touch")
        if missing := {*title, *tells} - set(hints):
            raise ValueError(f"{code}: no property {sorted(missing)} to tell")
        names = tuple(hints)
        read: Callable[[Any], Any] = attrgetter(*names) if len(names) > 1 else _read_few(names)
        template = "{" + ",".join(_text(name).replace("%", "%%") + ":%s" for name in names) + "}"
        kind = Kind(code, label, icon, props, hints, frozenset(private), read, template, title, tells, tone)
        _by_code[code] = _by_props[props] = kind
        return props

    return register


def _read_few(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    return lambda props: tuple(getattr(props, name) for name in names)


def _options(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in {Union, types.UnionType} else (hint,)


def _is_plain(hint: Any) -> bool:
    return all(option in _SCALARS or option == list[str] for option in _options(hint)) and hint is not list


def _fits(kind: type, hint: Any) -> bool:
    for option in _options(hint):
        if option == list[str] and kind is list:
            return True
        if kind is option or (option is float and kind is int):
            return True
    return False


def kind_of(props: object) -> Kind:
    """The kind that a properties object belongs to; UndeclaredTouch otherwise."""
    try:
        return _by_props[type(props)]
    except KeyError:
        raise UndeclaredTouch(f"{type(props).__name__} is not a declared kind of touch") from None


def get_kind(code: str) -> Kind:
    try:
        return _by_code[code]
    except KeyError:
        raise UndeclaredTouch(f"{code} is not a declared kind of touch") from None


def find_kind(code: str) -> Kind | None:
    return _by_code.get(code)


def all_kinds() -> list[Kind]:
    """Every declared kind, by code."""
    return [_by_code[code] for code in sorted(_by_code)]


def private_props() -> dict[str, frozenset[str]]:
    """Kinds with properties that must not reach the lake."""
    return {kind.code: kind.private for kind in all_kinds() if kind.private}
