"""XML of callbacks as nested values: no document type, no entities, little depth, little size."""

from typing import Any
from xml.parsers import expat

from xinglin.outreach.receipts.told import Malformed

MAX_DEPTH = 12
MAX_NODES = 2000


class _Reader:
    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self.open: list[dict[str, Any]] = [self.root]
        self.names: list[str] = []
        self.texts: list[list[str]] = [[]]
        self.nodes = 0

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self.nodes += 1
        if len(self.names) >= MAX_DEPTH or self.nodes > MAX_NODES:
            raise Malformed("too deep or too long")
        self.names.append(name)
        self.open.append({})
        self.texts.append([])

    def data(self, text: str) -> None:
        self.texts[-1].append(text)

    def end(self, name: str) -> None:
        children, text = self.open.pop(), "".join(self.texts.pop()).strip()
        self.names.pop()
        value: Any = children or text
        into = self.open[-1]
        if name in into:
            into[name] = [*(into[name] if isinstance(into[name], list) else [into[name]]), value]
        else:
            into[name] = value


def _refuse(*_anything: object) -> Any:
    raise Malformed("a document type or an entity")


def read_xml(text: str) -> dict[str, Any]:
    """What is inside the outermost element; repeated elements become a list. Raises Malformed."""
    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.ExternalEntityRefHandler = _refuse
    parser.UnparsedEntityDeclHandler = _refuse
    parser.SkippedEntityHandler = _refuse
    parser.StartElementHandler = reader.start
    parser.CharacterDataHandler = reader.data
    parser.EndElementHandler = reader.end
    try:
        parser.Parse(text, True)
    except expat.ExpatError as error:
        raise Malformed(str(error)) from error
    found = next(iter(reader.root.values()), None)
    if not isinstance(found, dict):
        raise Malformed("nothing inside")
    return found
