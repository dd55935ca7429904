"""Text in, validated tree out; size, depth and number of nodes are checked before anything recursive runs."""

import json
from typing import Any

from django.utils.translation import gettext as _
from pydantic import TypeAdapter, ValidationError

from xinglin.audiences.rules.problems import Path, Problem, from_pydantic
from xinglin.audiences.rules.tree import All, Any_, Node, Tree, child_path, children
from xinglin.audiences.rules.vocabulary import Kinds
from xinglin.core.errors import Invalid

MAX_TEXT = 64 * 1024
MAX_DEPTH = 12
MAX_NODES = 200
# A condition itself nests a little (times, where, since); deeper brackets cannot belong to a good question.
MAX_BRACKETS = 2 * MAX_DEPTH + 8

_ADAPTER: TypeAdapter[Node] = TypeAdapter(Tree)


class BadQuestion(Invalid):
    """The question cannot be understood; ``problems`` says what is wrong where."""

    code = "audience-question"

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        fields: dict[str, list[str]] = {}
        for problem in problems:
            fields.setdefault(problem.where, []).append(problem.message)
        super().__init__("；".join(str(p) for p in problems[:5]), fields=fields)


def parse(text: str | bytes, *, kinds: Kinds | None = None, complete: bool = True) -> Node:
    """The validated question; BadQuestion with paths otherwise. ``complete`` also refuses empty groups."""
    raw = text.encode() if isinstance(text, str) else text
    if len(raw) > MAX_TEXT:
        raise BadQuestion([Problem((), _("条件太长：最多 %(kb)s KB") % {"kb": MAX_TEXT // 1024})])
    if bracket_depth(raw) > MAX_BRACKETS:
        raise BadQuestion([Problem((), too_deep())])
    try:
        data = json.loads(raw)
    except (ValueError, RecursionError) as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        message = _("不是合法的 JSON：第 %(line)s 行第 %(column)s 列") % {"line": line, "column": column}
        raise BadQuestion([Problem((), message)]) from None
    return validate(data, kinds=kinds, complete=complete)


def validate(data: Any, *, kinds: Kinds | None = None, complete: bool = True) -> Node:
    """As `parse`, for JSON already read (from our own database or a form)."""
    if problem := measure(data):
        raise BadQuestion([problem])
    try:
        raw = json.dumps(data, allow_nan=False)
    except (ValueError, TypeError, RecursionError):
        raise BadQuestion([Problem((), _("填写的内容类型不对"))]) from None
    try:
        node = _ADAPTER.validate_json(raw, context={"kinds": kinds}, strict=True)
    except ValidationError as error:
        raise BadQuestion(from_pydantic(error.errors(include_url=False, include_input=False))) from None
    if complete and (empty := empty_groups(node)):
        raise BadQuestion(empty)
    return node


def too_deep() -> str:
    return _("嵌套太深：最多 %(depth)s 层") % {"depth": MAX_DEPTH}


def bracket_depth(raw: bytes) -> int:
    """Deepest nesting of brackets outside strings, by one pass without recursion."""
    depth = deepest = 0
    in_string = escaped = False
    for byte in raw:
        if in_string:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_string = False
        elif byte == 0x22:
            in_string = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def measure(data: Any) -> Problem | None:
    """Depth and number of nodes, counted with a list instead of recursion."""
    count = 0
    waiting: list[tuple[Any, Path, int]] = [(data, (), 1)]
    while waiting:
        piece, path, depth = waiting.pop()
        count += 1
        if count > MAX_NODES:
            return Problem((), _("条件太多：最多 %(nodes)s 条") % {"nodes": MAX_NODES})
        if depth > MAX_DEPTH:
            return Problem(path, too_deep())
        if not isinstance(piece, dict):
            continue
        for group in ("all", "any"):
            if isinstance(piece.get(group), list):
                waiting += [(c, (*path, group, i), depth + 1) for i, c in enumerate(piece[group])]
        if "not" in piece:
            waiting.append((piece["not"], (*path, "not"), depth + 1))
    return None


def empty_groups(node: Node, path: Path = ()) -> list[Problem]:
    """Groups with nothing in them; an empty `all` at the top stands for everybody and is fine."""
    problems: list[Problem] = []
    below = children(node)
    is_group, is_top = isinstance(node, All | Any_), isinstance(node, All) and not path
    if is_group and not below and not is_top:
        problems.append(Problem(path, _("这一组还没有条件：加一条，或者删掉这一组")))
    for index, child in enumerate(below):
        problems += empty_groups(child, (*path, *child_path(node, index)))
    return problems
