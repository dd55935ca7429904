"""Changing a question piece by piece, on plain JSON: what the builder's buttons do."""

from copy import deepcopy
from typing import Any

from xinglin.audiences.rules.parse import measure

Json = dict[str, Any]
Steps = tuple[str | int, ...]

MODES = ("all", "any", "not-all", "not-any")


def steps_of(key: str) -> Steps:
    """The path behind a row's key: "all.0.not" is ("all", 0, "not")."""
    return tuple(int(part) if part.isdigit() else part for part in key.split(".") if part)


def key_of(path: Steps) -> str:
    return ".".join(str(part) for part in path)


def too_big(data: Any) -> bool:
    """Whether a tree is too deep or has too many pieces to be worked on."""
    return measure(data) is not None


def normal(tree: Any) -> Json:
    """The same question as the builder wants it: `all` on top, no double negation, "not done" as no times."""
    top = _without_doubles(deepcopy(tree)) if isinstance(tree, dict) else {"all": []}
    return top if isinstance(top.get("all"), list) else {"all": [top]}


def _without_doubles(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    inner = node.get("not")
    if isinstance(inner, dict) and is_plain_did(inner):
        return {**inner, "times": {"eq": 0}}
    if isinstance(inner, dict) and isinstance(inner.get("not"), dict):
        return _without_doubles(inner["not"])
    if isinstance(inner, dict):
        return {"not": _without_doubles(inner)}
    for group in ("all", "any"):
        if isinstance(node.get(group), list):
            return {group: [_without_doubles(child) for child in node[group]]}
    return node


def is_plain_did(node: Any) -> bool:
    """Whether "not this" is the same as "this, no times"."""
    return (
        isinstance(node, dict)
        and "did" in node
        and not node.get("since")
        and (node.get("times") or {"gte": 1}) == {"gte": 1}
    )


def mode_of(node: Any) -> str:
    """How a group joins its parts; "" for a condition."""
    if not isinstance(node, dict):
        return ""
    for group in ("all", "any"):
        if isinstance(node.get(group), list):
            return group
    inner = mode_of(node["not"]) if isinstance(node.get("not"), dict) else ""
    return f"not-{inner}" if inner in ("all", "any") else ""


def parts_of(node: Json) -> list[Any]:
    """A group's parts, also below its `not`."""
    mode = mode_of(node)
    group = node["not"] if mode.startswith("not-") else node
    parts: list[Any] = group[mode.removeprefix("not-")]
    return parts


def part_path(node: Json, path: Steps, index: int) -> Steps:
    mode = mode_of(node)
    return (*path, *(("not",) if mode.startswith("not-") else ()), mode.removeprefix("not-"), index)


def group(mode: str, parts: list[Any]) -> Json:
    """A group that joins in the given way."""
    inner = {mode.removeprefix("not-"): parts}
    return {"not": inner} if mode.startswith("not-") else inner


def get(tree: Any, path: Steps) -> Any:
    """The piece at a path; KeyError when there is none."""
    for step in path:
        try:
            tree = tree[step]
        except (IndexError, TypeError) as error:
            raise KeyError(path) from error
    return tree


def replace(tree: Json, path: Steps, node: Any) -> Json:
    """The question with another piece at the path."""
    if not path:
        return normal(node)
    changed = deepcopy(tree)
    get(changed, path[:-1])[path[-1]] = node
    return changed


def add(tree: Json, path: Steps, node: Json) -> tuple[Json, Steps]:
    """The question with a piece more at the end of a group, and where it stands."""
    changed = deepcopy(tree)
    target = get(changed, path)
    parts = parts_of(target)
    parts.append(node)
    return changed, part_path(target, path, len(parts) - 1)


def remove(tree: Json, path: Steps) -> Json:
    """The question without the piece."""
    changed = deepcopy(tree)
    del get(changed, path[:-1])[path[-1]]
    return changed


def negate(tree: Json, path: Steps) -> Json:
    """The question with the piece turned into its contrary."""
    node = get(tree, path)
    turned = node.get("not", {"not": node})
    return replace(tree, path, turned)


def move(tree: Json, path: Steps, by: int) -> Json:
    """The question with the piece ``by`` places further down; unchanged at an end."""
    changed = deepcopy(tree)
    parts, index = get(changed, path[:-1]), path[-1]
    assert isinstance(index, int)
    target = index + by
    if 0 <= target < len(parts):
        parts[index], parts[target] = parts[target], parts[index]
    return changed


def copy(tree: Json, path: Steps) -> Json:
    """The question with the piece twice."""
    changed = deepcopy(tree)
    parts, index = get(changed, path[:-1]), path[-1]
    assert isinstance(index, int)
    parts.insert(index + 1, deepcopy(parts[index]))
    return changed


def wrap(tree: Json, path: Steps) -> Json:
    """The question with the piece inside a new group `any`, to add alternatives to it."""
    return replace(tree, path, {"any": [get(tree, path)]})
