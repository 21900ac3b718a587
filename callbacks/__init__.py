"""Wiring: a click or a control, one pure function, a panel."""

from callbacks import detail, directory, history, intake, ledger, orders, tables

REGISTER = [
    detail.register,
    directory.register,
    history.register,
    intake.register,
    ledger.register,
    orders.register,
    tables.register,
]
"""Every wiring; adding one touches this list."""
