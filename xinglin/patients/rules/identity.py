"""Numbers by which a person is recognised: check digits, blind indexes, words for search."""

import os
import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import islice, pairwise, product
from operator import mul

os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")  # single characters are all that is asked for

from pypinyin.constants import PINYIN_DICT

from xinglin.core.crypto import blind_index

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_OF_ZEROS = ord("0") * sum(_WEIGHTS)  # digits are summed by their codes, which is quicker
_CHECKS = "10X98765432"
_WORD = re.compile(r"[^\W_]+")
_ID_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
_HAN = re.compile(r"[\u3400-\u9fff]+")
PREFIX = 10


def id_number_problem(number: str, today: date) -> str:
    """Empty for a sound 18-digit citizen number, else what is wrong: "length", "date" or "check".

    Source: GB 11643-1999, the check digit after ISO 7064 MOD 11-2.
    """
    if not _ID_NUMBER.fullmatch(number):
        return "length"
    birth = birth_date_of(number)
    if birth is None or birth > today:
        return "date"
    total = sum(map(mul, number[:17].encode(), _WEIGHTS)) - _OF_ZEROS
    return "" if _CHECKS[total % 11] == number[17] else "check"


def birth_date_of(id_number: str) -> date | None:
    digits = id_number[6:14]
    try:
        return date.fromisoformat(digits) if digits.isdigit() else None
    except ValueError:
        return None


@lru_cache(maxsize=8192)
def phone_index(organization_id: int, phone: str) -> bytes:
    return blind_index(f"{organization_id}:{phone}", "patients.phone")


@lru_cache(maxsize=8192)
def last4_index(organization_id: int, phone: str) -> bytes:
    return blind_index(f"{organization_id}:{phone[-4:]}", "patients.phone.last4")


@lru_cache(maxsize=8192)
def id_number_index(organization_id: int, number: str) -> bytes:
    return blind_index(f"{organization_id}:{number.upper()}", "patients.id_number")


def email_index(organization_id: int, email: str) -> bytes:
    return blind_index(f"{organization_id}:{email.strip().lower()}", "patients.email")


@lru_cache(maxsize=8192)
def identifier_index(organization_id: int, value: str) -> bytes:
    """The same in every system, so that the desk finds a number without saying of which card it is."""
    return blind_index(f"{organization_id}:{value}", "patients.identifier")


@lru_cache(maxsize=30_000)
def _initials(char: str) -> tuple[str, ...]:
    """First letters of a character's readings without tone, the usual one first, at most three."""
    readings = PINYIN_DICT.get(ord(char), "")
    letters: list[str] = []
    for reading in readings.split(","):
        plain = unicodedata.normalize("NFD", reading)[:1]
        if plain and plain not in letters:
            letters.append(plain)
    return tuple(letters[:3])


def initials_of(name: str) -> str:
    """``王小明`` → ``wxm``; characters without a reading are left out."""
    return "".join(_initials(char)[0] for char in name if _initials(char))


def _spellings(readings: tuple[tuple[str, ...], ...]) -> list[str]:
    """Initials with the second readings too (单: d or s), at most six of them."""
    # It is surnames that are read otherwise.
    choices = [*readings[:1], *[letters[:2] for letters in readings[1:]]]
    return ["".join(one) for one in islice(product(*choices), 6)]


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).lower()


def _is_han(char: str) -> bool:
    return "\u3400" <= char <= "\u9fff" or "\U00020000" <= char <= "\U000323af"


def _runs(text: str) -> list[tuple[bool, str]]:
    """Stretches of Chinese characters, and words of other letters and digits."""
    return [(True, text)] if _HAN.fullmatch(text) else list(_mixed_runs(text))


def _mixed_runs(text: str) -> Iterator[tuple[bool, str]]:
    for word in _WORD.findall(_fold(text)):
        run, han = "", False
        for char in word:
            if run and _is_han(char) != han:
                yield han, run
                run = ""
            run, han = run + char, _is_han(char)
        yield han, run


@lru_cache(maxsize=4096)
def search_words(organization_id: int, name: str) -> tuple[str, ...]:
    """Words under which a name is found, each bound to its hospital: single characters and pairs,
    beginnings of foreign words, and every stretch of the pinyin initials."""
    named, spelt = f"{organization_id}on", f"{organization_id}op"
    words: list[str] = []
    for han, run in _runs(name):
        if han:
            words += [named + char for char in run]
            words += [named + first + second for first, second in pairwise(run)]
            words += _stretches(spelt, tuple([letters for char in run[:8] if (letters := _initials(char))]))
        else:
            words += _beginnings(spelt, run[:PREFIX])
    return tuple(dict.fromkeys(words))


@lru_cache(maxsize=4096)
def _stretches(head: str, readings: tuple[tuple[str, ...], ...]) -> list[str]:
    """Every run of neighbouring initials, of at most six spellings."""
    found: dict[str, None] = {}
    for letters in _spellings(readings):
        size = len(letters)
        found |= dict.fromkeys(head + letters[i:j] for i in range(size) for j in range(i + 1, size + 1))
    return list(found)


@lru_cache(maxsize=4096)
def _beginnings(head: str, word: str) -> list[str]:
    return [head + word[:i] for i in range(1, len(word) + 1)]


def query_words(organization_id: int, text: str) -> list[str]:
    """The words that a name must have all of, for what somebody typed."""
    scope = f"{organization_id}o"
    words: list[str] = []
    for han, run in _runs(text):
        if not han:
            words.append(f"{scope}p{run[:PREFIX]}")
        elif len(run) == 1:
            words.append(f"{scope}n{run}")
        else:
            words.extend(f"{scope}n{run[i : i + 2]}" for i in range(len(run) - 1))
    return words[:12]
