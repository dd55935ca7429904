"""Drawn pictures for the demo's library."""

from datetime import datetime
from io import BytesIO
from pathlib import Path

from xinglin.content import actions as content
from xinglin.core.actor import Actor
from xinglin.core.typeset import typeset


def draw_cover(actor: Actor, big: str, small: str, *, at: datetime) -> int:
    """A cover with two lines of words in the library; returns its row."""
    template = Path(__file__).with_name("cover.typ")
    made = typeset(template, {"big": big, "small": small}, form="png", ppi=144)[0]
    asset = content.add_media(
        actor=actor,
        file=BytesIO(made),
        name=big,
        alt=f"封面：{big}，{small}",
        source="本院市场部绘制",
        licence="own",
        now=at,
    )
    content.read_pictures(now=at)
    return asset.pk
