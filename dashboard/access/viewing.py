"""How sessions and accounts are told on their pages."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from live.accounts import Account, Session

_BROWSERS = (
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = ("Windows", "Android", "iPhone", "iPad", "Mac OS X", "Linux")


def name_agent(agent: str) -> str:
    """Return a browser and its system in a few letters; what it says itself where unknown."""
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    system = next((name for name in _SYSTEMS if name in agent), "")
    known = " · ".join(filter(None, (browser, system.replace("Mac OS X", "macOS"))))
    return known or re.sub(r"\s+", " ", agent)[:40] or "–"


def tell_moment(at: datetime | None, zone: ZoneInfo) -> str:
    """Return a moment by the place's clock."""
    return "–" if at is None else f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def describe_session(session: Session, zone: ZoneInfo, current: str) -> dict[str, object]:
    """Return a session for a page."""
    return {
        "id": session.id,
        "agent": name_agent(session.agent),
        "address": session.address,
        "began": tell_moment(session.created_at, zone),
        "used": tell_moment(session.used_at, zone),
        "current": session.id == current,
    }


def describe_account(account: Account, zone: ZoneInfo, now: datetime) -> dict[str, object]:
    """Return an account for the administrators' page."""
    state = "active"
    if account.disabled_at is not None:
        state = "disabled"
    elif account.locked_until is not None and account.locked_until > now:
        state = "locked"
    elif account.must_change:
        state = "new"
    return {
        "name": account.name,
        "shown": account.shown,
        "roles": account.roles,
        "areas": account.areas,
        "layers": account.layers,
        "state": state,
        "sign_on": account.subject is not None,
        "seen": tell_moment(account.seen_at, zone),
        "made": tell_moment(account.created_at, zone),
    }
