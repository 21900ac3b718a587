"""Webhooks out: who wants to hear of which steps, what waits to be sent, and what became of it."""
