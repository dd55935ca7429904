from xinglin.portal.models.codes import PhoneCode
from xinglin.portal.models.upkeep import BrokenLink, PageRedirect, SearchPush, SearchSettings

__all__ = ["BrokenLink", "PageRedirect", "PhoneCode", "SearchPush", "SearchSettings"]
