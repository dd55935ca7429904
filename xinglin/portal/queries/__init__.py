"""Reads of the public pages."""

from xinglin.portal.queries.codes import find_verified, get_code
from xinglin.portal.queries.look import logo_picture, logo_stamp
from xinglin.portal.queries.upkeep import (
    find_redirect,
    get_redirect,
    list_broken_links,
    list_pushes,
    list_redirects,
    public_urls,
    search_settings,
)
from xinglin.portal.queries.words import Led, get_watched_word, list_led, list_watched_words

__all__ = [
    "Led",
    "find_redirect",
    "find_verified",
    "get_code",
    "get_redirect",
    "get_watched_word",
    "list_broken_links",
    "list_led",
    "list_pushes",
    "list_redirects",
    "list_watched_words",
    "logo_picture",
    "logo_stamp",
    "public_urls",
    "search_settings",
]
