"""The envelope of WeChat and WeCom callbacks: SHA-1 over sorted parts, AES-256-CBC with a length in front.

Source: developers.weixin.qq.com, 消息加解密说明; developer.work.weixin.qq.com, 加解密方案说明.
"""

import struct
from base64 import b64decode, b64encode
from hashlib import sha1
from hmac import compare_digest

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from xinglin.outreach.receipts.told import Forged

BLOCK = 32


def signature(*parts: str) -> str:
    """Hex SHA-1 of the sorted parts (token, timestamp, nonce and, when encrypted, the ciphertext)."""
    return sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def check(given: str, *parts: str) -> None:
    """Raises Forged unless ``given`` is the signature of the parts."""
    if not compare_digest(signature(*parts).encode(), given.encode()):
        raise Forged("signature")


def _key(encoding_aes_key: str) -> bytes:
    try:
        key = b64decode(f"{encoding_aes_key}=")
    except ValueError as error:
        raise Forged("the EncodingAESKey in the settings") from error
    if len(key) != 32:
        raise Forged("the EncodingAESKey in the settings")
    return key


def decrypt(encrypted: str, *, encoding_aes_key: str, receive_id: str) -> str:
    """The text inside. Raises Forged when it was not made with our key or is for somebody else."""
    key = _key(encoding_aes_key)
    try:
        data = b64decode(encrypted, validate=True)
    except ValueError as error:
        raise Forged("ciphertext") from error
    if not data or len(data) % 16:
        raise Forged("ciphertext")
    decryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
    plain = decryptor.update(data) + decryptor.finalize()
    padding = plain[-1]
    if not 1 <= padding <= BLOCK or len(plain) < padding + 20:
        raise Forged("padding")
    plain = plain[:-padding]
    length = struct.unpack(">I", plain[16:20])[0]
    text, owner = plain[20 : 20 + length], plain[20 + length :]
    if length > len(plain) - 20 or not compare_digest(owner, receive_id.encode()):
        raise Forged("it is for somebody else")
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise Forged("text") from error


def encrypt(text: str, *, encoding_aes_key: str, receive_id: str, random16: bytes) -> str:
    """The other way round; tests and simulated providers use it."""
    key = _key(encoding_aes_key)
    data = text.encode()
    plain = random16 + struct.pack(">I", len(data)) + data + receive_id.encode()
    padding = BLOCK - len(plain) % BLOCK
    plain += bytes([padding]) * padding
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return b64encode(encryptor.update(plain) + encryptor.finalize()).decode()
