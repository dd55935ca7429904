"""A 3D model made from formulas: a stretch of an artery, cut open, narrowed by a plaque on one side."""

import json
import struct
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

#: Where the wall begins and ends around the vessel, in radians: a third is cut away.
OPEN_FROM, OPEN_TO = 0.35 * np.pi, 1.7 * np.pi
PLAQUE_FROM = 0.8 * np.pi
#: Metres.
LENGTH, OUTER, INNER = 0.09, 0.02, 0.0145
WALL, LINING, PLAQUE = (0.72, 0.22, 0.2), (0.9, 0.5, 0.46), (0.93, 0.78, 0.38)
#: A little step off a surface.
OUT = 0.001
Colour = tuple[float, float, float]
Mesh = tuple[np.ndarray, np.ndarray, Colour]


def parts() -> list[Mesh]:
    """Corners (n × 3, metres), triangles (m × 3, turned outwards) and colour of each part."""
    around, along, thick = (
        np.linspace(OPEN_FROM, OPEN_TO, 24),
        np.linspace(0, 1, 30),
        np.array([INNER, OUTER]),
    )
    angle, step = np.meshgrid(around, along, indexing="ij")
    sheets = [
        (WALL, _tube(angle, step, OUTER), _tube(angle, step, OUTER + OUT)),
        (LINING, _tube(angle, step, INNER), _tube(angle, step, INNER - OUT)),
    ]
    for edge, beyond in ((OPEN_FROM, OPEN_FROM - OUT), (OPEN_TO, OPEN_TO + OUT)):
        cut = [_tube(at, along[None, :], thick[:, None]) for at in (edge, beyond)]
        sheets.append((WALL, cut[0], cut[1]))
    for end, beyond in ((0, -OUT), (1, 1 + OUT)):
        cut = [_tube(around[None, :], at, thick[:, None]) for at in (end, beyond)]
        sheets.append((WALL, cut[0], cut[1]))
    angle, step = np.meshgrid(np.linspace(PLAQUE_FROM, OPEN_TO, 20), np.linspace(0, 1, 26), indexing="ij")
    height, place = INNER - _swelling(angle, step), 0.2 + 0.6 * step
    sheets.append((PLAQUE, _tube(angle, place, height), _tube(angle, place, height - OUT)))
    return [_part(*each) for each in sheets]


def _part(colour: Colour, points: np.ndarray, beyond: np.ndarray) -> Mesh:
    """A grid of points as triangles that look towards ``beyond``."""
    corners, faces = points.reshape(-1, 3), _triangles(*points.shape[:2])
    looks_in = (_normals(corners, faces) * (beyond.reshape(-1, 3) - corners)).sum() < 0
    return corners, faces[:, ::-1] if looks_in else faces, colour


def _swelling(a: np.ndarray, s: np.ndarray) -> np.ndarray:
    swollen: np.ndarray = 0.0011 + 0.0109 * np.sin(np.pi * s) ** 2 * np.sin((a - PLAQUE_FROM) / 0.9) ** 2
    return swollen


def _tube(a: Any, s: Any, radius: Any) -> np.ndarray:
    """Points of a slightly bent tube: ``a`` around it, ``s`` in [0, 1] along it."""
    a, s, radius = np.broadcast_arrays(a, s, radius)
    bend = 0.008 * np.sin(np.pi * s)
    return np.stack([(s - 0.5) * LENGTH, radius * np.cos(a) + bend, radius * np.sin(a)], axis=-1)


def _triangles(rows: int, columns: int) -> np.ndarray:
    """Two for each square of a grid of points."""
    first = (np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)).ravel()
    below = first + columns
    return np.stack([first, first + 1, below, first + 1, below + 1, below], axis=1).reshape(-1, 3)


def _normals(corners: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """A direction of length 1 for each corner: the mean of its triangles'."""
    first, second, third = (corners[faces[:, number]] for number in range(3))
    found = np.zeros_like(corners)
    for number in range(3):
        np.add.at(found, faces[:, number], np.cross(second - first, third - first))
    directions: np.ndarray = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)
    return directions


def as_glb() -> bytes:
    """The model as glTF 2.0 in one binary file."""
    binary, views, accessors = b"", [], []
    meshes, materials = [], []
    for number, (corners, faces, colour) in enumerate(parts()):
        for table, kind, shape, target in (
            (corners.astype("<f4"), 5126, "VEC3", 34962),
            (_normals(corners, faces).astype("<f4"), 5126, "VEC3", 34962),
            (faces.astype("<u2").ravel(), 5123, "SCALAR", 34963),
        ):
            views.append(
                {"buffer": 0, "byteOffset": len(binary), "byteLength": table.nbytes, "target": target}
            )
            edges = {"min": table.min(0).tolist(), "max": table.max(0).tolist()} if shape == "VEC3" else {}
            accessors.append(
                {
                    "bufferView": len(views) - 1,
                    "componentType": kind,
                    "count": len(table),
                    "type": shape,
                    **edges,
                }
            )
            binary += table.tobytes() + b"\0" * (-table.nbytes % 4)
        light = [part**2.2 for part in colour]  # colours of surfaces are linear there
        surface = {"baseColorFactor": [*light, 1], "metallicFactor": 0, "roughnessFactor": 0.55}
        materials.append({"pbrMetallicRoughness": surface, "doubleSided": True})
        meshes.append(
            {
                "attributes": {"POSITION": 3 * number, "NORMAL": 3 * number + 1},
                "indices": 3 * number + 2,
                "material": number,
            }
        )
    content = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": meshes}],
        "materials": materials,
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": len(binary)}],
    }
    return pack(content, binary)


def pack(content: dict[str, Any], binary: bytes) -> bytes:
    """A GLB file of its two chunks."""
    text = json.dumps(content, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    whole = 12 + 8 + len(text) + 8 + len(binary)
    return b"".join(
        [struct.pack("<4sII", b"glTF", 2, whole), struct.pack("<I4s", len(text), b"JSON"), text,
         struct.pack("<I4s", len(binary), b"BIN\0"), binary]
    )  # fmt: skip


def as_picture(width: int = 960, height: int = 640) -> bytes:
    """The model as it first stands, drawn from the back to the front (PNG)."""
    turn, tilt = 0.5, 0.45
    about = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0], [-np.sin(turn), 0, np.cos(turn)]])
    down = np.array([[1, 0, 0], [0, np.cos(tilt), -np.sin(tilt)], [0, np.sin(tilt), np.cos(tilt)]])
    faces, colours = [], []
    for corners, triangles, colour in parts():
        faces.append((corners @ (down @ about).T)[triangles])
        colours += [colour] * len(triangles)
    shown = np.concatenate(faces)
    normals = np.cross(shown[:, 1] - shown[:, 0], shown[:, 2] - shown[:, 0])
    light = np.abs(normals @ np.array([0.35, 0.6, 0.72])) / np.maximum(np.linalg.norm(normals, axis=1), 1e-12)
    scale = 0.8 * width / LENGTH
    flat = shown[..., :2] * (scale, -scale) + (width / 2, height / 2)
    picture = Image.new("RGB", (width, height), (244, 244, 241))
    pen = ImageDraw.Draw(picture)
    for each in np.argsort(shown[..., 2].mean(axis=1)):
        tone = tuple(int(255 * part * (0.45 + 0.55 * light[each])) for part in colours[each])
        pen.polygon([tuple(corner) for corner in flat[each]], fill=tone)
    out = BytesIO()
    picture.save(out, format="PNG")
    return out.getvalue()
