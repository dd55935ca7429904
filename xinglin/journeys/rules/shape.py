"""A drawing as shapes: boxes, curves between them, the size of the whole; as the editor draws it."""

from dataclasses import dataclass

from xinglin.journeys.rules.graph import Graph, Node
from xinglin.journeys.rules.words import port_label

WIDTH, HEIGHT, MARGIN = 208, 72, 32


@dataclass(frozen=True, slots=True)
class Wire:
    """A curve from a way out to the next step; ``label`` where there are several ways out."""

    path: str
    label: str
    x: float
    y: float
    people: int = 0


@dataclass(frozen=True, slots=True)
class Shape:
    width: int
    height: int
    wires: tuple[Wire, ...]


def shape_of(graph: Graph, *, passed: dict[tuple[str, str], int] | None = None) -> Shape:
    """``passed`` counts people by (node, way out)."""
    wires = []
    for (source, port), target in graph.edges.items():
        one, other = graph.nodes[source], graph.nodes[target]
        x, y = way_out(one, port)
        label = port_label(port, one.kind) if len(one.ports) > 1 else ""
        path = curve(x, y, other.x + WIDTH / 2, other.y)
        wires.append(Wire(path, label, x, y + 18, (passed or {}).get((source, port), 0)))
    right = max((node.x + WIDTH for node in graph.nodes.values()), default=0) + MARGIN
    low = max((node.y + HEIGHT for node in graph.nodes.values()), default=0) + MARGIN
    return Shape(int(right), int(low), tuple(wires))


def way_out(node: Node, port: str) -> tuple[float, float]:
    """Where a way leaves the box: spread along its lower edge."""
    place = node.ports.index(port) + 1
    return node.x + place * WIDTH / (len(node.ports) + 1), node.y + HEIGHT


def curve(ax: float, ay: float, bx: float, by: float) -> str:
    bend = max(20, (by - ay) / 2) if by > ay else 70
    return f"M{ax:g} {ay:g}C{ax:g} {ay + bend:g} {bx:g} {by - bend:g} {bx:g} {by:g}"


def in_order(graph: Graph) -> list[Node]:
    """Every node as a list tells it: from the start along the ways out, those nobody reaches last."""
    found: dict[str, Node] = {}

    def visit(node: Node | None) -> None:
        if node is None or node.id in found:
            return
        found[node.id] = node
        for port in node.ports:
            visit(graph.target(node.id, port))

    visit(graph.trigger)
    for node in graph.nodes.values():
        found.setdefault(node.id, node)
    return list(found.values())
