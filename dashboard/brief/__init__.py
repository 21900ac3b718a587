"""Shift hand-over, daily and weekly brief: read once, shown as a page and as PDF."""
