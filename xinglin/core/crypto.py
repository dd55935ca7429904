"""Encryption of single values and blind indexes.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce; the stored form is
``0x01 | key id (1 byte) | nonce (12) | ciphertext and tag``, bound to its column as associated data.
A blind index is HMAC-SHA256 under another key, cut to 16 bytes and separated by domain.
"""

import hmac
import os
from base64 import urlsafe_b64decode
from collections.abc import Iterable
from functools import cache
from hashlib import sha256

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from xinglin.core import env

VERSION = 1


@cache
def _ring(text: str) -> dict[int, AESGCM]:
    """Keys by id, the newest last: ``1:<base64>,2:<base64>``."""
    pairs = (part.split(":", 1) for part in text.split(",") if part.strip())
    return {int(key_id): AESGCM(urlsafe_b64decode(key)) for key_id, key in pairs}


@cache
def _index_mac(text: str, domain: str) -> HMAC:
    """An HMAC with the domain's key taken in: copying it is several times faster than starting anew."""
    return HMAC(hmac.digest(urlsafe_b64decode(text), domain.encode(), sha256), SHA256())


def encrypt(text: str, context: str) -> bytes:
    """Encrypt one value for the column named ``context`` (``table.column``)."""
    return encrypt_many([text], context)[0]


def decrypt(data: bytes | memoryview, context: str) -> str:
    """The text of one stored value; ValueError for an unknown form or key, InvalidTag if tampered with."""
    return decrypt_many([data], context)[0]


def encrypt_many(texts: Iterable[str], context: str) -> list[bytes]:
    ring = _ring(env.secret("data_keys"))
    key_id, cipher = max(ring), ring[max(ring)]
    head, bound = bytes((VERSION, key_id)), context.encode()

    values = list(texts)
    noise = os.urandom(12 * len(values))
    nonces = [noise[start : start + 12] for start in range(0, len(noise), 12)]
    return [
        head + nonce + cipher.encrypt(nonce, text.encode(), bound)
        for nonce, text in zip(nonces, values, strict=True)
    ]


def decrypt_many(values: Iterable[bytes | memoryview], context: str) -> list[str]:
    ring, bound = _ring(env.secret("data_keys")), context.encode()

    def one(value: bytes | memoryview) -> str:
        data = bytes(value)
        if len(data) < 30 or data[0] != VERSION or data[1] not in ring:
            raise ValueError("not an encrypted value of this installation")
        return ring[data[1]].decrypt(data[2:14], data[14:], bound).decode()

    return [one(value) for value in values]


def key_id_of(data: bytes | memoryview) -> int:
    return bytes(data[:2])[1]


def blind_index(value: str, domain: str) -> bytes:
    """16 bytes that find equal values without telling them; ``domain`` keeps columns apart."""
    mac = _index_mac(env.secret("index_key"), domain).copy()
    mac.update(value.encode())
    return mac.finalize()[:16]


def key_ids() -> list[int]:
    """The ids of the keys at hand; the largest is the one new values are encrypted with."""
    return sorted(_ring(env.secret("data_keys")))
