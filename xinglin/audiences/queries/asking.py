"""From JSON to a question that can be answered: kinds, names, other audiences, the as-of moment."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from xinglin.audiences.models import Audience, AudienceVersion
from xinglin.audiences.queries.compile import Question
from xinglin.audiences.rules.moments import AsOf
from xinglin.audiences.rules.names import Names, Ref, resolve_audiences, walk, wanted_refs
from xinglin.audiences.rules.parse import BadQuestion, parse, validate
from xinglin.audiences.rules.tree import Node, Scored
from xinglin.audiences.rules.vocabulary import Kind, Kinds
from xinglin.audiences.rules.words import Reader
from xinglin.core.actor import Actor
from xinglin.core.errors import Invalid
from xinglin.directory import queries as directory
from xinglin.ledger.kinds import all_kinds
from xinglin.patients.score_names import score_names

_PLAIN = (str, int, float, bool)


def kinds() -> Kinds:
    """Every declared touch kind with the props a condition may ask for."""
    return {
        kind.code: Kind(kind.label, {name: _types(hint) for name, hint in kind.hints.items() if _types(hint)})
        for kind in all_kinds()
    }


def _types(hint: Any) -> tuple[type, ...]:
    options = getattr(hint, "__args__", None) or (hint,)
    return tuple(option for option in options if option in _PLAIN)


def as_of_for(organization_id: int, text: str | date | datetime | None, *, now: datetime) -> AsOf:
    """The moment meant by "2026-11-22", an ISO moment or nothing (now, to the end of this minute)."""
    zone = zone_of(organization_id)
    if text is None or text == "":
        return AsOf.at(now.replace(second=59, microsecond=999_999), zone)
    if isinstance(text, str):
        try:
            return AsOf.read(text, zone)
        except ValueError:
            raise Invalid(fields={"as_of": [_("要写成 2026-11-22 或带时间的 2026-11-22T14:05")]}) from None
    return AsOf.at(text, zone)


def zone_of(organization_id: int) -> str:
    """The hospital's time zone."""
    return str(directory.get_own_organization(Actor.system(organization_id)).timezone)


def latest_tree(organization_id: int, name: str) -> Node | None:
    """What an audience of that name asks now; None when there is none."""
    version = (
        AudienceVersion.objects.filter(
            audience__organization_id=organization_id, audience__name=name, audience__archived_at__isnull=True
        )
        .order_by("-number")
        .first()
    )
    return validate(version.tree, complete=False) if version else None


def understand(
    tree: str | bytes | dict[str, Any] | Node,
    *,
    organization_id: int,
    as_of: AsOf,
    own_name: str = "",
    complete: bool = True,
) -> Question:
    """A question ready to be answered; BadQuestion with paths when something is wrong or missing."""
    if isinstance(tree, str | bytes):
        node = parse(tree, kinds=kinds(), complete=complete)
    elif isinstance(tree, dict):
        node = validate(tree, kinds=kinds(), complete=complete)
    else:
        node = tree
    audiences = resolve_audiences(
        node,
        lambda n: latest_tree(organization_id, n),
        own_name=own_name,
        scores=lambda: score_names(organization_id),
    )
    wanted = set().union(*(wanted_refs(n) for n in (node, *audiences.values())))
    refs = look_up(organization_id, wanted)
    return Question(node, Names(refs, audiences), organization_id, as_of)


def look_up(organization_id: int, wanted: set[Ref]) -> dict[Ref, frozenset[int]]:
    """The row ids behind names; an unknown name has none."""
    found: dict[Ref, frozenset[int]] = {}
    actor = Actor.system(organization_id)
    for kind, text in wanted:
        ids: list[int] = []
        if kind == "department":
            department = directory.find_department(organization_id, text)
            ids = [department.pk] if department else []
        elif kind == "staff":
            people = directory.list_staff(actor, is_active=None)
            by = {"public_id": text} if _is_uuid(text) else {"code__iexact": text}
            ids = list(people.filter(**by).values_list("pk", flat=True)) if text else []
        elif text.isdigit():
            ids = [int(text)]
        found[(kind, text)] = frozenset(ids)
    return found


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def labels_for(organization_id: int, wanted: set[Ref]) -> dict[Ref, str]:
    """How names are read aloud: a department by its name, a colleague by theirs."""
    actor = Actor.system(organization_id)
    codes = {text for kind, text in wanted if kind == "department"}
    people = {text for kind, text in wanted if kind == "staff" and _is_uuid(text)}
    labels: dict[Ref, str] = {("staff", text): text for text in people}
    if codes:
        rows = directory.list_departments(actor, is_open=None).values_list("code", "name")
        named = {code.casefold(): name for code, name in rows}
        labels |= {
            ("department", text): named[text.strip().casefold()]
            for text in codes
            if text.strip().casefold() in named
        }
    if people:
        staff = directory.list_staff(actor, is_active=None).filter(public_id__in=people)
        names = {str(person): name for person, name in staff.values_list("public_id", "name")}
        labels |= {("staff", text): names[known] for text in people if (known := str(UUID(text))) in names}
    return labels


def reader_for(organization_id: int, *nodes: Node) -> Reader:
    """Reads questions with this hospital's names, looked up for all of them at once."""
    labels = labels_for(organization_id, set().union(*map(wanted_refs, nodes)))
    if any(isinstance(piece, Scored) for node in nodes for _path, piece in walk(node)):
        labels |= {("score", name): str(label) for name, label in score_names(organization_id).items()}
    return Reader(kinds=kinds(), labels=labels)


def words_of(organization_id: int, node: Node) -> str:
    """The question as a sentence in the active language."""
    return reader_for(organization_id, node).read(node)


def words_of_versions(organization_id: int, versions: Iterable[AudienceVersion]) -> dict[int, str]:
    """The questions of a hospital's versions as sentences in the active language, by the version's id.

    One that cannot be understood any more is given in the words it was saved with.
    """
    nodes: dict[int, Node] = {}
    saved: dict[int, str] = {}
    for version in versions:
        try:
            nodes[version.pk] = validate(version.tree, complete=False)
        except BadQuestion:
            saved[version.pk] = version.words
    reader = reader_for(organization_id, *nodes.values())
    return saved | {pk: reader.read(node) for pk, node in nodes.items()}


def question_of(version: AudienceVersion, *, as_of: AsOf) -> Question:
    """The question of a saved version."""
    audience: Audience = version.audience
    node = validate(version.tree, complete=False)
    return understand(node, organization_id=audience.organization_id, as_of=as_of, own_name=audience.name)
