"""From the text of one cell to a value, or a reason why not. Plain functions, no database."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from xinglin.core.masking import normalise_phone
from xinglin.core.tables.cells import fold, serial_moment
from xinglin.patients.imports.shapes import Field, Kind, Moment
from xinglin.patients.rules import identity
from xinglin.patients.rules.age import OLDEST

BLANKS = frozenset(
    {
        "-",
        "--",
        "/",
        "\\",
        "无",
        "不详",
        "未知",
        "未填",
        "空",
        "n/a",
        "na",
        "null",
        "none",
        "nil",
        "\\n",
        "nan",
    }
)
_YES = frozenset({"1", "y", "yes", "t", "true", "是", "有", "√", "对", "已", "x"})
_NO = frozenset({"0", "n", "no", "f", "false", "否", "无", "×", "没有", "未"})
_FIRST = frozenset("已有是未没不非否")  # 已到诊, 未到
_SEX = {
    "m": "M", "male": "M", "man": "M", "男": "M", "男性": "M", "1": "M", "先生": "M",
    "f": "F", "female": "F", "woman": "F", "女": "F", "女性": "F", "2": "F", "女士": "F",
    "u": "U", "unknown": "U", "未知": "U", "不详": "U", "0": "U", "9": "U",
    "未说明": "U", "other": "U", "其他": "U", "其它": "U", "未知的性别": "U", "未说明的性别": "U",
}  # fmt: skip
_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?(?:[T\s]+(\d{1,2})[:：时](\d{1,2})(?:[:：分](\d{1,2}))?(?:\.\d+)?[分秒]?)?"
)
_DIGITS = re.compile(r"(?:19|20)\d{6}(?:\d{4}(?:\d{2})?)?")
_MONTH_NAMED = re.compile(r"(?:(\d{1,2})[-\s]([A-Za-z]{3,9})|([A-Za-z]{3,9})\.?\s+(\d{1,2})),?[-\s]+(\d{4})")
_HALF_DAY = re.compile(
    r"(.*\d{4}.*?)\s+(上午|下午|晚上|中午|凌晨|)\s*(\d{1,2}:\d{2}(?::\d{2})?)\s*([AaPp][Mm]|)"
)
_MONTH = re.compile(r"((?:19|20)\d{2})\s*[-/.年]?\s*(1[0-2]|0?[1-9])\s*月?份?")
_SHORT = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_SCIENCE = re.compile(r"(\d)(?:\.(\d+))?[eE]\+?(\d{1,2})")
_CURRENCY = re.compile(r"[¥$€£元]|人民币|(?i:rmb|cny|usd|eur)")
_THOUSANDS = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_BETWEEN = re.compile(r"[/,;、\s]+")
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")
_BABY = re.compile(r"\d{1,3}\s*(?:个?月|天|日|周|小时|m|d|w)(?:龄|\d{1,2}天)?", re.IGNORECASE)
_YEARS = re.compile(r"(-?\d{1,3}(?:\.\d+)?)\s*(?:周?岁|y|yrs?|years?)(?:\s*\d{1,2}\s*个?月)?", re.IGNORECASE)
_CONSTANT = re.compile(r'="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file's dates are to be read. ``order`` is "dmy", "mdy" or "" (not known)."""

    zone: ZoneInfo
    today: date
    order: str = ""


class Refused(ValueError):
    """The cell cannot be read; the text is the reason."""


def plain(text: str) -> str:
    """Half width, trimmed, without Excel's ``="…"`` and the apostrophe."""
    if text.isascii():
        match = _CONSTANT.fullmatch(text) if text[0] == "=" else None
        return match[1].strip() if match else text.removeprefix("'").strip()
    return unicodedata.normalize("NFKC", text).removeprefix("'").strip()


def written_out(text: str, what: Any) -> str:
    """``13812345678.0`` and ``1.3812345678E10`` as digits; refuses a number whose end Excel has lost."""
    if text.isdigit():
        return text
    whole, dot, rest = text.partition(".")
    if dot and whole.isdigit() and rest and not rest.strip("0"):
        return whole
    if match := _SCIENCE.fullmatch(text):
        digits, exponent = match[1] + (match[2] or ""), int(match[3])
        if len(digits.rstrip("0")) <= exponent and len(digits) < exponent + 1:
            raise Refused(
                _("%(what)s被 Excel 写成了 %(text)s，后几位已经丢失") % {"what": what, "text": text}
            )
        return digits.ljust(exponent + 1, "0")
    return text


def _text(text: str, field: Field, reading: Reading) -> str:
    if len(text) > field.max_length:
        raise Refused(_("%(field)s超过 %(n)s 字") % {"field": field.label, "n": field.max_length})
    return text


def _code(text: str, field: Field, reading: Reading) -> str:
    if text.isdigit() and text.isascii() and len(text) <= field.max_length:
        return text
    return _text(written_out(plain(text), field.label), field, reading)


def _without_commas(word: str) -> str:
    """Commas between thousands go; ValueError where they stand elsewhere (12,5 may be a decimal comma)."""
    if "," in word and not _THOUSANDS.fullmatch(word):
        raise ValueError(word)
    return word.replace(",", "").replace(" ", "")


