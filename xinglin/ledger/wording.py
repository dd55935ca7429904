"""What touches say to a person: words for the codes and ids they carry, looked up a page at a time.

A module registers words for the properties of its touches (``words_for``), and what stands below a kind
(``note_for``). A property nobody has words for is shown as it is when its kind tells it, and never
otherwise.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinglin.core.money import yuan
from xinglin.directory import queries as directory
from xinglin.ledger.channels import LABELS as CHANNELS
from xinglin.ledger.channels import label_of
from xinglin.ledger.kinds import find_kind
from xinglin.ledger.models import Touch

Words = Callable[[int, Collection[Any]], Mapping[Any, Any]]
Notes = Callable[[int, Collection[Touch]], Mapping[int, "Note"]]


@dataclass(frozen=True, slots=True)
class Note:
    """What stands below a touch: a template and what it is given as ``note``."""

    template: str
    context: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One touch in words."""

    touch: Touch
    at: datetime
    title: str
    detail: str
    source: str
    icon: str
    tone: str
    #: Every property in words with its label; without words as it stands, if it is no id.
    facts: list[tuple[Any, str]] = field(default_factory=list)
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class _Source:
    label: Any
    words: Words
    table: Mapping[Any, Any] = field(default_factory=dict)


_sources: dict[str, _Source] = {}
_notes: dict[str, Notes] = {}


def words_for(*names: str, label: Any) -> Callable[[Words], Words]:
    """Register ``f(organization_id, values) -> {value: words}`` for properties or columns of touches.

    A name may be meant for one kind only: ``message.refused:reason``.
    """

    def register(words: Words) -> Words:
        for name in names:
            _sources[name] = _Source(label, words)
        return words

    return register


def fixed_words(name: str, table: Iterable[tuple[str, Any]] | Mapping[str, Any], *, label: Any) -> None:
    """Register a table of codes and their words."""
    known = dict(table)
    _sources[name] = _Source(
        label, lambda _organization, values: {v: known[v] for v in values if v in known}, known
    )


def note_for(*kinds: str) -> Callable[[Notes], Notes]:
    """Register ``f(organization_id, touches) -> {seq: Note}`` for kinds of touch."""

    def register(notes: Notes) -> Notes:
        for kind in kinds:
            _notes[kind] = notes
        return notes

    return register


def _source(kind: str, name: str) -> tuple[str, _Source] | None:
    for key in (f"{kind}:{name}", name):
        if key in _sources:
            return key, _sources[key]
    return None


def label_for(kind: str, name: str) -> Any:
    """What a property is called; its own name where nobody has said."""
    found = _source(kind, name)
    return found[1].label if found else LABELS.get(name, name)


def table_for(kind: str, name: str) -> Mapping[Any, Any]:
    """The codes that a property can hold with their words; empty where they are not a fixed few."""
    found = _source(kind, name)
    return found[1].table if found else {}


def words_of(organization_id: int, kind: str, name: str, values: Collection[Any]) -> Mapping[Any, Any]:
    """Words for values of a property; those that have none are left out."""
    found = _source(kind, name)
    return found[1].words(organization_id, values) if found else {}


COLUMNS = ("campaign_id", "content_id", "event_id", "partner_id", "staff_id")


def describe(touches: Iterable[Touch], *, organization_id: int, zone: ZoneInfo) -> list[Said]:
    """Touches of one hospital in words, in their order; a query for each kind of name, not for each touch."""
    rows = list(touches)
    wanted: dict[str, set[Any]] = {}
    for touch in rows:
        for name, value in _values(touch):
            found = _source(touch.kind, name)
            if found:
                wanted.setdefault(found[0], set()).add(value)
    known = {key: dict(_sources[key].words(organization_id, values)) for key, values in wanted.items()}
    notes: dict[int, Note] = {}
    for kind, notes_of in _notes.items():
        mine = [touch for touch in rows if touch.kind == kind]
        if mine:
            notes.update(notes_of(organization_id, mine))
    return [_say(touch, known, notes.get(touch.seq), zone) for touch in rows]


