"""Printed pieces from approved words: a template, the hospital's kit and a tracked code, set by Typst.

Nothing here knows a database: values in, bytes out. What a page class may carry is decided in ``layout``,
before a template is given anything to draw.
"""

from xinglin.content.brand.covers import cover_for
from xinglin.content.brand.layout import WAYS_ALLOWED, Piece, arrange, plain_text_of
from xinglin.content.brand.paper import TEMPLATES, Template, TooLong, render, template_of

__all__ = [
    "TEMPLATES",
    "WAYS_ALLOWED",
    "Piece",
    "Template",
    "TooLong",
    "arrange",
    "cover_for",
    "plain_text_of",
    "render",
    "template_of",
]
