from xinglin.portal.models.codes import PhoneCode
from xinglin.portal.models.upkeep import BrokenLink, PageRedirect, SearchPush, SearchSettings
from xinglin.portal.models.words import SearchWord, WatchedWord

__all__ = [
    "BrokenLink",
    "PageRedirect",
    "PhoneCode",
    "SearchPush",
    "SearchSettings",
    "SearchWord",
    "WatchedWord",
]