def _values(touch: Touch) -> Iterable[tuple[str, Any]]:
    for name, value in touch.props.items():
        if isinstance(value, str | int) and value != "":
            yield name, value
    for name in COLUMNS:
        if getattr(touch, name) is not None:
            yield name, getattr(touch, name)


def _say(touch: Touch, known: Mapping[str, Mapping[Any, Any]], note: Note | None, zone: ZoneInfo) -> Said:
    kind = find_kind(touch.kind)
    spoken: dict[str, str] = {}
    facts: list[tuple[Any, str]] = []
    tells = {*kind.title, *kind.tells} if kind else set()
    for name, value in _values(touch):
        found = _source(touch.kind, name)
        word = known[found[0]].get(value) if found else None
        if word is None and name in tells:
            word = _plain(name, value, zone)
        if word:
            spoken[name] = str(word)
        if word or not _is_id(value):
            facts.append((found[1].label if found else LABELS.get(name, name), str(word or value)))
    title = str(kind.label if kind else touch.kind)
    if kind and (parts := [spoken[name] for name in kind.title if name in spoken]):
        title = _("%(what)s：%(which)s") % {"what": title, "which": "·".join(parts)}
    if touch.amount_fen is not None:
        title = f"{title} {yuan(touch.amount_fen)}"
    details = [spoken[name] for name in (kind.tells if kind else ()) if name in spoken]
    sources = [spoken.get("campaign_id"), str(label_of(touch.channel)), spoken.get("staff_id")]
    details = [word for word in details if word not in sources]
    return Said(
        touch=touch,
        at=touch.at.astimezone(zone),
        title=title,
        detail=" · ".join(dict.fromkeys(details)),
        source=" · ".join(part for part in sources if part),
        icon=kind.icon if kind else "point",
        tone=kind.tone if kind else "",
        facts=facts,
        note=note,
    )


def _is_id(value: Any) -> bool:
    return isinstance(value, int) or (len(str(value)) == 36 and str(value).count("-") == 4)


LABELS = {
    "starts_at": gettext_lazy("就诊时间"),
    "from_at": gettext_lazy("原定时间"),
    "minutes": gettext_lazy("用时"),
    "lead_days": gettext_lazy("提前天数"),
    "reason": gettext_lazy("原因"),
    "error": gettext_lazy("出了什么错"),
    "url": gettext_lazy("网址"),
    "link": gettext_lazy("链接"),
    "form": gettext_lazy("表单"),
}


def _plain(name: str, value: Any, zone: ZoneInfo) -> str:
    """A property that its kind tells as it stands: times in local form, counts with their unit."""
    if name in {"starts_at", "from_at"}:
        try:
            at = datetime.fromisoformat(str(value)).astimezone(zone)
        except ValueError:
            return str(value)
        if name == "from_at":
            return _("原定 %(at)s") % {"at": f"{at:%m-%d %H:%M}"}
        return f"{at:%Y-%m-%d %H:%M}"
    if name == "minutes":
        return _("%(n)s 分钟") % {"n": value} if value else ""
    if name == "lead_days":
        return _("提前 %(n)s 天约的") % {"n": value} if value else _("当天约的")
    return str(value)


@words_for("department", label=gettext_lazy("科室"))
def _departments(organization_id: int, values: Collection[Any]) -> Mapping[Any, Any]:
    """Departments, named by the hospital's code or by public id."""
    return directory.names_of_departments(organization_id, values)


@words_for("practitioner", "staff", label=gettext_lazy("医生"))
def _practitioners(organization_id: int, values: Collection[Any]) -> Mapping[Any, Any]:
    return directory.names_of_staff(organization_id, public_ids=values)


@words_for("staff_id", label=gettext_lazy("经手人"))
def _staff(organization_id: int, values: Collection[Any]) -> Mapping[Any, Any]:
    return directory.names_of_staff(organization_id, ids=values)


fixed_words("channel", CHANNELS, label=gettext_lazy("渠道"))
