"""Every component id, in one place."""

PICKED = "picked"
"""Store: what was clicked, {"layer", "id", "t"}; JavaScript writes it."""

DETAIL = "detail"
"""Where the panel of what was clicked goes."""

MODE_REASON = "mode-reason"
INCIDENT_TEXT = "incident-text"
"""What somebody writes with a step of an incident."""

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

INTAKE_LANG, INTAKE_TICK, INTAKE_SLOW = "intake-lang", "intake-tick", "intake-slow"
"""Page of data intake: its language, and when its figures are read anew."""

INTAKE_FEEDS, INTAKE_LATE, INTAKE_DATES = "intake-feeds", "intake-late", "intake-dates"
"""Where feeds, late things and dates of expiry go."""

INTAKE_TOKEN, INTAKE_UNLOCK = "intake-token", "intake-unlock"
"""Field and button of the administrator's token; it lives in the page's memory only."""

INTAKE_LIST, INTAKE_OPEN, INTAKE_RESULT = "intake-list", "intake-open", "intake-result"
"""Where quarantine's list, the open message and the result of an order go."""

INTAKE_REASON, INTAKE_MESSAGE = "intake-reason", "intake-message"
"""Types of the buttons that choose a reason (with its key) and a message (with its number)."""

INTAKE_CHOSEN, INTAKE_SETTLED, INTAKE_NUMBER = "intake-chosen", "intake-settled", "intake-number"
"""Stores: the chosen reason, the message settled last, the number of the open one."""

INTAKE_TEXT = "intake-text"
INTAKE_AS_IS, INTAKE_MENDED, INTAKE_DISCARD = "intake-as-is", "intake-mended", "intake-discard"
INTAKE_CONFIRM = "intake-confirm"
"""The open message's text, what can be done with it, and the question before a discard."""

TABLES_URL, TABLES_ASKED, TABLES_LAYER = "tables-url", "tables-asked", "tables-layer"
"""The tables' address, their language and world, and the chosen layer."""

TABLES_READY, TABLES_DRAWN = "tables-ready", "tables-drawn"
"""Stores: whether the grid's bundle is there, when the browser took over a grid."""

TABLES_QUICK, TABLES_FRAME, TABLES_GRID = "tables-quick", "tables-frame", "tables-grid"
"""Field of the quick filter, where the grid goes, the grid."""

REVEAL_REASON = "reveal-reason"
"""Field of the reason for which something masked is shown."""

COVERAGE_NAME = "coverage-name"
"""Field of the name that a scenario is kept under."""

ORDERS, ORDER_PANEL = "orders", "order-panel"
"""Where the order board and the panel of one order go."""

ORDERS_URL, ORDERS_ASKED, ORDERS_CLOCK = "orders-url", "orders-asked", "orders-clock"
"""The board's address, its language and world, and what asks for it again."""

ORDERS_FILTER, ORDERS_CHOSEN, ORDERS_MOVED = "orders-filter", "orders-chosen", "orders-moved"
"""Stores: the filter, {"number"} or {"new", "incident"}, and when a step was taken here."""

ORDERS_SUPPLIERS = "orders-suppliers"
"""The choice of suppliers."""

HOOKS, HOOKS_ASKED = "hooks", "hooks-asked"
HOOKS_MOVED, HOOKS_CLOCK = "hooks-moved", "hooks-clock"
"""Where the webhooks and their ledger go; language and world; when one was changed; the clock."""

BRIEF, SHIFTS, BRIEF_NOTES = "brief", "shifts", "brief-notes"
BRIEF_ASKED, BRIEF_KIND, BRIEF_MOVED = "brief-asked", "brief-kind", "brief-moved"
"""Where the brief and the hand-overs go, the notes; language and world, which brief, when one was
handed over or acknowledged here."""
