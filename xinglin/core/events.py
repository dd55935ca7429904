"""Events: published in the transaction that caused them, handed to receivers after it, at least once."""

from collections.abc import Callable
from dataclasses import asdict, fields, is_dataclass
from datetime import date, datetime
from typing import Any, Protocol, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from xinglin.core.jobs.queue import enqueue
from xinglin.core.models import DomainEvent


class Receiver(Protocol):
    __name__: str

    def __call__(self, event: Any, *, now: datetime) -> None: ...


F = TypeVar("F", bound=Receiver)
_receivers: dict[str, dict[str, Receiver]] = {}
_types: dict[str, type] = {}


def name_of(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def receives(kind: type) -> Callable[[F], F]:
    """Register a receiver; it may be called twice for one event and must not mind."""

    def register(receiver: F) -> F:
        _types[name_of(kind)] = kind
        key = f"{receiver.__module__}.{receiver.__name__}"
        _receivers.setdefault(name_of(kind), {})[key] = receiver
        return receiver

    return register


def publish(event: object) -> None:
    """Store a frozen dataclass of plain values for its receivers; nothing happens if nobody listens."""
    assert is_dataclass(event)
    assert not isinstance(event, type)
    name = name_of(type(event))
    listeners = _receivers.get(name)
    if not listeners:
        return
    DomainEvent.objects.create(
        name=name, payload={k: _plain(v) for k, v in asdict(event).items()}, pending=sorted(listeners)
    )
    enqueue("core.deliver_events", {}, dedupe_key="core.deliver_events", priority=50)


def deliver_pending(*, limit: int = 500) -> int:
    """Hand out up to ``limit`` events in order; each receiver in its own transaction. Returns how many."""
    rows = list(DomainEvent.objects.order_by("id")[:limit])
    for row in rows:
        _deliver(row)
    return len(rows)


def _deliver(row: DomainEvent) -> None:
    kind, listeners = _types.get(row.name), _receivers.get(row.name, {})
    for key in list(row.pending):
        with transaction.atomic():
            if kind is not None and key in listeners:
                listeners[key](_revive(kind, row.payload), now=timezone.now())
            row.pending = [other for other in row.pending if other != key]
            row.save(update_fields=["pending"])
    row.delete()


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else str(value) if isinstance(value, UUID) else value


def _revive(kind: type, payload: dict[str, Any]) -> object:
    """Dates and UUIDs come back as such by the annotation's name."""
    revive: dict[str, Callable[[str], object]] = {
        "datetime": datetime.fromisoformat,
        "date": date.fromisoformat,
        "UUID": UUID,
    }
    values = {}
    for part in fields(kind):
        value = payload.get(part.name)
        name = part.type if isinstance(part.type, str) else getattr(part.type, "__name__", str(part.type))
        wanted = name.replace("| None", "").strip()
        values[part.name] = revive[wanted](value) if isinstance(value, str) and wanted in revive else value
    return kind(**values)
