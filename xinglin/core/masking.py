"""How personal data is shown by default, and how it is brought into one form."""

import re
import unicodedata

_MOBILE = re.compile(r"(?:\+?0{0,2}86)?(1[3-9]\d{9})")
_LANDLINE = re.compile(r"(?:\+?0{0,2}86)?(0\d{9,11}|\d{7,8}|[48]00\d{7})")
_FOREIGN = re.compile(r"\+\d{7,15}")
# The shapes that must never stand in a log: mainland mobile numbers and 18-digit ID numbers.
_IN_TEXT = re.compile(r"(?<!\d)(?:1[3-9]\d{9}|\d{17}[\dXx])(?!\d)")
_MAILBOX = re.compile(r"[^\s<>:;,()]+@[^\s<>:;,()]+")


def normalise_phone(text: object) -> str | None:
    """A phone number as digits (a foreign one keeps its plus); None when it is not one.

    Understands what spreadsheets make of numbers: ``1.38E+10`` written out, ``13812345678.0``, full
    width digits, spaces, dashes, brackets, ``+86``.
    """
    plain = unicodedata.normalize("NFKC", str(text)).strip().lstrip("'")
    if re.fullmatch(r"\d+\.0+", plain):
        plain = plain.split(".")[0]
    elif re.fullmatch(r"\d(?:\.\d+)?[eE]\+?\d{1,2}", plain):
        plain = str(int(float(plain)))
    digits = re.sub(r"[\s\-‐-―()（）.]", "", plain)
    for shape in (_MOBILE, _LANDLINE):
        if match := shape.fullmatch(digits):
            return match[1]
    return digits if _FOREIGN.fullmatch(digits) else None


def mask_phone(text: str | None) -> str:
    """``138****5678``; short numbers keep their last two digits."""
    if not text:
        return ""
    return f"{text[:3]}****{text[-4:]}" if len(text) >= 11 else "*" * max(len(text) - 2, 3) + text[-2:]


def mask_id(text: str | None) -> str:
    """``310***********1234``: the area and the last four."""
    if not text:
        return ""
    return text[:3] + "*" * (len(text) - 7) + text[-4:] if len(text) > 8 else "*" * len(text)


def mask_name(text: str | None) -> str:
    """The family name, then one star a character: ``邓**``."""
    return text[:1] + "*" * max(len(text) - 1, 1) if text else ""


def mask_email(text: str | None) -> str:
    if not text or "@" not in text:
        return ""
    local, _, domain = text.rpartition("@")
    return f"{local[:1]}***@{domain}"


def scrub(text: str) -> str:
    """The text without phone and ID numbers, for logs and error reports."""
    return _IN_TEXT.sub(lambda match: match[0][:3] + "*" * (len(match[0]) - 3), text)


def without_addresses(text: str) -> str:
    """What a mail server says, without the mailbox it says it of, phone and ID numbers."""
    return scrub(_MAILBOX.sub("…", text))
