"""Wiring: a click or a control, one pure function, a panel."""

from callbacks import detail, directory, history, intake, ledger, tables

REGISTER = [
    detail.register,
    directory.register,
    history.register,
    intake.register,
    ledger.register,
    tables.register,
]
"""Every wiring; adding one touches this list."""
