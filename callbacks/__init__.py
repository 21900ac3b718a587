"""Wiring: a click or a control, one pure function, a panel."""

from callbacks import detail, directory, history, ledger

REGISTER = [detail.register, directory.register, history.register, ledger.register]
"""Every wiring; adding one touches this list."""
