"""Wiring: a click or a control, one pure function, a panel."""

from callbacks import detail

REGISTER = [detail.register]
"""Every wiring; adding one touches this list."""
