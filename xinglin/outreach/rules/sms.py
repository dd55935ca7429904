"""How a provider counts and bills a short message."""

from dataclasses import dataclass

SINGLE = 70
SEGMENT = 67


@dataclass(frozen=True, slots=True)
class SmsSize:
    """Length in characters as the network counts them, and billed segments; ``left`` until the next one."""

    length: int
    segments: int
    left: int


def sms_size(text: str) -> SmsSize:
    """One segment up to 70 UTF-16 units, else 67 a segment (an emoji counts as two).

    Source: 3GPP TS 23.040, 9.2.3.24.1 (user data header of concatenated messages, UCS-2).
    """
    length = len(text.encode("utf-16-le", "surrogatepass")) // 2
    if length <= SINGLE:
        return SmsSize(length, 1 if length else 0, SINGLE - length)
    segments = -(-length // SEGMENT)
    return SmsSize(length, segments, segments * SEGMENT - length)


def price_fen(text: str, *, unit_fen: int) -> int:
    """What one message costs at ``unit_fen`` a segment."""
    return sms_size(text).segments * unit_fen
