"""Wiring: a click or a control, one pure function, a panel."""

from callbacks import brief, detail, directory, history, intake, ledger, orders, tables, webhooks

REGISTER = [
    brief.register,
    detail.register,
    directory.register,
    history.register,
    intake.register,
    ledger.register,
    orders.register,
    tables.register,
    webhooks.register,
]
"""Every wiring; adding one touches this list."""