def _integer(text: str, field: Field, reading: Reading) -> int:
    try:
        value = Decimal(_without_commas(plain(text)))
    except (InvalidOperation, ValueError):
        raise _unreadable(field, text) from None
    if not value.is_finite() or value != value.to_integral_value() or abs(value) > 10**15:
        raise _unreadable(field, text)
    return int(value)


def _money(text: str, field: Field, reading: Reading) -> int:
    word = _CURRENCY.sub("", plain(text)).strip()
    negative = word.startswith("(") and word.endswith(")")
    try:
        fen = Decimal(_without_commas(word.strip("()").strip())) * (-100 if negative else 100)
    except (InvalidOperation, ValueError):
        raise _unreadable(field, text) from None
    if not fen.is_finite() or abs(fen) > 10**15:
        raise _unreadable(field, text)
    if abs(fen - fen.to_integral_value()) > Decimal("0.0001"):
        raise Refused(_("%(field)s「%(text)s」不是整分") % {"field": field.label, "text": text[:40]})
    return int(fen.to_integral_value())


def _flag(text: str, field: Field, reading: Reading) -> bool:
    word = plain(text).lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    if word.replace(".", "", 1).isdigit():
        return float(word) > 0
    if word[:1] in _FIRST:
        return word[0] in "已有是"
    raise _unreadable(field, text)


def _sex(text: str, field: Field, reading: Reading) -> str:
    code = _SEX.get(plain(text).lower())
    if code is None:
        raise Refused(_("性别代码看不懂：%(text)s") % {"text": text[:20]})
    return code


def _age(text: str, field: Field, reading: Reading) -> int:
    word = plain(text)
    if _BABY.fullmatch(word):
        return 0
    if years := _YEARS.fullmatch(word):
        word = years[1]
    try:
        value = Decimal(word)
    except InvalidOperation:
        raise _unreadable(field, text) from None
    if value.is_finite() and value < 0:
        raise Refused(_("年龄是负数：%(text)s") % {"text": text[:20]})
    if not value.is_finite() or value > OLDEST:
        raise Refused(_("年龄不可能：%(text)s") % {"text": text[:20]})
    return int(value)


def _phone(text: str, field: Field, reading: Reading) -> str:
    if len(text) == 11 and text.isdigit() and text.isascii() and text[0] == "1" and text[1] in "3456789":
        return text
    word = written_out(plain(text), field.label)
    phone = normalise_phone(word)
    if phone is None and len([part for part in _BETWEEN.split(word) if normalise_phone(part)]) > 1:
        raise Refused(_("一格里有两个以上的电话；请留一个"))
    if phone is None:
        raise Refused(_("不像电话号码：%(text)s") % {"text": "*" * max(len(word) - 2, 0) + word[-2:]})
    return phone


def _email(text: str, field: Field, reading: Reading) -> str:
    word = plain(text).lower()
    if not _EMAIL.fullmatch(word) or len(word) > 200:
        raise Refused(_("邮箱写法不对"))
    return word


def _id_number(text: str, field: Field, reading: Reading) -> str:
    if text.isalnum() and text.isascii():
        number = text.upper()
    else:
        number = written_out(plain(text), field.label).replace(" ", "").upper()
    problem = identity.id_number_problem(number, reading.today)
    if problem:
        words = {
            "length": _("身份证号不是 18 位"),
            "date": _("身份证号里的出生日期不对"),
            "check": _("身份证号校验位不对"),
        }
        raise Refused(words[problem])
    return number


def _words(text: str, field: Field, reading: Reading) -> list[str]:
    words = [word.strip()[:60] for word in re.split(r"[;；,，、|/\n]+", text) if word.strip()]
    return list(dict.fromkeys(words))[:40]


def _unreadable(field: Field, text: str) -> Refused:
    return Refused(_("%(field)s看不懂：%(text)s") % {"field": field.label, "text": text[:40]})


def _date(text: str, field: Field, reading: Reading) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    moment = _naive(text, reading.order)
    if moment is None and field.by_month and (month := _MONTH.fullmatch(plain(text))):
        return date(int(month[1]), int(month[2]), 1)
    if moment is None:
        raise _bad_date(field, text, reading)
    return moment.date()


def _moment(text: str, field: Field, reading: Reading) -> Moment:
    found = _read_moment(text, reading)
    if found is None:
        raise _bad_date(field, text, reading)
    return found


def _bad_date(field: Field, text: str, reading: Reading) -> Refused:
    match = _SHORT.fullmatch(plain(text))
    if match and not reading.order and int(match[1]) <= 12 and int(match[2]) <= 12:
        return Refused(
            _("%(field)s分不清日和月：%(text)s；请在对列时选日期写法")
            % {"field": field.label, "text": text[:30]}
        )
    return Refused(_("%(field)s不是日期：%(text)s") % {"field": field.label, "text": text[:30]})


