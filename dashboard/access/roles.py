"""The roles, and the circles of them that the table of rights speaks of."""

from __future__ import annotations

ROLES = ("visitor", "wall", "grid_worker", "operator", "manager", "admin")
"""Visitors have no account; a wall is a screen; the others are people with accounts."""

ACCOUNT_ROLES = ("grid_worker", "operator", "manager", "admin")
"""What an account may be given."""

PROGRAMS = ("feed",)
"""What is no person and no screen: a device or program that sends events."""

STAFF = frozenset(ACCOUNT_ROLES)

CIRCLES: dict[str, frozenset[str]] = {
    "anybody": frozenset({*ROLES, *PROGRAMS}),
    "screens": STAFF | {"wall"},
    "programs": STAFF | {"wall", "feed"},
    "staff": STAFF,
    "desk": frozenset({"operator", "manager", "admin"}),
    "leads": frozenset({"manager", "admin"}),
    "admins": frozenset({"admin"}),
    "machine": frozenset({"admin"}),
    "door": frozenset({*ROLES, *PROGRAMS}),
}
"""Who belongs to a circle.

To `machine` belongs besides whoever asks from this machine itself. `door` lets everybody up to the
door, which asks for its own token.
"""

REAL = STAFF | {"wall", "feed", "system"}
"""Who may reach the real world at all; others are shown the visitors'."""
