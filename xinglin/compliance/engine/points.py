"""A text as numbers, which answer for all of its characters at once."""

from typing import Any

import numpy as np


def points_of(text: str) -> Any:
    """The code points of a text; a line break where it is empty."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass") or b"\n\0\0\0", dtype=np.uint32)
