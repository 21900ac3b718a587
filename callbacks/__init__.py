"""Wiring: a click or a control, one pure function, a panel."""

from callbacks import detail, directory, history, intake, ledger

REGISTER = [
    detail.register,
    directory.register,
    history.register,
    intake.register,
    ledger.register,
]
"""Every wiring; adding one touches this list."""
