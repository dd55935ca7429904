"""The journeys that come with the house, read from `library.yaml` and drawn as graphs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from django.utils.translation import get_language
from pydantic import BaseModel, ConfigDict

FILE = Path(__file__).with_name("library.yaml")
WIDTH, HEIGHT = 240, 112  # what a step takes on the canvas, with the room around it
KINDS = (
    "trigger", "wait", "condition", "split", "send", "task", "tag", "points", "webhook", "goal", "exit",
)  # fmt: skip
WAYS = ("yes", "no", "timeout", "a", "b", "c", "holdout")
Graph = dict[str, list[dict[str, Any]]]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(Strict):
    """A template: channel → body, or for mail its subject and body."""

    name: str
    purpose: Literal["service", "marketing"] = "service"
    bodies: dict[str, str | dict[str, str]]

    def parts(self) -> dict[str, dict[str, str]]:
        """The bodies as a template takes them."""
        return {c: b if isinstance(b, dict) else {"body": b} for c, b in self.bodies.items()}


class Asked(Strict):
    name: str
    refresh: Literal["hourly", "nightly"] = "nightly"
    tree: dict[str, Any]


class Entry(Strict):
    """One ready-made journey as it stands in the file."""

    key: str
    name: str
    name_en: str
    note: str
    note_en: str
    lane: Literal["service", "marketing"]
    icon: str
    texts: dict[str, Text] = {}
    audiences: dict[str, Asked] = {}
    steps: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Offer:
    """A ready-made journey in the active language, for a page to offer."""

    key: str
    name: str
    note: str
    lane: str
    icon: str
    texts: int
    steps: int


@cache
def entries() -> tuple[Entry, ...]:
    """The file's entries in its order; ValidationError when it does not fit the schema."""
    raw = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tuple(Entry.model_validate(entry) for entry in raw["journeys"])


def find(key: str) -> Entry | None:
    return next((one for one in entries() if one.key == key), None)


def offered() -> list[Offer]:
    """All of them, worded in the active language."""
    english = (get_language() or "").startswith("en")
    return [
        Offer(
            key=one.key,
            name=one.name_en if english else one.name,
            note=one.note_en if english else one.note,
            lane=one.lane,
            icon=one.icon,
            texts=len(one.texts),
            steps=len(graph_of(one)["nodes"]),
        )
        for one in entries()
    ]


def graph_of(
    entry: Entry, *, texts: Mapping[str, str] | None = None, audiences: Mapping[str, object] | None = None
) -> Graph:
    """The entry's graph with a place for every step.

    ``texts`` and ``audiences`` say what ``@name`` stands for in a hospital: a template's public id, an
    audience's id; a name that they do not know stays as it is. In a question an audience goes by its name.
    """
    drawing = _Drawing(entry, texts or {}, audiences or {})
    drawing.walk(entry.steps, [], 0, 0.0)
    _place(drawing)
    return {"nodes": drawing.nodes, "edges": drawing.edges}


@dataclass(slots=True)
class _Drawing:
    entry: Entry
    texts: Mapping[str, str]
    audiences: Mapping[str, object]
    nodes: list[dict[str, Any]] = field(default_factory=list)
    edges: list[dict[str, Any]] = field(default_factory=list)
    places: dict[str, tuple[int, float]] = field(default_factory=dict)

    def walk(
        self, steps: Sequence[Mapping[str, Any]], open_ends: list[tuple[str, str]], depth: int, lane: float
    ) -> tuple[list[tuple[str, str]], int]:
        """Draw ``steps`` below ``open_ends`` (step, way out); returns the ends left open and the depth."""
        for step in steps:
            kind = next(name for name in step if name in KINDS)
            key = f"n{len(self.nodes) + 1}"
            self.nodes.append({"id": key, "kind": kind, "props": self._known(step[kind])})
            self.edges += [{"from": source, "to": key, "port": port} for source, port in open_ends]
            self.places[key] = (depth, lane)
            depth += 1
            if kind == "exit":
                return [], depth
            ways = [name for name in WAYS if name in step]
            open_ends, deepest = self._main_way(key, kind, step, ways), depth
            filled = [name for name in ways if step[name]]
            for place, name in enumerate(filled + [name for name in ways if not step[name]]):
                aside = lane + place + (1 if open_ends and kind != "split" else 0)
                ends, deep = self.walk(step[name], [(key, name)], depth, aside)
                open_ends += ends
                deepest = max(deepest, deep)
            depth = deepest if kind == "split" else depth
            # An empty way goes straight down beside the filled ones, behind no step.
            lane += len(filled) if kind == "split" and len(filled) < len(ways) else 0
        return open_ends, depth

    def _main_way(
        self, key: str, kind: str, step: Mapping[str, Any], ways: Sequence[str]
    ) -> list[tuple[str, str]]:
        """The ways out of a step that the list goes on with."""
        if kind == "condition":
            return [(key, name) for name in ("yes", "no") if name not in ways]
        if kind == "split":
            return [(key, name) for name in step[kind]["shares"] if name not in ways]
        return [(key, "next")]

    def _known(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: self._asked(each) if name == "in_audience" else self._known(each)
                for name, each in value.items()
            }
        if isinstance(value, list):
            return [self._known(each) for each in value]
        if isinstance(value, str) and value.startswith("@"):
            return self.texts.get(value[1:], self.audiences.get(value[1:], value))
        return value

    def _asked(self, value: Any) -> Any:
        asked = self.entry.audiences.get(str(value).removeprefix("@"))
        return asked.name if asked else value


def _place(drawing: _Drawing) -> None:
    """Steps in rows by depth; two that would stand on each other move apart."""
    taken: set[tuple[int, int]] = set()
    for node in drawing.nodes:
        depth, lane = drawing.places[node["id"]]
        column = round(lane)
        while (depth, column) in taken:
            column += 1
        taken.add((depth, column))
        node["x"], node["y"] = 24 + column * WIDTH, 24 + depth * HEIGHT
