"""What may stand in a patient's record: trimmed, checked, with the columns derived from it."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from xinglin.core.errors import Invalid
from xinglin.core.masking import normalise_phone
from xinglin.patients.rules import identity
from xinglin.patients.rules.age import OLDEST, is_possible_birth_date

LENGTHS = {
    "name": 80, "province": 40, "city": 40, "district": 60, "community": 60, "occupation": 60,
    "employer": 120, "insurance_type": 40, "source_channel": 40, "note": 5000, "address": 300,
}  # fmt: skip
LISTS = ("conditions", "allergies")
PLAIN = (
    "is_vip", "is_verified", "preferences", "custom", "source_campaign_id", "source_staff_id",
    "responsible_id", "family_doctor_id",
)  # fmt: skip
FACTS = (
    *LENGTHS, *LISTS, *PLAIN, "sex", "birth_date", "reported_age", "reported_age_on", "deceased_on", "phone",
    "id_number", "email",
)  # fmt: skip
_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


def clean(values: Mapping[str, Any], *, organization_id: int, today: date) -> dict[str, Any]:
    """Attributes of a patient for what was entered, blind indexes included; raises Invalid by field."""
    problems: dict[str, list[object]] = {}
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name not in FACTS:
            raise TypeError(f"a patient has no {name}")
        try:
            found |= _clean_one(name, value, organization_id, today)
        except ValueError as error:
            problems[name] = [str(error)]
    if not problems and found.get("id_number") and not values.get("birth_date"):
        birth = identity.birth_date_of(str(found["id_number"]))
        found |= {"birth_date": birth} if birth else {}
    birth, died = found.get("birth_date"), found.get("deceased_on")
    if birth and died and died < birth:
        problems["deceased_on"] = [_("去世日期早于出生日期")]
    if problems:
        raise Invalid(fields=problems)
    return found


def _clean_one(name: str, value: Any, organization_id: int, today: date) -> dict[str, Any]:
    if name in LENGTHS:
        text = str(value or "").strip()
        if name == "name" and not text:
            raise ValueError(_("请写姓名"))
        if len(text) > LENGTHS[name]:
            raise ValueError(_("最多 %(n)s 字") % {"n": LENGTHS[name]})
        return {name: (text or None) if name == "address" else text}
    if name in LISTS:
        words = [str(word).strip()[:60] for word in (value or []) if str(word).strip()]
        return {name: list(dict.fromkeys(words))[:40]}
    if name == "sex":
        if value not in {"M", "F", "U"}:
            raise ValueError(_("性别只能是男、女或未知"))
        return {name: value}
    if name in {"birth_date", "deceased_on", "reported_age_on"}:
        return {name: _day(name, value, today)}
    if name == "reported_age":
        if value is not None and not 0 <= int(value) <= OLDEST:
            raise ValueError(_("年龄要在 0 到 %(n)s 之间") % {"n": OLDEST})
        return {name: value}
    if name in {"phone", "id_number", "email"}:
        return _CONTACTS[name](str(value or "").strip(), organization_id, today)
    return {name: value}


def _day(name: str, value: date | None, today: date) -> date | None:
    if value is None:
        return None
    if value > today:
        raise ValueError(_("日期在将来"))
    if name == "birth_date" and not is_possible_birth_date(value, today):
        raise ValueError(_("出生日期太早，请核对"))
    return value


def _phone(text: str, organization_id: int, today: date) -> dict[str, Any]:
    phone = normalise_phone(text) if text else None
    if text and not phone:
        raise ValueError(_("不像电话号码：手机 11 位，座机带区号"))
    return phone_columns(organization_id, phone)


def phone_columns(organization_id: int, phone: str | None) -> dict[str, Any]:
    return {
        "phone": phone,
        "phone_index": identity.phone_index(organization_id, phone) if phone else None,
        "phone_last4_index": identity.last4_index(organization_id, phone) if phone else None,
    }


def _id_number(text: str, organization_id: int, today: date) -> dict[str, Any]:
    number = text.upper().replace(" ", "")
    words = {
        "length": _("身份证号是 18 位"), "date": _("身份证号里的出生日期不对"),
        "check": _("身份证号校验位不对，请核对"),
    }  # fmt: skip
    if number and (problem := identity.id_number_problem(number, today)):
        raise ValueError(words[problem])
    index = identity.id_number_index(organization_id, number) if number else None
    return {"id_number": number or None, "id_number_index": index}


def _email(text: str, organization_id: int, today: date) -> dict[str, Any]:
    if text and not _EMAIL.fullmatch(text):
        raise ValueError(_("邮箱写法不对"))
    index = identity.email_index(organization_id, text) if text else None
    return {"email": text.lower() or None, "email_index": index}


_CONTACTS = {"phone": _phone, "id_number": _id_number, "email": _email}
