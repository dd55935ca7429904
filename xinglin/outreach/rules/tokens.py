"""Tokens in links: which message, which link, and a tag that nobody else can make. Nothing is stored."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from xinglin.core.crypto import blind_index

TAG = 8  # bytes; a guess succeeds once in 2^64
UNSUBSCRIBE, OPEN = 0, 1
FIRST_LINK = 2  # smaller numbers are not rows of TrackedLink


@dataclass(frozen=True, slots=True)
class Token:
    """A message and one of its links; ``link`` 0 refuses further messages, 1 is the reading mark."""

    message_id: int
    link: int


def _varint(number: int) -> bytes:
    out = bytearray()
    while True:
        out.append(number & 0x7F | (0x80 if number > 0x7F else 0))
        number >>= 7
        if not number:
            return bytes(out)


def make_token(*, message_id: int, link: int) -> str:
    """About 19 characters of ``A-Za-z0-9_-``; the same every time."""
    body = _varint(message_id) + _varint(link)
    return urlsafe_b64encode(body + _tag(body)).rstrip(b"=").decode()


def read_token(text: str) -> Token | None:
    """The token's meaning; None when it was not made here."""
    if not 12 <= len(text) <= 40 or not text.isascii():
        return None
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    body, tag = data[:-TAG], data[-TAG:]
    numbers = _numbers(body)
    if len(numbers) != 2 or not _same(tag, _tag(body)):
        return None
    return Token(message_id=numbers[0], link=numbers[1])


def _tag(body: bytes) -> bytes:
    return blind_index(body.hex(), "outreach.token")[:TAG]


def _same(left: bytes, right: bytes) -> bool:
    from hmac import compare_digest

    return compare_digest(left, right)


def _numbers(data: bytes) -> list[int]:
    numbers, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            numbers.append(value)
            value, shift = 0, 0
    return numbers if shift == 0 else []


def message_key(message_id: int) -> str:
    """What a provider knows the message by; the same at every attempt, different in every installation."""
    return f"m{message_id}.{blind_index(str(message_id), 'outreach.message')[:8].hex()}"
