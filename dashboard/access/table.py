"""The table of rights: every route, page and callback, and the circle that may use it.

The gate reads it and refuses what is not in it, so that a new route, page or callback gets a line
here (tests/dashboard/access/test_table.py names those that lack one). Circles are in
`dashboard.access.roles`; one that ends with a star is of those only who have all grids and layers,
as what is behind it cannot be cut.
"""

from __future__ import annotations

PAGES: dict[str, str] = {
    "/": "anybody",
    "/demo": "anybody",
    "/wall": "screens",
    "/manage": "staff",
    "/manage/coverage": "desk",
    "/manage/ledger": "desk*",
    "/manage/orders": "staff",
    "/manage/webhooks": "admins*",
    "/manage/brief": "desk*",
    "/manage/directory": "staff",
    "/manage/tables": "staff",
    "/manage/incidents": "staff",
    "/manage/intake": "leads*",
    "/manage/settings": "desk*",
}
"""Pages by their address."""

STATIC: tuple[tuple[str, str], ...] = (
    ("GET /assets/{path:path}", "anybody"),
    ("GET /vendor/{name}", "anybody"),
    ("GET /api/words/{language}", "anybody"),
    ("GET /demo/api/words/{language}", "anybody"),
    ("GET /api/openapi.json", "programs"),
    ("GET /api/docs", "programs"),
    ("GET /api/docs/{name}", "programs"),
    ("GET /_dash-component-suites/{package_name}/{fingerprinted_path:path}", "anybody"),
    ("GET /_dash-layout", "anybody"),
    ("GET /_dash-dependencies", "anybody"),
    ("POST /_dash-update-component", "anybody"),
    ("GET /_reload-hash", "anybody"),
    ("GET /_favicon.ico", "anybody"),
    ("GET /remote", "anybody"),
    ("GET /healthz", "anybody"),
    ("GET /readyz", "machine"),
    ("GET /metrics", "machine"),
)
"""What every page needs and what tells nothing of anybody; a callback is judged by CALLBACKS."""

ACCESS: tuple[tuple[str, str], ...] = (
    ("GET /login", "anybody"),
    ("POST /login", "anybody"),
    ("POST /logout", "anybody"),
    ("GET /login/setup", "anybody"),
    ("POST /login/setup", "anybody"),
    ("GET /login/oidc", "anybody"),
    ("GET /login/oidc/back", "anybody"),
    ("GET /account", "anybody"),
    ("POST /account/password", "anybody"),
    ("POST /account/sessions/{number}/end", "anybody"),
    ("GET /manage/users", "admins"),
    ("POST /manage/users", "admins"),
    ("POST /manage/users/{name}/{action}", "admins"),
)
"""Logging in; one's own account, whose page asks for a session itself; everybody's accounts."""

DOORS: tuple[tuple[str, str], ...] = (
    ("ANY /VIID/{path:path}", "door"),
    ("ANY /feeds/{path:path}", "door"),
    ("POST /api/v1/events", "door"),
)
"""The devices' ways in."""

