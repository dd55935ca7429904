"""What is on a finished picture: its colours by area, and which logos stand on it."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any, Final

import numpy as np
from django.utils.translation import gettext_lazy as _
from PIL import Image, UnidentifiedImageError

from xinglin.content.brand.svg import picture_of
from xinglin.core.errors import Invalid

WIDE: Final = 400
#: Correlation above which a logo is on the picture (flat artwork scores 0.9 and more, chance below 0.6).
SEEN: Final = 0.78
WIDTHS: Final = tuple(int(14 * 1.13**n) for n in range(24))


def open_picture(data: bytes) -> Image.Image:
    """An uploaded picture on white. Raises Invalid (field ``file``)."""
    try:
        with Image.open(BytesIO(data)) as picture:
            if picture.format not in {"PNG", "JPEG", "WEBP"} or max(picture.size) > 20_000:
                raise Invalid(fields={"file": [_("用 PNG、JPEG 或 WebP 图片")]})
            picture.draft("RGB", (2048, 2048))
            picture.thumbnail((2048, 2048))
            return on_white(picture.convert("RGBA"))
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        raise Invalid(fields={"file": [_("这个图片打不开")]}) from None


def on_white(picture: Image.Image) -> Image.Image:
    """The picture without transparency."""
    ground = Image.new("RGBA", picture.size, (255, 255, 255, 255))
    ground.alpha_composite(picture)
    return ground.convert("RGB")


def colours_of(picture: Image.Image, *, most: int = 24) -> dict[str, float]:
    """Colours as ``#RRGGBB`` with the share of the area they cover."""
    small = picture.copy()
    small.thumbnail((400, 400))
    reduced = small.quantize(colors=most, method=Image.Quantize.MAXCOVERAGE).convert("RGB")
    counted = reduced.getcolors(maxcolors=most * 4) or []
    total = sum(count for count, _colour in counted) or 1
    found: dict[str, float] = {}
    for count, colour in counted:
        red, green, blue = colour  # type: ignore[misc]
        found[f"#{red:02X}{green:02X}{blue:02X}"] = count / total
    return found


def fingerprint_of(svg: str) -> str:
    """Difference hash of a logo's drawing: 64 bits in hex."""
    drawn = on_white(picture_of(svg, width=128)).convert("L").resize((9, 8))
    grey = np.asarray(drawn, dtype=np.int16)
    bits = (grey[:, 1:] > grey[:, :-1]).flatten()
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"


def logos_on(picture: Image.Image, logos: Mapping[str, str]) -> dict[str, float]:
    """Which of ``logos`` (name to SVG) stand on the picture, with the correlation, the surest first.

    Each is tried in 24 widths from 3 % to 40 % of the picture. Where two versions answer at about the same
    place, only the surer one counts.
    """
    scaled = picture.convert("RGB")
    scaled.thumbnail((WIDE, WIDE))
    ground = np.asarray(scaled, dtype=np.float32) / 255
    scores: dict[str, tuple[float, int, int, int]] = {}
    for name, svg in logos.items():
        best = _best(ground, picture_of(svg, width=256))
        if best[0] >= SEEN:
            scores[name] = best
    kept: list[tuple[str, tuple[float, int, int, int]]] = []
    for name, place in sorted(scores.items(), key=lambda item: -item[1][0]):
        if not any(_same_place(place, other) for _name, other in kept):
            kept.append((name, place))
    return {name: place[0] for name, place in kept}


def _same_place(left: tuple[float, int, int, int], right: tuple[float, int, int, int]) -> bool:
    reach = max(left[3], right[3])
    return abs(left[1] - right[1]) < reach and abs(left[2] - right[2]) < reach


def _best(ground: Any, logo: Image.Image) -> tuple[float, int, int, int]:
    """The highest normalised cross-correlation over all widths: (score, row, column, size)."""
    high, wide = ground.shape[:2]
    best = (0.0, 0, 0, 0)
    # One transform of the ground for all widths: the correlations are products in frequency space.
    spectra = [np.fft.rfft2(ground[..., channel]) for channel in range(3)]
    sums, squares = _integral(ground), _integral(ground**2)
    for width in WIDTHS:
        height = max(round(width * logo.height / logo.width), 1)
        if width >= wide or height >= high or height < 6:
            continue
        piece = np.asarray(on_white(logo.resize((width, height))), dtype=np.float32) / 255
        score, row, column = _correlate(spectra, sums, squares, piece, (high, wide))
        if score > best[0]:
            best = (score, row, column, max(width, height))
    return best


def _correlate(
    spectra: list[Any], sums: Any, squares: Any, piece: Any, shape: tuple[int, int]
) -> tuple[float, int, int]:
    height, width = piece.shape[:2]
    count = height * width * 3
    centred = piece - piece.mean()
    norm = float((centred**2).sum())
    if norm < 1e-3:
        return 0.0, 0, 0
    product: Any = sum(
        np.fft.irfft2(spectrum * np.conj(np.fft.rfft2(centred[..., channel], s=shape)), s=shape)
        for channel, spectrum in enumerate(spectra)
    )
    rows, columns = shape[0] - height + 1, shape[1] - width + 1
    window = _windows(sums, height, width)
    spread = _windows(squares, height, width) - window**2 / count
    score = product[:rows, :columns] / np.sqrt(np.maximum(spread, count * 1e-4) * norm)
    at = int(score.argmax())
    row, column = divmod(at, columns)
    return float(score[row, column]), row, column


def _integral(values: Any) -> Any:
    flat = values.sum(axis=2, dtype=np.float64)
    return np.pad(flat.cumsum(0).cumsum(1), ((1, 0), (1, 0)))


def _windows(table: Any, height: int, width: int) -> Any:
    return (
        table[height:, width:] - table[:-height, width:] - table[height:, :-width] + table[:-height, :-width]
    )
