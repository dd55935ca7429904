"""How the hospital looks on its own site: its logo, or its crest, or nothing of its own."""

from io import BytesIO
from typing import Any, Final

from PIL import Image, UnidentifiedImageError

from xinglin.content import queries as content
from xinglin.core import env
from xinglin.core.errors import NotFound

SIDE: Final = 320


def logo_stamp(organization: Any) -> str:
    """What names the picture that stands for a hospital, new with each picture; "" where it has none."""
    stamp = content.public_logo_stamp(organization.pk)
    if stamp or not organization.logo_name:
        return stamp
    return f"{int(organization.updated_at.timestamp()):x}"


def logo_picture(organization: Any) -> bytes:
    """The logo of the brand kit as PNG, else the crest of the hospital's profile. Raises NotFound."""
    if content.public_logo_stamp(organization.pk):
        return content.public_logo_picture(organization.pk)
    path = env.files_dir("logos") / organization.logo_name
    if not organization.logo_name or not path.is_file():
        raise NotFound
    drawn = BytesIO()
    try:
        with Image.open(path) as picture:
            picture.thumbnail((SIDE, SIDE))
            picture.convert("RGBA").save(drawn, "PNG")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise NotFound from error
    return drawn.getvalue()
