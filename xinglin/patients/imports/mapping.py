"""Which column of a file means what: guessed from headers and first values, remembered, checked."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from xinglin.core.errors import Invalid
from xinglin.core.tables.cells import fold
from xinglin.patients.imports.hints import OTHERS
from xinglin.patients.imports.registry import Importer
from xinglin.patients.imports.shapes import Field, Kind
from xinglin.patients.imports.values import Reading, Refused, reader_of

SAMPLE = 200  # rows whose values a guess is checked against
_ASIDE = re.compile(r"[(（\[【<《].*?[)）\]】>》]|[*＊※]|必填|选填")
_MOMENTS = frozenset({Kind.DATE, Kind.MOMENT})
#: Kinds whose values alone say what a column without a telling header is.
_TELLING = (Kind.ID_NUMBER, Kind.PHONE)
Samples = Sequence[Sequence[str]]


def _names(header: str) -> list[str]:
    """The header folded as it stands, then without remarks in brackets."""
    return list(dict.fromkeys([fold(header), fold(_ASIDE.sub("", header))]))


def guess(
    importer: type[Importer], header: Sequence[str], samples: Samples = (), reading: Reading | None = None
) -> dict[str, str]:
    """Header → field key for the columns that are understood; a field is claimed once, own fields first.

    Known names come first, then patterns of names, then values that can only be one thing. ``samples``
    are the first rows: a column that does not read as what its header says is left out.
    """
    own = [field for field in importer.fields if not field.key.startswith("patient.")]
    others = [field for field in importer.fields if field.key.startswith("patient.")]
    work = _Guess(header, samples, reading)
    for fields in (own, others):
        work.by_names(fields)
    for fields in (own, others):
        work.by_hints(fields)
    work.by_values(others)
    work.fill_required(own)
    return {name: work.found[name] for name in header if name in work.found}


class _Guess:
    """What is claimed so far, and the evidence."""

    def __init__(self, header: Sequence[str], samples: Samples, reading: Reading | None) -> None:
        self.header, self.samples, self.reading = header, samples, reading
        self.found: dict[str, str] = {}
        self.fields: dict[str, Field] = {}  # claimed, by key

    def by_names(self, fields: Sequence[Field]) -> None:
        words: dict[str, Field] = {}
        for field in fields:
            for word in (*field.aliases, str(field.label), field.key):
                words.setdefault(fold(word), field)
        for turn in (0, 1):
            for name in self.header:
                forms = _names(name)
                match = words.get(forms[turn]) if turn < len(forms) else None
                if match and self._share(name, match, least=5) > 0:
                    self._claim(name, match)

    def by_hints(self, fields: Sequence[Field]) -> None:
        rounds = max((len(field.hints) for field in fields), default=0)
        for turn in range(rounds):
            for field in fields:
                if turn < len(field.hints):
                    pattern = re.compile(field.hints[turn])
                    for name in self.header:
                        if self._hinted(name, pattern) and self._share(name, field) >= 0.6:
                            self._claim(name, field)

    def _hinted(self, name: str, pattern: re.Pattern[str]) -> bool:
        if name in self.found:
            return False
        return any(pattern.search(form) and not re.search(OTHERS, form) for form in _names(name))

    def by_values(self, fields: Sequence[Field]) -> None:
        for field in fields:
            if field.kind in _TELLING and field.key not in self.fields:
                for name in self.header:
                    tells = name not in self.found and not re.search(OTHERS, fold(name))
                    if tells and self._share(name, field, least=5, strict=True) >= 0.9:
                        self._claim(name, field)

    def fill_required(self, fields: Iterable[Field]) -> None:
        """A needed moment takes the column of one that is not: ``预约时间`` alone is when the visit is."""
        for field in fields:
            if field.required and field.key not in self.fields and field.kind in _MOMENTS:
                taken = next(
                    (n for n, k in self.found.items() if _is_spare(self.fields[k], field.kind)), None
                )
                if taken:
                    del self.fields[self.found.pop(taken)]
                    self._claim(taken, field)

    def _claim(self, name: str, field: Field) -> None:
        if name not in self.found and field.key not in self.fields:
            self.found[name], self.fields[field.key] = field.key, field

    def _share(self, name: str, field: Field, *, least: int = 1, strict: bool = False) -> float:
        """The share of a column's first values that can be read as the field; 1 when there are too few
        to tell (0 if ``strict``)."""
        place = self.header.index(name)
        values = [row[place] for row in self.samples if place < len(row) and row[place]]
        if len(values) < least or self.reading is None:
            return 0.0 if strict else 1.0
        read = reader_of(field, self.reading)
        return sum(_reads(read, value) for value in values) / len(values)


def _is_spare(field: Field, kind: Kind) -> bool:
    return field.kind is kind and not field.required and not field.key.startswith("patient.")


def _reads(read: Any, value: str) -> bool:
    try:
        read(value)
    except Refused:
        return False
    return True


def check(importer: type[Importer], header: Sequence[str], columns: Mapping[str, str]) -> None:
    """Raises Invalid unless every column and field exists, no field is used twice, and a row can be
    recognised."""
    keys = {field.key: field for field in importer.fields}
    problems: dict[str, list[object]] = {}
    used: dict[str, str] = {}
    for name, key in columns.items():
        if name not in header:
            problems[name] = [_("文件里没有这一列")]
        elif key not in keys:
            problems[name] = [_("不认识这一项：%(key)s") % {"key": key}]
        elif key in used:
            problems[name] = [_("和「%(other)s」对到了同一项") % {"other": used[key]}]
        else:
            used[key] = name
    missing = [str(field.label) for field in importer.fields if field.required and field.key not in used]
    if missing:
        problems[""] = [_("还缺必需的列：%(names)s") % {"names": _("、").join(missing)}]
    if not problems and importer.is_about_people and not can_tell_people(used):
        problems[""] = [_("没有一列能认出是谁：需要患者编号、身份证号、就诊卡号，或手机加姓名")]
    if problems:
        first = next(iter(problems.values()))[0]
        raise Invalid(first, fields=problems)


def can_tell_people(used: Mapping[str, str]) -> bool:
    keys = {"patient.external_id", "patient.id_number", "patient.card_no"}
    has_name = "patient.name" in used or {"patient.first_name", "patient.last_name"} <= set(used)
    return bool(keys & set(used)) or ("patient.phone" in used and has_name)
