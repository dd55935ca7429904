"""The builder's state: the tree, the rows it is shown as, and what a press of a button does to it."""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.http import QueryDict

from xinglin.audiences.forms import leaves
from xinglin.audiences.rules import edit
from xinglin.audiences.rules.edit import Json, Steps
from xinglin.audiences.rules.parse import parse
from xinglin.audiences.rules.problems import Problem
from xinglin.audiences.rules.tree import dump
from xinglin.audiences.rules.vocabulary import Kinds

Posted = dict[str, dict[str, list[str]]]


@dataclass(slots=True)
class Row:
    """One line of the builder: a condition with its controls, or a group with rows of its own."""

    key: str
    path: Steps
    mode: str = ""
    kind: str = ""
    is_negated: bool = False
    controls: Json = field(default_factory=dict)
    rows: list["Row"] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    is_new: bool = False
    depth: int = 0
    phrase: str = ""

    @property
    def leaf_path(self) -> Steps:
        """Where the condition itself stands, below a `not`."""
        return (*self.path, "not") if self.is_negated else self.path

    @property
    def html_id(self) -> str:
        return "r-" + (self.key.replace(".", "-") or "top")


def rows_of(node: Json, path: Steps = (), depth: int = 0) -> Row:
    """The row of a piece with everything below it."""
    key = edit.key_of(path)
    if mode := edit.mode_of(node):
        parts = [
            rows_of(part, edit.part_path(node, path, index), depth + 1)
            for index, part in enumerate(edit.parts_of(node))
        ]
        return Row(key, path, mode=mode, rows=parts, depth=depth)
    leaf = node.get("not", node) if isinstance(node, dict) else {}
    leaf = leaf if isinstance(leaf, dict) else {}
    negated = isinstance(node, dict) and "not" in node
    return Row(
        key,
        path,
        kind=leaves.leaf_type(leaf),
        is_negated=negated,
        controls=leaves.controls(leaf),
        depth=depth,
    )


def walk(row: Row) -> Iterable[Row]:
    yield row
    for below in row.rows:
        yield from walk(below)


def mark(top: Row, problems: Iterable[Problem]) -> None:
    """Put each problem beside the deepest row that it is about."""
    rows = sorted(walk(top), key=lambda row: -len(row.path))
    for problem in problems:
        home = next((row for row in rows if problem.path[: len(row.path)] == row.path), top)
        home.problems.append(problem.message)


def posted_fields(data: QueryDict) -> Posted:
    """The rows' controls, by row key: `c:all.0:days` belongs to row `all.0`."""
    found: Posted = defaultdict(dict)
    for name in data:
        if name.startswith("c:") and name.count(":") == 2:
            _c, key, control = name.split(":")
            found[key][control] = data.getlist(name)
    return found


def read_tree(text: str) -> Json:
    """The hidden tree; BadQuestion when it is not one, half-finished pieces allowed."""
    try:
        data = json.loads(text or '{"all": []}')
    except (ValueError, RecursionError):
        data = dump(parse(text, complete=False))
    if edit.too_big(data):
        parse(text, complete=False)
    return edit.normal(data)


def apply_fields(node: Any, posted: Posted, kinds: Kinds, path: Steps = ()) -> Any:
    """The tree as the controls now say."""
    if not isinstance(node, dict):
        return node
    fields = posted.get(edit.key_of(path), {})
    if mode := edit.mode_of(node):
        parts = [
            apply_fields(part, posted, kinds, edit.part_path(node, path, index))
            for index, part in enumerate(edit.parts_of(node))
        ]
        wanted = (fields.get("mode") or [mode])[0]
        return edit.group(wanted if wanted in edit.MODES and path else mode, parts)
    if isinstance(node.get("not"), dict):
        return {"not": leaves.read(node["not"], fields, kinds)}
    return leaves.read(node, fields, kinds)


def press(tree: Json, button: str) -> tuple[Json, str]:
    """What a button does: "add:did:all", "remove:all.0", … Returns the tree and the key of a new row."""
    verb, _sep, rest = button.partition(":")
    try:
        if verb == "add":
            kind, _sep, key = rest.partition(":")
            changed, path = edit.add(tree, edit.steps_of(key), leaves.NEW[kind])
            return changed, edit.key_of(path)
        path = edit.steps_of(rest)
        if not path:
            return tree, ""
        if verb in ("up", "down"):
            return edit.move(tree, path, -1 if verb == "up" else 1), ""
        doing = {"remove": edit.remove, "negate": edit.negate, "copy": edit.copy, "wrap": edit.wrap}
        return (doing[verb](tree, path), "") if verb in doing else (tree, "")
    except (KeyError, TypeError, AssertionError):
        return tree, ""
