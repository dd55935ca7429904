"""Text inside pictures, by the optional extra ``ocr``; line by line, as turned lines come in any order."""

import logging
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp"})
MISSING = "读图片里的字要装可选部件：pip install 'xinglin[ocr]'"
Reader = Callable[[Path], list[str]]
_reader: Any = None
_registered: list[Reader] = []


class OcrMissing(Exception):
    """The extra is not installed."""

    def __init__(self) -> None:
        super().__init__(MISSING)


def register(reader: Reader | None) -> None:
    """Have another reader of pictures in place of the extra's; None goes back to that."""
    _registered[:] = [reader] if reader else []


def can_read() -> bool:
    """Whether anything here reads pictures."""
    return bool(_registered) or find_spec("rapidocr") is not None


def is_picture(name: str) -> bool:
    """By the file's ending."""
    return Path(name).suffix.lower() in SUFFIXES


def read_lines(path: Path) -> list[str]:
    """The lines of text in a picture, from above. OcrMissing without the extra."""
    global _reader
    if _registered:
        return _registered[0](path)
    if _reader is None:
        try:
            from rapidocr import RapidOCR  # type: ignore[import-not-found,unused-ignore]
        except ImportError as error:
            raise OcrMissing from error
        _reader = RapidOCR()
        logging.getLogger("RapidOCR").setLevel(logging.WARNING)
    found = _reader(str(path))
    return [str(line) for line in found.txts or ()]
