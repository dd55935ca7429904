"""A template's text with its variables filled in, and what the gate adds: sender's name, way to refuse."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from html import escape

from django.utils.translation import gettext_lazy as _

# ``{{ 称呼 }}`` as people write it, ``{patient}`` as shipped texts do.
_VARIABLE = re.compile(r"\{\{\s*([^{}\s]{1,40})\s*\}\}|\{([^{}\s]{1,40})\}")
_URL = re.compile(r"https?://[^\s<>\"'，。；！？）】]+")
_BREAKS = re.compile(r"[\r\n\t]+")
SMS_REFUSAL = "拒收请回复R"
CHAT_REFUSAL = "不想再收到请回复“退订”"
# What every message knows about its recipient and occasion: name → how it is explained, with an example.
KNOWN: dict[str, tuple[object, str]] = {
    "称呼": (_("患者的称呼"), "王女士"),
    "姓名": (_("患者的姓名"), "王小满"),
    "院名": (_("医院简称"), "杏林医院"),
    "科室": (_("预约或就诊的科室"), "儿科门诊"),
    "医生": (_("预约或就诊的医生"), "李明"),
    "时间": (_("预约的时间"), "11-28 周六 09:30"),
    "链接": (_("着陆页或办理页的链接"), "https://example.org/r/x"),
}
# The same facts under the names that events carry.
ALIASES = {
    "称呼": "patient", "院名": "hospital", "科室": "department", "医生": "doctor", "时间": "starts_at",
    "链接": "link",
}  # fmt: skip
#: What only an appointment or a visit knows; a campaign has one value for everybody, or none.
OF_OCCASIONS = ("科室", "医生", "时间")
_ALIASED = {**ALIASES, **{english: chinese for chinese, english in ALIASES.items()}}


@dataclass(frozen=True, slots=True)
class Composed:
    """A message ready for a provider; ``html`` only for mail."""

    subject: str
    text: str
    html: str = ""


def variable_names(body: str) -> list[str]:
    """The variables of a text in order, each once."""
    return list(dict.fromkeys(_name(found) for found in _VARIABLE.finditer(body)))


def unknown_names(body: str, *, custom: Collection[str]) -> list[str]:
    """Variables of a text that nobody will fill in."""
    return [
        name
        for name in variable_names(body)
        if name not in KNOWN and name not in _ALIASED and name not in custom
    ]


def occasional_names(body: str) -> list[str]:
    """The variables of a text that a campaign cannot know, by their Chinese names, each once."""
    used = {_ALIASED.get(name, name) if name not in KNOWN else name for name in variable_names(body)}
    return [name for name in OF_OCCASIONS if name in used]


def has_value(name: str, variables: Mapping[str, str]) -> bool:
    """Whether a variable comes out as more than blanks."""
    return bool(_value(name, variables).strip())


def render(body: str, variables: Mapping[str, str]) -> str:
    """The text with its variables replaced; a value's line breaks become spaces, an unknown one stays empty.

    Values are put in once: braces inside a value are text.
    """
    return _VARIABLE.sub(lambda found: _value(_name(found), variables), body)


def render_mapped(body: str, variables: Mapping[str, str]) -> tuple[str, list[int]]:
    """As ``render``, and for every character of the result where in ``body`` it comes from."""
    parts: list[str] = []
    origins: list[int] = []
    at = 0
    for found in _VARIABLE.finditer(body):
        value = _value(_name(found), variables)
        parts += [body[at : found.start()], value]
        origins += [*range(at, found.start()), *[found.start()] * (len(value) - 1)]
        origins += [found.end() - 1] if value else []
        at = found.end()
    parts.append(body[at:])
    origins += range(at, len(body))
    return "".join(parts), origins


def _name(found: re.Match[str]) -> str:
    return found[1] or found[2]


def _value(name: str, variables: Mapping[str, str]) -> str:
    value = variables.get(name)
    if value is None:
        value = variables.get(_ALIASED.get(name, ""), "")
    return _BREAKS.sub(" ", str(value))


def compose(
    *,
    channel: str,
    subject: str,
    body: str,
    variables: Mapping[str, str],
    hospital: str,
    purpose: str,
    unsubscribe_url: str = "",
) -> Composed:
    """The whole message: 【院名】 in front; unless for service, how to refuse (广告法第四十三条)."""
    text = render(body, variables)
    is_marketing = purpose != "service"
    if channel != "email":
        refusal = f" {SMS_REFUSAL if channel == 'sms' else CHAT_REFUSAL}" if is_marketing else ""
        return Composed(subject="", text=f"【{hospital}】{text}{refusal}")
    foot = f"退订：{unsubscribe_url}" if is_marketing and unsubscribe_url else ""
    plain = "\n\n".join(part for part in (text, hospital, foot) if part)
    return Composed(
        subject=f"【{hospital}】{render(subject, variables)}".strip(),
        text=plain,
        html=_html(text, hospital, unsubscribe_url if is_marketing else ""),
    )


def _html(text: str, hospital: str, unsubscribe_url: str) -> str:
    paragraphs = "".join(f"<p>{_linked(part)}</p>" for part in text.split("\n") if part.strip())
    refusal = f' · <a href="{escape(unsubscribe_url)}">退订</a>' if unsubscribe_url else ""
    return (
        '<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"></head>'
        '<body style="font-family:sans-serif;line-height:1.6;max-width:640px">'
        f'{paragraphs}<p style="color:#666;font-size:13px">{escape(hospital)}{refusal}</p></body></html>'
    )


def _linked(text: str) -> str:
    """Escaped, with addresses as links."""
    out, at = [], 0
    for found in _URL.finditer(text):
        url = escape(found[0])
        out += [escape(text[at : found.start()]), f'<a href="{url}">{url}</a>']
        at = found.end()
    return "".join([*out, escape(text[at:])])
