"""One account, what it may be called, and what makes a password good enough."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from geodata.errors import TwinError

ROLES = ("grid_worker", "operator", "manager", "admin")
"""What an account may be; what each may do is the dashboard's table of rights."""

SHORTEST, LONGEST = 10, 256
"""Length of a password."""
MAX_NAME = 64
NAME_FROM = 4
"""Names of so many letters may not be part of their password; shorter ones are in many words."""
_NAME = re.compile(r"[\w.@+\-]{1,64}")
_ALPHABET = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class AccountError(TwinError):
    """An account cannot be made or changed as asked; `code` names the reason for screens."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may log in.

    Attributes:
        id: Never changes.
        name: What they type, in lower case.
        shown: What people call them; what they do is written down under it.
        roles: Of `ROLES`.
        areas: Grids they work in; None for all.
        layers: Layers whose live state they see; None for all.
        must_change: Whether the password was given to them and opens only the change of itself.
        has_password: Whether a password opens it.
        subject: Issuer and subject of single sign-on, or None.
        failed: Wrong passwords since the last right one.
        locked_until: No password opens it before; None where it is not locked.
        created_at: When it was made.
        seen_at: Last log-in, or None.
        disabled_at: Since when nothing opens it; None while something does.
    """

    id: str
    name: str
    shown: str
    roles: frozenset[str]
    areas: frozenset[str] | None
    layers: frozenset[str] | None
    must_change: bool
    has_password: bool
    subject: str | None
    failed: int
    locked_until: datetime | None
    created_at: datetime
    seen_at: datetime | None
    disabled_at: datetime | None


def ensure_name(name: str) -> str:
    """Return a name as it is kept.

    Raises:
        AccountError: It cannot be one.
    """
    plain = name.strip().casefold()
    if not _NAME.fullmatch(plain):
        raise AccountError(
            "name",
            f"An account cannot be called {name!r}: use 1 to {MAX_NAME} letters, figures and "
            "any of . @ + - _",
        )
    return plain


def ensure_roles(roles: Iterable[str]) -> frozenset[str]:
    """Return roles, at least one, all known.

    Raises:
        AccountError: There is none, or one that is not known.
    """
    given = frozenset(roles)
    unknown = sorted(given - set(ROLES))
    if unknown or not given:
        said = f"There is no role {unknown[0]!r}" if unknown else "An account needs a role"
        raise AccountError("roles", f"{said}; use {', '.join(ROLES)}.")
    return given


def ensure_password(password: str, name: str) -> str:
    """Return a password that is good enough.

    Raises:
        AccountError: It is too short, too long, too plain, or the name itself.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise AccountError("short", f"A password has {SHORTEST} to {LONGEST} characters.")
    named = len(name) >= NAME_FROM and name.casefold() in password.casefold()
    if len(set(password)) < 5 or named:
        raise AccountError(
            "plain", "Use a password of more different characters, without the account's name."
        )
    return password


def make_password() -> str:
    """Return a password to be given to somebody once: 16 characters that are not mistaken."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(16))
