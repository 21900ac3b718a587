"""Every component id, in one place."""

PICKED = "picked"
"""Store: what was clicked, {"layer", "id", "t"}; JavaScript writes it."""

DETAIL = "detail"
"""Where the panel of what was clicked goes."""

SHOWN = "shown"
"""Store inside a panel: what it shows, {"layer", "id", "api", "lang", "day"}."""

HISTORY = "history"
"""Where the charts of what was clicked go; they come after the panel."""

MAP_HOST = "twin-map"
"""Where the one canvas lives, outside the pages."""

PAGE = "twin-page"
