"""The drawing of a journey: nodes with typed properties, edges from a port of one to another.

The JSON, as the canvas and the API send it and as ``JourneyVersion.graph`` keeps it::

    {"nodes": [{"id": "n1", "kind": "wait", "props": {"for": {"days": 3}}, "x": 120, "y": 80}],
     "edges": [{"from": "n1", "to": "n2", "port": "next"}]}

- ``id``: up to 40 letters, digits, ``_`` or ``-``; ``kind``: one of ``props.KINDS``, whose classes say which
  properties there are (unknown ones are refused, missing ones are a draft's right; ``label`` is everywhere).
- Ports: trigger, send, task, tag, points, webhook, goal: ``next``. wait: ``next``, and ``timeout`` if it
  waits for a touch with a timeout. condition: ``yes``, ``no``. split: the names of its ``shares``. exit: no
  port.
- One edge a port; any number of edges into a node; no way round in a circle, so that a person passes a node
  at most once. Exactly one trigger, and nothing leads to it.
- A ``goal`` counts the conversion and goes on by ``next``; without an edge the journey ends there. The same
  holds for a split's ``holdout``. Every other open port is a dead end, which ``rules.checks`` reports.
- ``trigger.leave_on``: kinds of touch that end the journey at once for that person (and that booking).

``read`` checks the shape (enough to save a draft); ``rules.checks.problems`` says what is missing to go live.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _
from pydantic import ValidationError

from xinglin.core.errors import Invalid
from xinglin.journeys.rules.props import KINDS, Props, Split, Trigger, Wait

MAX_NODES = 200
MAX_TEXT = 256 * 1024
NAME = re.compile(r"[A-Za-z0-9_-]{1,40}")
ONLY_NEXT = ("trigger", "send", "task", "tag", "points", "webhook", "goal")
#: Ports that may stay open: the journey then ends, and the step says so.
MAY_END = frozenset({("goal", "next"), ("split", "holdout")})


class BadGraph(Invalid):
    """The drawing is not one; ``fields`` names the nodes or edges at fault."""

    code = "journey-graph"


@dataclass(frozen=True, slots=True)
class Node:
    """One node; ``x`` and ``y`` are its place on the canvas in pixels."""

    id: str
    kind: str
    props: Any
    x: float = 0
    y: float = 0

    @property
    def ports(self) -> tuple[str, ...]:
        """The ways out."""
        if self.kind == "condition":
            return ("yes", "no")
        if isinstance(self.props, Split):
            return tuple(self.props.shares)
        if isinstance(self.props, Wait):
            return ("next", "timeout") if self.props.way == "touch" and self.props.timeout else ("next",)
        return ("next",) if self.kind in ONLY_NEXT else ()


@dataclass(frozen=True)
class Graph:
    """Nodes by id, and where each port leads."""

    nodes: Mapping[str, Node]
    edges: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def target(self, node_id: str, port: str) -> Node | None:
        """The node behind a port; None for an open one."""
        found = self.edges.get((node_id, port))
        return self.nodes[found] if found else None

    @cached_property
    def trigger(self) -> Node | None:
        return next((node for node in self.nodes.values() if node.kind == "trigger"), None)

    @property
    def leave_on(self) -> list[str]:
        """Kinds of touch that end the journey."""
        return list(self.trigger.props.leave_on) if self.trigger else []

    @cached_property
    def ordered(self) -> list[Node]:
        """Every node after all that lead to it; nodes on a circle are missing (Kahn, 1962)."""
        into = dict.fromkeys(self.nodes, 0)
        for target in self.edges.values():
            into[target] += 1
        ready = [name for name, count in into.items() if count == 0]
        done: list[Node] = []
        while ready:
            node = self.nodes[ready.pop()]
            done.append(node)
            for (source, _port), target in self.edges.items():
                if source == node.id:
                    into[target] -= 1
                    if into[target] == 0:
                        ready.append(target)
        return done

    @cached_property
    def reached(self) -> set[str]:
        """Ids of nodes that somebody can come to from the trigger."""
        waiting = [self.trigger.id] if self.trigger else []
        seen: set[str] = set(waiting)
        while waiting:
            here = waiting.pop()
            for (source, _port), target in self.edges.items():
                if source == here and target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return seen


def read(data: Any) -> Graph:
    """The graph of a JSON object. BadGraph where the shape is wrong; an unfinished draft is fine."""
    if not isinstance(data, Mapping) or not isinstance(data.get("nodes", []), list):
        raise BadGraph(_("旅程图要有 nodes 和 edges 两个列表"))
    if len(json.dumps(data)) > MAX_TEXT or len(data.get("nodes", [])) > MAX_NODES:
        raise BadGraph(_("旅程太大：最多 %(nodes)s 个节点") % {"nodes": MAX_NODES})
    errors: dict[str, list[str]] = {}
    nodes: dict[str, Node] = {}
    for place, raw in enumerate(data.get("nodes", [])):
        node = _node(raw, place, errors)
        if node is not None and node.id in nodes:
            errors[node.id] = [_("两个节点用了同一个编号")]
        elif node is not None:
            nodes[node.id] = node
    edges = _edges(data.get("edges", []), nodes, errors)
    if errors:
        raise BadGraph(_("旅程图里有看不懂的地方"), fields=errors)
    return Graph(nodes, edges)


def _node(raw: Any, place: int, errors: dict[str, list[str]]) -> Node | None:
    where = f"nodes.{place}"
    if not isinstance(raw, Mapping):
        errors[where] = [_("节点写得不对")]
        return None
    name, kind = raw.get("id"), raw.get("kind")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        errors[where] = [_("节点编号要是 40 个以内的字母、数字、下划线或横线")]
        return None
    if kind not in KINDS:
        errors[name] = [_("没有这种节点：%(kind)s") % {"kind": kind}]
        return None
    props = _props(KINDS[kind], raw.get("props") or {}, name, errors)
    x, y = raw.get("x", 0), raw.get("y", 0)
    if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in (x, y)):
        errors[name] = [_("节点的位置要是数字")]
    return Node(name, kind, props, x, y) if props is not None else None


def _props(kind: type[Props], raw: Any, name: str, errors: dict[str, list[str]]) -> Props | None:
    try:
        return kind.model_validate_json(json.dumps(raw), strict=True)
    except (ValidationError, ValueError, TypeError) as error:
        told = error.errors(include_url=False) if isinstance(error, ValidationError) else []
        places = sorted({".".join(str(step) for step in part["loc"]) for part in told}) or ["props"]
        errors[name] = [_("“%(field)s”填得不对") % {"field": place} for place in places]
        return None


def _edges(raw: Any, nodes: Mapping[str, Node], errors: dict[str, list[str]]) -> dict[tuple[str, str], str]:
    edges: dict[tuple[str, str], str] = {}
    for place, edge in enumerate(raw if isinstance(raw, list) else []):
        where = f"edges.{place}"
        source = edge.get("from") if isinstance(edge, Mapping) else None
        target = edge.get("to") if isinstance(edge, Mapping) else None
        if not isinstance(source, str) or source not in nodes or target not in nodes:
            if not errors:
                errors[where] = [_("连线的一头不在图上")]
            continue
        port = edge.get("port", "next")
        if port not in nodes[source].ports:
            errors[where] = [_("“%(node)s”没有出口“%(port)s”") % {"node": source, "port": port}]
        elif (source, port) in edges:
            errors[where] = [_("一个出口只能连一条线")]
        else:
            edges[(source, port)] = str(target)
    return edges


def dump(graph: Graph) -> dict[str, Any]:
    """The graph as JSON, without properties left at their default."""
    return {
        "nodes": [
            {
                "id": node.id,
                "kind": node.kind,
                "props": node.props.model_dump(mode="json", by_alias=True, exclude_defaults=True)
                | ({"on": node.props.on} if isinstance(node.props, Trigger) else {}),
                "x": node.x,
                "y": node.y,
            }
            for node in graph.nodes.values()
        ],
        "edges": [
            {"from": source, "to": target, "port": port} for (source, port), target in graph.edges.items()
        ],
    }
