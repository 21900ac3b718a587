"""What the overlay of coverage can draw."""

from __future__ import annotations

DEVICES = ("camera", "wifi_ap", "sos_pole", "waste_bin", "charging_pile", "mailbox")
"""Kinds of devices whose reach and blind spots can be drawn."""
