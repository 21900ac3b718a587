"""The mode of a whole community: typhoon, flood or fire, switched by a person, with a reason.

Kept in the store and in the audit in one transaction; a mode ends by hand or at its time.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import orjson
from sqlalchemy import Connection

from live import audit
from live.incidents.errors import StaleError, StepError
from live.incidents.incident import SYSTEM
from live.incidents.rules import Rules
from live.store import Store
from live.store.tables import STORE_META

ABOUT, SUBJECT = "mode", "community"
KEY = "incidents.mode"
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class ModeState:
    """Which mode the community is in.

    Attributes:
        kind: Name of a mode of the rules; empty for none.
        version: Grows with every switch.
        since: When it was switched, epoch seconds; None before the first.
        until: When it ends by itself; None without a mode.
        who: Who switched it.
        reason: Why.
    """

    kind: str = ""
    version: int = 0
    since: float | None = None
    until: float | None = None
    who: str = ""
    reason: str = ""

    def to_row(self) -> dict[str, Any] | None:
        """Return what everybody may see, None without a mode; reasons and names stay behind."""
        if not self.kind:
            return None
        return {"k": self.kind, "since": self.since, "until": self.until}


def read_mode(store: Store) -> ModeState:
    """Return the mode as the store has it."""
    text = store.recall(KEY)
    return ModeState(**orjson.loads(text)) if text else ModeState()


def decide_mode(
    now: ModeState, kind: str, who: str, at: float, given: dict[str, Any], rules: Rules
) -> ModeState:
    """Return the mode that a person switches to; an empty kind ends the present one.

    Raises:
        StaleError: Somebody else switched meanwhile.
        StepError: It cannot be switched to; says why.
    """
    if given.get("version", now.version) != now.version:
        raise StaleError("the mode was switched meanwhile: look again", now.version, [])
    if kind and kind not in rules.modes:
        raise StepError(f"there is no mode {kind!r}; use one of {', '.join(rules.modes)} or none")
    if kind == now.kind == "":
        raise StepError("the community is in no mode already")
    reason = given.get("reason")
    if not isinstance(reason, str) or not reason.strip():
        raise StepError("reason: say why")
    reason = reason.strip()
    if len(reason) > LONGEST_REASON or "\0" in reason or not reason.isprintable():
        raise StepError(f"reason: one line of up to {LONGEST_REASON} characters")
    until = None
    if kind:
        longest = rules.modes[kind].longest_s
        for_s = given.get("for_s", longest)
        if isinstance(for_s, bool) or not isinstance(for_s, int | float):
            raise StepError("for_s: say for how many seconds")
        if not 0 < for_s <= longest:
            raise StepError(f"for_s: {kind} lasts up to {longest:g} s; switch it on again then")
        until = round(at + for_s, 3)
    return ModeState(kind, now.version + 1, at, until, who, reason)


def pass_mode(now: ModeState, at: float) -> ModeState | None:
    """Return the mode after its time is over, None while it is not."""
    if now.kind and now.until is not None and at >= now.until:
        return ModeState("", now.version + 1, at, None, SYSTEM, "time")
    return None


def write_mode(conn: Connection, mode: ModeState) -> None:
    """Write a mode and its step within the caller's transaction."""
    conn.execute(STORE_META.delete().where(STORE_META.c.key == KEY))
    kept = orjson.dumps(asdict(mode)).decode()
    conn.execute(STORE_META.insert().values(key=KEY, value=kept))
    action = "begin" if mode.kind else "end"
    data = {"kind": mode.kind, "until": mode.until, "reason": mode.reason}
    at = round((mode.since or 0.0) * 1e6)
    audit.append(conn, [audit.Entry(at, mode.who, ABOUT, SUBJECT, mode.version, action, data)])
