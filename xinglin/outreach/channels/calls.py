"""What adapters over HTTP share: one client an account, JSON in and out, exchanges as outcomes."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any, TypeVar

from xinglin.core.outbound import Answer, Client, NoAnswer, NotAllowed, NotSent
from xinglin.outreach.channels.base import Account, Outcome, Outgoing, Status, Unavailable

T = TypeVar("T")


class HttpAdapter:
    """An adapter's connection to its provider; ``endpoint`` in the settings overrides the usual address.

    Settings: ``endpoint``, ``timeout`` in seconds, ``workers`` (calls at the same time).
    """

    usual_endpoint = ""
    workers = 1
    is_remote = True
    tracks = True
    part = 50

    def __init__(self, account: Account) -> None:
        self.account = account
        self._client: Client | None = None
        self._pool: ThreadPoolExecutor | None = None

    def text(self, name: str, default: str = "") -> str:
        return str(self.account.settings.get(name) or default)

    @property
    def client(self) -> Client:
        if self._client is None:
            try:
                self._client = Client(
                    self.text("endpoint", self.usual_endpoint), timeout=float(self.text("timeout", "10"))
                )
            except NotAllowed as error:
                raise Unavailable(str(error)) from error
        return self._client

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """NotAllowed becomes NotSent: nothing has left."""
        try:
            return self.client.post(path, body, headers)
        except NotAllowed as error:
            raise NotSent(str(error)) from error

    def post_json(self, path: str, data: object, headers: Mapping[str, str] | None = None) -> Answer:
        body = json.dumps(data, ensure_ascii=False).encode()
        return self.post(path, body, {"Content-Type": "application/json; charset=utf-8", **(headers or {})})

    def one_by_one(
        self, batch: Sequence[T], call: Callable[[T], list[Outcome]], *, deadline: float,
        untried: Callable[[T], list[Outcome]],
    ) -> list[Outcome]:  # fmt: skip
        """``call`` for each, several at a time; Unavailable when the very first cannot reach anybody.

        Once one call could not leave, the rest stay untried.
        """
        stopped = False

        def one(item: T) -> list[Outcome]:
            nonlocal stopped
            if stopped or monotonic() >= deadline:
                return untried(item)
            try:
                return call(item)
            except NotSent as error:
                stopped = True
                return [_with_error(outcome, str(error)) for outcome in untried(item)]

        workers = min(int(self.text("workers", str(self.workers))), len(batch))
        if workers > 1:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(
                    int(self.text("workers", str(self.workers))), thread_name_prefix=f"channel-{self.name}"
                )
            found = list(self._pool.map(one, batch))
        else:
            found = [one(item) for item in batch]
        outcomes = [outcome for some in found for outcome in some]
        if outcomes and all(o.status is Status.UNTRIED for o in outcomes):
            error = next((o.error for o in outcomes if o.error), "")
            if error:
                raise Unavailable(error)
        return outcomes

    name = "http"

    def close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
        if self._client is not None:
            self._client.close()
            self._client = None


def _with_error(outcome: Outcome, error: str) -> Outcome:
    return Outcome(key=outcome.key, status=outcome.status, error=error[:200])


def all_of(
    batch: Iterable[Outgoing], status: Status, *, error: str = "", provider_id: str = "", **more: Any
) -> list[Outcome]:
    """The same outcome for every message."""
    return [
        Outcome(key=one.key, status=status, error=error[:200], provider_id=provider_id[:120], **more)
        for one in batch
    ]


def untried(batch: Iterable[Outgoing]) -> list[Outcome]:
    return all_of(batch, Status.UNTRIED)


def unknown(batch: Iterable[Outgoing], error: Exception | str) -> list[Outcome]:
    return all_of(batch, Status.UNKNOWN, error=str(error))


def read_json(answer: Answer) -> dict[str, Any] | None:
    """The JSON object of an answer; None when it is none."""
    try:
        found = json.loads(answer.body)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def by_status(answer: Answer, batch: Sequence[Outgoing]) -> list[Outcome] | None:
    """What a bare HTTP status says: 429 and 503 ask to come again, another 5xx leaves it open.

    None where the body has to be read. A 500 may come after the message was taken, so nobody may send again.
    """
    if answer.status in (429, 503):
        return all_of(batch, Status.LATER, error=f"HTTP {answer.status}")
    if answer.status >= 500:
        return all_of(batch, Status.UNKNOWN, error=f"HTTP {answer.status}")
    return None


__all__ = ["HttpAdapter", "NoAnswer", "NotSent", "all_of", "by_status", "read_json", "unknown", "untried"]
