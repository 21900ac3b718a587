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

LEDGER = "ledger"
"""Where the ledger's day goes."""

LEDGER_ASKED = "ledger-asked"
"""Store: language and world of the ledger."""

LEDGER_DAY = "ledger-day"
"""Store: which day the ledger shows, {"last", "day"}: the newest to choose from, the chosen."""

LEDGER_DAYS = "ledger-days"
LEDGER_CHOICE = "ledger-choice"
"""Where the seven days to choose from go; the type of each one's id, {"type", "day"}."""

LEDGER_EARLIER = "ledger-earlier"
LEDGER_LATER = "ledger-later"
"""A week back, a week on."""

LEDGER_PAGE = "ledger-page"
"""Store: which page of reads."""

LEDGER_NEWER = "ledger-newer"
LEDGER_OLDER = "ledger-older"
"""The page before, the page after."""

LEDGER_COUNT = "ledger-count"
"""Which of the reads the page holds."""

LEDGER_CLOCK = "ledger-clock"
"""Draws up today's ledger again."""

DIRECTORY = "directory"
"""Where the directory's groups go."""

DIRECTORY_ASKED = "directory-asked"
"""Store: language and world of the directory."""

DIRECTORY_CLOCK = "directory-clock"
"""Asks for the directory again."""