API: tuple[tuple[str, str], ...] = (
    ("GET /community", "screens"),
    ("GET /layers/{layer}", "screens"),
    ("GET /layers/floors", "screens"),
    ("GET /floors/{building}", "screens"),
    ("GET /features/{layer}/{feature_id}", "screens"),
    ("GET /snapshot", "programs"),
    ("GET /stream", "screens"),
    ("GET /replay", "screens"),
    ("GET /timeline", "screens"),
    ("GET /compare", "screens"),
    ("GET /views", "staff"),
    ("POST /views", "staff"),
    ("PUT /views/{view}", "staff"),
    ("POST /views/export.{form}", "staff"),
    ("GET /directory", "screens"),
    ("GET /sun", "screens"),
    ("GET /people", "screens"),
    ("GET /people/flows", "screens*"),
    ("GET /search", "screens"),
    ("GET /vehicles/{vehicle}/trail", "desk*"),
    ("GET /tables/{layer}.{form}", "staff"),
    ("POST /tables/{layer}.{form}", "staff"),
    ("POST /reveals", "desk*"),
    ("GET /reveals/{layer}/{key}", "desk*"),
    ("GET /coverage", "screens"),
    ("POST /coverage/scenario", "desk"),
    ("GET /coverage/sites", "desk"),
    ("GET /coverage/devices", "desk"),
    ("GET /coverage/pack.pdf", "desk"),
    ("GET /coverage/rules", "desk"),
    ("GET /coverage/scenarios", "desk"),
    ("PUT /coverage/scenarios/{name}", "leads"),
    ("DELETE /coverage/scenarios/{name}", "leads"),
    ("GET /incidents", "screens"),
    ("GET /incidents/load", "screens*"),
    ("GET /mode", "screens"),
    ("POST /mode", "leads*"),
    ("GET /incidents/{number}", "screens"),
    ("POST /incidents/{number}", "staff"),
    ("GET /orders", "screens"),
    ("GET /orders/figures", "screens"),
    ("GET /orders/{number}", "screens"),
    ("POST /orders/{number}", "staff"),
    ("POST /orders", "staff"),
    ("GET /orders/table.{form}", "leads"),
    ("POST /orders/table", "leads*"),
    ("GET /brief.pdf", "desk*"),
    ("GET /shifts", "desk*"),
    ("POST /shifts", "desk*"),
    ("POST /shifts/{number}", "desk*"),
    ("GET /webhooks", "admins*"),
    ("POST /webhooks", "admins*"),
    ("GET /webhooks/deliveries", "admins*"),
    ("POST /webhooks/deliveries/{number}", "admins*"),
    ("POST /webhooks/{key}", "admins*"),
    ("DELETE /webhooks/{key}", "admins*"),
    ("GET /events", "leads*"),
    ("GET /feeds", "leads*"),
    ("GET /quarantine", "admins*"),
    ("GET /quarantine/{number}", "admins*"),
    ("POST /quarantine/{number}", "admins*"),
    ("GET /settings", "desk*"),
    ("GET /settings/history", "desk*"),
    ("GET /settings/history.{form}", "desk*"),
    ("GET /settings/{topic}", "desk*"),
    ("PUT /settings/{topic}/{key}", "leads*"),
    ("POST /settings/lists", "leads*"),
    ("DELETE /settings/lists/{key}", "leads*"),
    ("POST /settings/edits/{number}", "leads*"),
    ("GET /settings/imports/{topic}.{form}", "leads*"),
    ("POST /settings/imports/{topic}", "leads*"),
    ("GET /wall/clock", "screens"),
    ("GET /wall/playlist", "screens"),
    ("GET /walls", "leads"),
    ("GET /walls/{wall}/stream", "screens"),
    ("POST /walls/{wall}/say", "screens"),
    ("POST /walls/{wall}/beat", "screens"),
    ("GET /walls/{wall}/pairing", "screens"),
    ("POST /walls/{wall}/pairing", "screens"),
    ("DELETE /walls/{wall}/pairing", "screens"),
    ("POST /remote/pair", "anybody"),  # a code shown on a wall is the right
    ("GET /remote/state", "anybody"),
    ("POST /remote/command", "anybody"),
)
"""The API of the real world, below `/api/v1`."""

DEMO_API: tuple[str, ...] = (
    "GET /community",
    "GET /layers/{layer}",
    "GET /layers/floors",
    "GET /floors/{building}",
    "GET /features/{layer}/{feature_id}",
    "GET /snapshot",
    "GET /stream",
    "GET /replay",
    "GET /timeline",
    "GET /compare",
    "GET /directory",
    "GET /sun",
    "GET /people",
    "GET /people/flows",
    "GET /search",
    "GET /vehicles/{vehicle}/trail",
    "GET /tables/{layer}.{form}",
    "POST /tables/{layer}.{form}",
    "GET /coverage",
    "POST /coverage/scenario",
    "GET /coverage/sites",
    "GET /coverage/devices",
    "GET /coverage/pack.pdf",
    "GET /coverage/rules",
    "GET /coverage/scenarios",
    "GET /incidents",
    "GET /incidents/load",
    "GET /mode",
    "GET /incidents/{number}",
    "GET /orders",
    "GET /orders/figures",
    "GET /orders/{number}",
    "GET /story",
    "POST /scenarios/{name}",
)
"""What anybody may ask of the visitors' world, below `/demo/api/v1`."""

CALLBACKS: dict[str, str] = {
    "detail.children": "anybody",
    "history.children": "anybody",
    "directory.children": "staff",
    ".._pages_content.children..._pages_store.data..": "anybody",
    "..ledger-days.children...ledger-day.data..": "desk*",
    "..ledger.children...ledger-count.children...ledger-newer.disabled...ledger-older.disabled..": (
        "desk*"
    ),
    "ledger-page.data": "desk*",
    "orders-chosen.data": "staff",
    "..orders.children...orders-suppliers.children..": "staff",
    "order-panel.children": "staff",
    "hooks.children": "admins*",
    "..brief.children...shifts.children..": "desk*",
    "tables-frame.children": "staff",
    "tables-layer.data": "staff",
    "tables-ready.data": "staff",
    "tables-drawn.data": "staff",
    "..intake-feeds.children...intake-late.children..": "leads*",
    "intake-dates.children": "leads*",
    "intake-chosen.data": "leads*",
    "intake-list.children": "leads*",
    "intake-open.children": "leads*",
    "intake-confirm.displayed": "leads*",
    "..intake-result.children...intake-settled.data..": "leads*",
}
"""Dash's callbacks by their output; those of quarantine ask for an administrator themselves.
Those for anybody ask a world that the viewer may reach."""


def list_routes() -> dict[str, str]:
    """Return every `METHOD /path/{template}` with its circle."""
    table = dict(STATIC) | dict(ACCESS) | dict(DOORS)
    table |= {f"GET {path}": circle for path, circle in PAGES.items()}
    for line, circle in API:
        method, _, path = line.partition(" ")
        table[f"{method} /api/v1{path}"] = circle
    for line in DEMO_API:
        method, _, path = line.partition(" ")
        table[f"{method} /demo/api/v1{path}"] = "anybody"
    return table
