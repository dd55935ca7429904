"""What every adapter offers. An adapter knows one provider's protocol and nothing of the outbox."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Status(StrEnum):
    """How handing one message over ended."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"  # for good
    LATER = "later"  # the provider asks to come again
    UNKNOWN = "unknown"  # it left us, and no answer came back
    UNTRIED = "untried"  # it never left us
    WAITING = "waiting"  # taken, and a colleague has to release it


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message as the provider gets it; ``key`` is the same at every attempt.

    Providers that send by template get ``template_code`` and ``params``, name to value in the template's
    order; ``part`` names the messages that left together, so that a receipt finds them again.
    """

    key: str
    channel: str
    address: str
    text: str
    subject: str = ""
    html: str = ""
    unsubscribe_url: str = ""
    organization_id: int = 0
    patient_id: int | None = None
    message_id: int = 0
    purpose: str = "service"
    part: str = ""
    url: str = ""
    template_code: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A message that may have left: who got it, and between when and when it was handed over."""

    key: str
    address: str
    since: datetime
    until: datetime
    part: str = ""
    template_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A message that the provider has on record: arrived, come to nothing, or under way (None)."""

    is_delivered: bool | None = None
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The provider's answer; ``is_bad_address`` when the address itself is at fault.

    ``is_delivered`` where taking the message over is delivering it; others send receipts later.
    ``text`` is what a colleague is asked to release (WAITING).
    """

    key: str
    status: Status
    is_delivered: bool = False
    provider_id: str = ""
    error: str = ""
    is_bad_address: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account at a provider, as the hospital has set it up."""

    kind: str
    id: int | None = None
    settings: Mapping[str, object] = field(default_factory=dict)
    secret: str = ""
    sender_name: str = ""


class Unavailable(Exception):
    """The provider cannot be reached or refuses our account; no message has left us."""


class Adapter(Protocol):
    """``is_remote`` adapters use nothing of the calling thread and may be run beside it.

    ``part`` is how many messages they like to get at once. ``tracks``: its receipts name the provider's id
    (or our part), so those are written down.
    """

    name: str
    is_remote: bool
    part: int
    tracks: bool

    def send(self, batch: Sequence[Outgoing], *, deadline: float) -> list[Outcome]:
        """Hand the messages over, one outcome each. Nothing leaves after ``deadline`` (time.monotonic()).

        Raises Unavailable before the first message has left.
        """

    def query(self, asked: Iterable[Asked]) -> Mapping[str, bool | Found] | None:
        """Whether the provider took each message: Found or True, False, or missing where it cannot tell.

        None when this provider cannot be asked at all.
        """

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Token:
    """A pass that a provider hands out for a while; ``lasts`` in seconds."""

    value: str
    lasts: int


@runtime_checkable
class NeedsToken(Protocol):
    """An adapter whose calls carry a pass that all processes share.

    The dispatcher puts it in ``token`` before every part; an adapter whose pass was turned down leaves it
    in ``refused`` and the messages untried.
    """

    token: str
    refused: str

    def fetch_token(self, *, fresh: bool) -> Token:
        """A pass from the provider; ``fresh`` because the last one was turned down. Raises Unavailable."""
