"""Paper from data: a Typst template of ours, values as JSON, our own fonts; nothing of the system is used.

A template reads its values by ``json(bytes(sys.inputs.data))``; values are never pasted into markup, so no
text can become markup.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import typst

FONT_FOLDER: Final = Path(__file__).resolve().parent.parent / "ui" / "fonts"
FONT_FAMILY: Final = "Noto Sans SC"


class TypesetError(RuntimeError):
    """A template could not be set; the message is Typst's own."""


@cache
def _fonts() -> Any:
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(FONT_FOLDER)]
    )
    if FONT_FAMILY not in fonts.families():
        raise TypesetError(f"the font {FONT_FAMILY} is missing; run `make setup`")
    return fonts


def typeset(
    template: Path,
    data: Mapping[str, Any],
    *,
    form: Literal["pdf", "png", "svg"] = "pdf",
    ppi: float = 144,
    made_at: datetime | None = None,
) -> list[bytes]:
    """The pages of ``template`` filled with ``data``: one PDF, or a picture for each page.

    ``ppi`` is for PNG. ``made_at`` is the date in the PDF; the same arguments give the same bytes. Raises
    TypesetError.
    """
    try:
        compiler = typst.Compiler(
            input=str(template),
            root=str(template.parent),
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
        )
        whole = made_at.replace(microsecond=0) if made_at else None
        made = compiler.compile(format=form, ppi=ppi if form == "png" else None, timestamp=whole)
    except RuntimeError as error:
        raise TypesetError(str(error)) from error
    return list(made) if isinstance(made, list) else [made or b""]
