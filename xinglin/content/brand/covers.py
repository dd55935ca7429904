"""The cover of a text as a printed piece carries it: cut to the format's place, its middle kept."""

from base64 import b64encode
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps

#: Width and height of the cover's place in millimetres; formats without one carry no picture.
PLACES: Final = {
    "poster": (297, 100),
    "leaflet": (99, 66),
    "card": (30, 54),
    "board": (800, 330),
}
#: Pixels an inch of what is kept, and the most for the longer side: a board is read from afar.
PPI: Final = 200
MOST: Final = 2400


def cover_for(template: str, data: bytes) -> str:
    """The picture cut and scaled for a format, as SVG of the place's size; "" where the format has no place.

    The same bytes give the same text. A transparent ground becomes white, as paper is.
    """
    place = PLACES.get(template)
    if place is None:
        return ""
    width, height = place
    scale = min(PPI / 25.4, MOST / max(place))
    with Image.open(BytesIO(data)) as picture:
        drawn = picture.convert("RGBA")
    ground = Image.new("RGBA", drawn.size, (255, 255, 255, 255))
    ground.alpha_composite(drawn)
    # Enlarging adds bytes and no detail.
    scale = min(scale, max(drawn.width / width, drawn.height / height))
    size = (max(round(width * scale), 1), max(round(height * scale), 1))
    cut = ImageOps.fit(ground.convert("RGB"), size, method=Image.Resampling.LANCZOS)
    out = BytesIO()
    cut.save(out, "JPEG", quality=88)
    encoded = b64encode(out.getvalue()).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" '
        f'viewBox="0 0 {size[0]} {size[1]}"><image width="{size[0]}" height="{size[1]}" '
        f'preserveAspectRatio="none" href="data:image/jpeg;base64,{encoded}"/></svg>'
    )
