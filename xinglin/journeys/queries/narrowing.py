"""What a kind of touch may be narrowed by, and what its properties hold, in words."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from xinglin.audiences import queries as audiences
from xinglin.audiences.permissions import Permission as AudiencePermission
from xinglin.core.actor import Actor
from xinglin.directory import queries as directory
from xinglin.ledger import wording
from xinglin.ledger.channels import LABELS as CHANNELS
from xinglin.ledger.kinds import find_kind

#: So many audiences or doctors are offered; where there are more doctors, departments come first.
MANY = 200
FEW = 60
#: Properties written as text; every other one is offered where its values are a known few.
TYPED = ("page", "link", "url", "goal", "lead_days")
OWN_LABELS = {"audience": pgettext_lazy("旅程", "人群"), "goal": _("目标")}


@dataclass(frozen=True, slots=True)
class Narrowing:
    """One property: its ``choices`` of (value, words), or a text where there are none."""

    name: str
    label: Any
    choices: Sequence[tuple[Any, Any]] = ()
    is_number: bool = False


def narrowings(actor: Actor, kind: str, where: Mapping[str, Any]) -> list[Narrowing]:
    """The properties of a kind that a form offers, and whatever else ``where`` names already."""
    declared = find_kind(kind)
    if declared is None:
        return []
    found = []
    for name, hint in {**declared.hints, "channel": str, **dict.fromkeys(where, str)}.items():
        hint = declared.hints.get(name, hint)
        choices = _choices(actor, kind, name, where)
        if choices or name in TYPED or name in where:
            found.append(Narrowing(name, label_of(kind, name), choices, hint is int))
    return found


def label_of(kind: str, name: str) -> Any:
    return OWN_LABELS.get(name) or wording.label_for(kind, name)


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def words_of(actor: Actor, kind: str, where: Mapping[str, Any]) -> list[str]:
    """Each property that narrows, in words: "心内科、神经内科", "提前天数 0"."""
    said = []
    for name, value in where.items():
        values = as_list(value)
        known = {str(code): word for code, word in _names(actor, kind, name, values).items()}
        words = str(_("、")).join(str(known.get(str(each), each)) for each in values)
        said.append(words if known else f"{label_of(kind, name)} {words}")
    return said


def _choices(actor: Actor, kind: str, name: str, where: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    chosen = as_list(where[name]) if name in where else []
    if name == "department":
        offered: list[tuple[Any, Any]] = [(row.code, row.name) for row in directory.list_departments(actor)]
    elif name == "practitioner":
        offered = _doctors(actor, as_list(where.get("department", [])))
    elif name == "audience":
        offered = _audiences(actor)
    elif name == "source":
        offered = list(CHANNELS.items())
    else:
        offered = list(wording.table_for(kind, name).items())
    known = {str(code) for code, _word in offered}
    more = [code for code in chosen if str(code) not in known]
    if more and (known or name == "practitioner"):
        words = _names(actor, kind, name, more)
        offered += [(code, words.get(code) or words.get(str(code), code)) for code in more]
    return offered


def _doctors(actor: Actor, departments: Collection[Any]) -> list[tuple[str, str]]:
    rows = directory.list_practitioners(actor).order_by("name", "pk")
    if departments:
        rows = rows.filter(department__code__in=departments)
    elif rows[FEW : FEW + 1]:
        return []
    return [(str(row.public_id), row.name) for row in rows[:MANY]]


def _audiences(actor: Actor) -> list[tuple[int, str]]:
    if not actor.can(AudiencePermission.VIEW_AUDIENCE):
        return []
    return [(row.pk, row.name) for row in audiences.list_audiences(actor)[:MANY]]


def _names(actor: Actor, kind: str, name: str, values: Collection[Any]) -> Mapping[Any, Any]:
    if name == "audience":
        return audience_names(actor, {str(value) for value in values})
    return wording.words_of(actor.organization_id or 0, kind, name, values)


def audience_names(actor: Actor, wanted: Collection[str]) -> dict[str, str]:
    """Names of audiences by what a drawing calls them: row id or public id as text."""
    rows = apps.get_model("audiences", "Audience")._default_manager.filter(
        organization_id=actor.organization_id or 0
    )
    found: dict[str, str] = {}
    for pk, public_id, name in rows.values_list("pk", "public_id", "name") if wanted else ():
        found |= {key: name for key in (str(pk), str(public_id)) if key in wanted}
    return found
