"""A 3D model in one binary file, read whole before it is kept: what a visitor's phone is given must open.

Source: Khronos, glTF 2.0 (ISO/IEC 12113:2022), sections 3 (content) and 4 (GLB).
"""

import json
import math
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

MAGIC, JSON_CHUNK, BINARY_CHUNK = b"glTF", b"JSON", b"BIN\0"
MAX_JSON = 2 * 1024 * 1024
#: What a phone of the middle class turns smoothly.
MAX_TRIANGLES, MAX_NODES = 300_000, 5_000
#: Numbers of all tables together; tables may lie upon each other in the file.
MAX_VALUES = 8_000_000
SIZES = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
TYPES: dict[int, type[np.generic]] = {
    5120: np.int8, 5121: np.uint8, 5122: np.int16, 5123: np.uint16, 5125: np.uint32, 5126: np.float32,
}  # fmt: skip
#: These need a decoder that the viewer would fetch from another's server.
PACKED = {
    "KHR_draco_mesh_compression", "EXT_meshopt_compression", "KHR_meshopt_compression", "KHR_texture_basisu",
}  # fmt: skip
#: What the viewer on the page understands, of what a file may insist on.
KNOWN = {
    "EXT_texture_webp", "KHR_mesh_quantization", "KHR_texture_transform", "KHR_lights_punctual",
    "KHR_materials_anisotropy", "KHR_materials_clearcoat", "KHR_materials_dispersion",
    "KHR_materials_emissive_strength", "KHR_materials_ior", "KHR_materials_iridescence",
    "KHR_materials_sheen", "KHR_materials_specular", "KHR_materials_transmission", "KHR_materials_unlit",
    "KHR_materials_variants", "KHR_materials_volume",
}  # fmt: skip
#: Understood even where a file does not insist, and multiplying what is drawn without a bound.
REFUSED = {"EXT_mesh_gpu_instancing"}


class NotAModel(ValueError):
    """Why a file is not kept, in the user's words."""

    def __init__(self, text: str | Promise) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True, slots=True)
class Model:
    """``triangles`` as drawn, ``pictures`` the files of its surfaces."""

    triangles: int
    pictures: tuple[bytes, ...]


def read_model(data: bytes) -> Model:
    """What a GLB file holds. Raises NotAModel."""
    content, binary = _chunks(data)
    try:
        return _Reader(content, binary).read()
    except (KeyError, TypeError, IndexError, AttributeError, ValueError, OverflowError) as error:
        if isinstance(error, NotAModel):
            raise
        raise NotAModel(_("模型文件的内容前后对不上，请用建模软件重新导出")) from error


def _chunks(data: bytes) -> tuple[dict[str, Any], bytes]:
    if data[:4] != MAGIC:
        raise NotAModel(_("这个文件不是 GLB 模型（glTF 2.0 二进制）"))
    if len(data) < 20:
        raise NotAModel(_("模型文件不完整，请重新导出或上传"))
    version, length = struct.unpack_from("<II", data, 4)
    if version != 2:
        raise NotAModel(_("只收 glTF 2.0 的模型，请用建模软件另存"))
    if length != len(data):
        raise NotAModel(_("模型文件不完整，请重新导出或上传"))
    found, at = [], 12
    while at < length:
        if at + 8 > length:
            raise NotAModel(_("模型文件不完整，请重新导出或上传"))
        size = struct.unpack_from("<I", data, at)[0]
        if at + 8 + size > length:
            raise NotAModel(_("模型文件不完整，请重新导出或上传"))
        found.append((data[at + 4 : at + 8], at + 8, size))
        at += 8 + size
    kind, start, size = found[0]
    if kind != JSON_CHUNK:
        raise NotAModel(_("模型文件的内容前后对不上，请用建模软件重新导出"))
    if size > MAX_JSON:
        raise NotAModel(_("模型的说明部分超过 2 MB，请把网格和贴图放进二进制部分"))
    binary = next(
        (data[start : start + size] for kind, start, size in found[1:2] if kind == BINARY_CHUNK), b""
    )
    return _json(data[start : start + size]), binary


