"""What cannot be true of a person in a row of a file."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext as _

from xinglin.patients.rules.age import is_possible_birth_date
from xinglin.patients.rules.identity import birth_date_of

_is_possible = lru_cache(maxsize=16_384)(is_possible_birth_date)


def problem(values: Mapping[str, Any], today: date) -> str:
    """Why the row's ``patient.*`` values are impossible; empty when they are not."""
    born, died = values.get("patient.birth_date"), values.get("patient.deceased_on")
    if born is not None and not _is_possible(born, today):
        return _("出生日期不可能：%(day)s") % {"day": born.isoformat()}
    if died is not None and died > today:
        return _("去世日期在将来：%(day)s") % {"day": died.isoformat()}
    if born is not None and died is not None and died < born:
        return _("去世日期早于出生日期")
    number = values.get("patient.id_number")
    if number and born is not None and birth_date_of(number) != born:
        return _("出生日期和身份证号里的不一致")
    return ""
