"""Wiring: a click or a control, one pure function, a panel."""
