"""Search by name, address, pinyin, initials, id and plate; one index a world."""

from dashboard.search.index import Hit, SearchIndex
from dashboard.search.sources import build_index

__all__ = ["Hit", "SearchIndex", "build_index"]
