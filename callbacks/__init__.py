"""Wiring: a click or a control, one pure function, a panel."""

from callbacks import detail, history

REGISTER = [detail.register, history.register]
"""Every wiring; adding one touches this list."""
