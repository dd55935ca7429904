"""The few things that a callback can say, in one form for all providers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal


class Forged(Exception):
    """The signature is missing, wrong, or too old."""


class Malformed(Exception):
    """Signed, but not what this provider sends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A message arrived, or came to nothing. It is named by our key, by the provider's id, or by both the
    part it left in and the address.
    """

    at: datetime
    is_delivered: bool
    key: str = ""
    provider_id: str = ""
    part: str = ""
    address: str = ""
    error: str = ""
    is_bad_address: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A person wrote to us; ``event`` is "leave" when the person unfollowed instead, "join" the contrary."""

    at: datetime
    address: str
    text: str = ""
    event: Literal["", "leave", "join"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A person agreed to (or refused) messages of a mini-program template."""

    at: datetime
    address: str
    code: str
    status: Literal["accept", "reject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Everything one callback said, and the text to answer with (a handshake's echo)."""

    deliveries: tuple[Delivery, ...] = ()
    words: tuple[Word, ...] = ()
    grants: tuple[Grant, ...] = ()
    echo: str = ""
    ids: tuple[str, ...] = field(default=())