def _read_moment(text: str, reading: Reading) -> Moment | None:
    try:
        value = datetime.fromisoformat(text)
    except ValueError:
        found = _naive(text, reading.order)
        if found is None:
            return None
        value = found
    timed = value.time() != time.min
    at = value if value.tzinfo else value.replace(tzinfo=reading.zone)
    try:
        return Moment(at.astimezone(UTC), value.date(), timed)
    except (OverflowError, ValueError):
        return None


def _naive(text: str, order: str) -> datetime | None:
    """The clock and calendar as written, without a zone."""
    word = _afternoon(plain(text))
    try:
        return datetime.fromisoformat(word).replace(tzinfo=None)
    except ValueError:
        pass
    try:
        if _DIGITS.fullmatch(word):
            return datetime.strptime(word.ljust(14, "0"), "%Y%m%d%H%M%S")  # noqa: DTZ007
        if match := _MONTH_NAMED.fullmatch(word):
            return _named(match)
        if match := _DATE.fullmatch(word):
            return datetime(*[int(part or 0) for part in match.groups()])  # type: ignore[arg-type] # noqa: DTZ001
        if match := _SHORT.fullmatch(word):
            return _ordered(match, order)
        if re.fullmatch(r"\d{5}(\.\d+)?", word):
            return serial_moment(float(word))
    except ValueError:
        return None
    return None


def _afternoon(word: str) -> str:
    """下午 3:20 and 3:20 PM as 15:20."""
    match = _HALF_DAY.fullmatch(word)
    if match is None:
        return word
    day, before, clock, after = match.groups()
    hour, _colon, rest = clock.partition(":")
    late = (before or after).lower() in {"下午", "晚上", "pm"}
    return f"{day} {int(hour) % 12 + 12 * late:02}:{rest}" if (before or after) and int(hour) <= 12 else word


def _named(match: re.Match[str]) -> datetime | None:
    """5-Oct-2026 and Oct 5, 2026."""
    month = (match[2] or match[3])[:3].title()
    day, year = match[1] or match[4], match[5]
    return datetime.strptime(f"{year} {month} {day}", "%Y %b %d")  # noqa: DTZ007


def _ordered(match: re.Match[str], order: str) -> datetime | None:
    first, second = int(match[1]), int(match[2])
    if not order and first > 12 >= second:
        order = "dmy"
    elif not order and second > 12 >= first:
        order = "mdy"
    elif not order and first != second:
        return None
    day, month = (second, first) if order == "mdy" else (first, second)
    hour, minute, second_ = [int(part or 0) for part in match.groups()[3:]]
    return datetime(int(match[3]), month, day, hour, minute, second_)  # noqa: DTZ001


def find_order(texts: list[str]) -> str:
    """ "dmy" or "mdy" if some date among them can only be read so; "" otherwise."""
    firsts = [(int(m[1]), int(m[2])) for text in texts if (m := _SHORT.fullmatch(plain(text or "-")))]
    day_first = any(first > 12 for first, _second in firsts)
    month_first = any(second > 12 for _first, second in firsts)
    return "dmy" if day_first and not month_first else "mdy" if month_first and not day_first else ""


_READERS: dict[Kind, Callable[[str, Field, Reading], Any]] = {
    Kind.TEXT: _text, Kind.CODE: _code, Kind.INTEGER: _integer, Kind.MONEY: _money, Kind.FLAG: _flag,
    Kind.DATE: _date, Kind.MOMENT: _moment, Kind.SEX: _sex, Kind.PHONE: _phone, Kind.EMAIL: _email,
    Kind.ID_NUMBER: _id_number, Kind.AGE: _age, Kind.WORDS: _words,
}  # fmt: skip
_REMEMBER = frozenset({Kind.SEX, Kind.AGE, Kind.DATE, Kind.MOMENT, Kind.INTEGER, Kind.MONEY, Kind.WORDS})
_LONGEST_BLANK = max(map(len, BLANKS))


def reader_of(field: Field, reading: Reading) -> Callable[[str], Any]:
    """A function from a non-blank cell to the field's value (None: as good as blank); raises Refused."""
    reader = _READERS[field.kind]

    def read(text: str) -> Any:
        return reader(text, field, reading)

    def with_choices(text: str) -> Any:
        choices, word = field.choices or {}, fold(text)
        code = choices.get(text) or choices.get(word)
        if code is None:  # 普通门诊, 微信支付: the longest known word in it
            known = [one for one in choices if one in word and (len(one) > 1 and not one.isascii())]
            code = choices[max(known, key=len)] if known else field.otherwise
        if not code:
            raise _unreadable(field, text)
        return code

    def or_blank(text: str) -> Any:
        return (
            None if len(text) <= _LONGEST_BLANK and text.lower() in BLANKS else reader(text, field, reading)
        )

    if field.choices is not None:
        return lru_cache(maxsize=1000)(with_choices)
    if field.kind is Kind.TEXT:
        most = field.max_length
        return lambda text: text if len(text) <= most else reader(text, field, reading)
    if field.kind is Kind.FLAG:
        return lru_cache(maxsize=1000)(read)
    return lru_cache(maxsize=8192)(or_blank) if field.kind in _REMEMBER else or_blank