def _json(chunk: bytes) -> dict[str, Any]:
    try:
        content = json.loads(chunk.decode(), parse_constant=_no_number, parse_float=_finite)
    except NotAModel:
        raise
    except (ValueError, RecursionError) as error:
        raise NotAModel(_("模型的说明部分读不出来，请重新导出")) from error
    if not isinstance(content, dict):
        raise NotAModel(_("模型的说明部分读不出来，请重新导出"))
    return content


def _no_number(word: str) -> float:
    raise NotAModel(_("模型里有不是数字的坐标（NaN 或无穷大），请修好再导出"))


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


def _inside(content: Any) -> Iterator[tuple[str, Any]]:
    """Every named value, those that are free for an author's own notes (``extras``) left out."""
    waiting = [content]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            kept = [(name, value) for name, value in one.items() if name != "extras"]
            yield from kept
            waiting += [value for _name, value in kept]
        elif isinstance(one, list):
            waiting += one


class _Reader:
    def __init__(self, content: dict[str, Any], binary: bytes) -> None:
        self.content, self.binary = content, binary
        self.counted = 0

    def read(self) -> Model:
        self._check_header()
        for number in range(len(self._rows("accessors"))):
            self._check_numbers(number)
        meshes = [self._triangles(mesh) for mesh in self._rows("meshes")]
        triangles = sum(meshes[number] for number in self._shown())
        if not triangles:
            raise NotAModel(_("模型里没有可以显示的面"))
        if triangles > MAX_TRIANGLES:
            raise NotAModel(_("模型超过 30 万个三角面，手机上转不动，请先减面"))
        return Model(triangles, tuple(self._picture(image) for image in self._rows("images")))

    def _check_header(self) -> None:
        if not str(self.content["asset"]["version"]).startswith("2."):
            raise NotAModel(_("只收 glTF 2.0 的模型，请用建模软件另存"))
        needed = {str(name) for name in self.content.get("extensionsRequired", [])}
        used = needed | {str(name) for name in self.content.get("extensionsUsed", [])}
        for name, value in _inside(self.content):
            if name == "uri":
                raise NotAModel(_("模型引用了文件以外的贴图或数据，请导出成单个 GLB，全部嵌在里面"))
            if name == "extensions":
                used |= set(value)
        if packed := sorted(used & PACKED):
            raise NotAModel(
                _("模型用了压缩（%(name)s），页面上没有解压部件；请导出时关掉 Draco、meshopt、KTX2 压缩")
                % {"name": str(_("、")).join(packed)}
            )
        if unknown := sorted((needed - KNOWN) | (used & REFUSED)):
            raise NotAModel(
                _("模型要用页面上的查看器不认识的扩展：%(name)s") % {"name": str(_("、")).join(unknown)[:200]}
            )

    def _rows(self, name: str) -> list[Any]:
        rows = self.content.get(name, [])
        if not isinstance(rows, list):
            raise TypeError(name)
        return rows

    def _row(self, name: str, number: Any) -> Any:
        if type(number) is not int or not 0 <= number < len(self._rows(name)):
            raise IndexError(name)
        return self._rows(name)[number]

    def _view(self, number: Any) -> tuple[int, int, int]:
        """Where a view begins and ends in the binary part, and the step of its rows (0: close together)."""
        view = self._row("bufferViews", number)
        buffer = self._row("buffers", view["buffer"])
        start, size, step = view.get("byteOffset", 0), view["byteLength"], view.get("byteStride", 0)
        whole = min(buffer["byteLength"], len(self.binary))
        if min(start, size - 1, step) < 0 or start + size > whole or view["buffer"] != 0 or step > 252:
            raise ValueError("view")
        return start, start + size, step

    def _table(self, view: Any, offset: int, *, count: int, width: int, kind: int) -> np.ndarray:
        start, end, step = self._view(view)
        dtype = np.dtype(TYPES[kind]).newbyteorder("<")
        row = width * dtype.itemsize
        step = step or row
        start += offset
        if offset < 0 or count < 1 or step < row or start + step * (count - 1) + row > end:
            raise ValueError("accessor")
        return np.ndarray((count, width), dtype, self.binary, start, (step, dtype.itemsize))

    def _numbers(self, number: Any) -> np.ndarray | None:
        """A table of the file; None for one of noughts that only its sparse part fills."""
        row = self._row("accessors", number)
        if "bufferView" not in row:
            return None
        return self._table(
            row["bufferView"], row.get("byteOffset", 0), count=row["count"], width=SIZES[row["type"]],
            kind=row["componentType"],
        )  # fmt: skip

    def _check_numbers(self, number: int) -> None:
        row = self._row("accessors", number)
        if type(row["count"]) is not int or row["count"] < 1:
            raise ValueError("count")
        self.counted += row["count"] * SIZES[row["type"]]
        if self.counted > MAX_VALUES:
            raise NotAModel(_("模型超过 30 万个三角面，手机上转不动，请先减面"))
        tables = [self._numbers(number)]
        if sparse := row.get("sparse"):
            count, at, values = sparse["count"], sparse["indices"], sparse["values"]
            places = self._table(
                at["bufferView"], at.get("byteOffset", 0), count=count, width=1, kind=at["componentType"]
            )
            if int(places.max()) >= row["count"]:
                raise ValueError("sparse")
            tables.append(
                self._table(
                    values["bufferView"], values.get("byteOffset", 0), count=count,
                    width=SIZES[row["type"]], kind=row["componentType"],
                )
            )  # fmt: skip
        for table in tables:
            if table is not None and table.dtype.kind == "f" and not np.isfinite(table).all():
                _no_number("")

    def _triangles(self, mesh: Any) -> int:
        return sum(self._of_primitive(each) for each in mesh["primitives"])

    def _of_primitive(self, primitive: Any) -> int:
        """Triangles of one part of a mesh; every corner must be there."""
        rows = {name: self._row("accessors", at) for name, at in primitive["attributes"].items()}
        place = rows["POSITION"]
        if place["type"] != "VEC3" or any(row["count"] != place["count"] for row in rows.values()):
            raise ValueError("attributes")
        if "material" in primitive:
            self._row("materials", primitive["material"])
        corners = place["count"]
        if "indices" in primitive:
            table = self._numbers(primitive["indices"])
            if table is None or table.dtype.kind != "u" or int(table.max()) >= corners:
                raise ValueError("indices")
            corners = len(table)
        mode = primitive.get("mode", 4)
        return corners // 3 if mode == 4 else max(corners - 2, 0) if mode in (5, 6) else 0

    def _shown(self) -> Iterator[int]:
        """The mesh of each node of the scene; a node has one place in it."""
        self._check_textures()
        waiting = list(self._row("scenes", self.content.get("scene", 0))["nodes"])
        seen: set[int] = set()
        while waiting:
            number = waiting.pop()
            node = self._row("nodes", number)
            if number in seen or len(seen) > MAX_NODES:
                raise ValueError("nodes")
            seen.add(number)
            waiting += node.get("children", [])
            if "mesh" in node:
                self._row("meshes", node["mesh"])
                yield node["mesh"]

    def _check_textures(self) -> None:
        for texture in self._rows("textures"):
            if "source" in texture:
                self._row("images", texture["source"])
        for material in self._rows("materials"):
            for name, value in _inside(material):
                if name.endswith("Texture"):
                    self._row("textures", value["index"])

    def _picture(self, image: Any) -> bytes:
        start, end, _step = self._view(image["bufferView"])
        return self.binary[start:end]
