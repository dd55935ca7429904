"""Reads of the public pages."""

from xinglin.portal.queries.codes import find_verified, get_code
from xinglin.portal.queries.upkeep import (
    find_redirect,
    get_redirect,
    list_broken_links,
    list_pushes,
    list_redirects,
    public_urls,
    search_settings,
)

__all__ = [
    "find_redirect",
    "find_verified",
    "get_code",
    "get_redirect",
    "list_broken_links",
    "list_pushes",
    "list_redirects",
    "public_urls",
    "search_settings",
]
