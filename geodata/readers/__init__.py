"""Readers: sources of every kind, as they stand."""
