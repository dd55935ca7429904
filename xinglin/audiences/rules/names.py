"""Names in a question and what they stand for: department codes, campaign keys, other audiences."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from xinglin.audiences.rules.parse import BadQuestion
from xinglin.audiences.rules.problems import Path, Problem
from xinglin.audiences.rules.tree import (
    Attr,
    Did,
    InAudience,
    Node,
    Scored,
    Spent,
    Touched,
    child_path,
    children,
)

MAX_EXPANDED = 1000
BY_ID = ("department", "campaign", "content", "event", "partner", "staff")
Ref = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Names:
    """What names stand for in one hospital. A name nobody knows stands for nothing and matches nobody."""

    refs: Mapping[Ref, frozenset[int]] = field(default_factory=dict)
    audiences: Mapping[str, Node] = field(default_factory=dict)

    def ids(self, kind: str, value: Any) -> frozenset[int]:
        """The row ids behind one or several values; an integer is an id already."""
        values = value if isinstance(value, list) else [value]
        found: set[int] = set()
        for one in values:
            found |= {one} if isinstance(one, int) else self.refs.get((kind, one), frozenset())
        return frozenset(found)

    @property
    def unknown(self) -> list[Ref]:
        return sorted(ref for ref, ids in self.refs.items() if not ids)


def walk(node: Node, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Every node with its path, parents first, as they stand in the question."""
    yield path, node
    for index, child in enumerate(children(node)):
        yield from walk(child, (*path, *child_path(node, index)))


def wanted_refs(node: Node) -> set[Ref]:
    """The names a question uses that must be looked up, as (kind, text)."""
    found: set[Ref] = set()
    for _path, piece in walk(node):
        if isinstance(piece, Did):
            for touched in filter(None, (piece, piece.since)):
                found |= _refs_in(touched)
        elif isinstance(piece, Spent) and piece.spent.department:
            found.add(("department", piece.spent.department))
        elif isinstance(piece, Attr) and piece.attr == "responsible" and piece.operator in ("is", "in"):
            found |= {("staff", v) for v in _listed(piece.value) if isinstance(v, str)}
    return found


def _refs_in(touched: Touched) -> set[Ref]:
    return {
        (name, text)
        for name, value in touched.where.items()
        if name in BY_ID
        for text in _listed(value)
        if isinstance(text, str)
    }


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def resolve_audiences(
    node: Node,
    find: Callable[[str], Node | None],
    *,
    own_name: str = "",
    scores: Callable[[], Collection[str]] = tuple,
) -> dict[str, Node]:
    """All audiences the question leans on, dependencies first.

    BadQuestion when a name is not known, when they lean on each other in a circle (``own_name`` is the
    audience being saved), when the whole grows too large, or when a score is asked for that is not among
    ``scores()``.
    """
    found: dict[str, Node] = {}
    total = [0]
    _visit(node, (), find, found, [own_name] if own_name else [], total, scores)
    return found


def _visit(
    node: Node,
    at: Path | None,
    find: Callable[[str], Node | None],
    found: dict[str, Node],
    trail: list[str],
    total: list[int],
    scores: Callable[[], Collection[str]],
) -> None:
    for path, piece in walk(node):
        place = at if at else path
        total[0] += 1
        if total[0] > MAX_EXPANDED:
            raise BadQuestion(
                [Problem(place, _("连同引用的人群，条件太多：最多 %(n)s 条") % {"n": MAX_EXPANDED})]
            )
        if isinstance(piece, Scored) and piece.score not in scores():
            raise BadQuestion([Problem(place, no_score(piece.score))])
        if not isinstance(piece, InAudience):
            continue
        name = piece.in_audience
        if name in trail:
            circle = " → ".join([*trail[trail.index(name) :], name])
            raise BadQuestion([Problem(place, _("人群互相引用成了圈：%(circle)s") % {"circle": circle})])
        if name in found:
            continue
        below = find(name)
        if below is None:
            raise BadQuestion([Problem(place, _("没有叫「%(name)s」的人群") % {"name": name})])
        _visit(below, place, find, found, [*trail, name], total, scores)
        found[name] = below


def no_score(score: str) -> str:
    return _("评分「%(score)s」现在不能用：要等模型验证通过并算出") % {"score": score}
