"""Incidents: what goes wrong is detected by rules, lived through step by step, and never lost."""
