"""Searching for a plate: told to be one, asked for a reason, masked, written down.

A plate is personal data. Nobody searches for one by accident while typing a name: without a reason
(事由) the store is not asked. Each search is a row of the audit (`live.audit`), written before
anybody sees an answer, and a line in the log `audit`: what was looked for (masked), why, how many
were found.
"""

from __future__ import annotations

import logging
import re
import time
import unicodedata
from collections import deque
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from dashboard.doors.masking import mask_text
from live import audit
from live.events import utc_now
from live.history.vehicle_keys import vehicle_key
from live.plates import (
    PROVINCES,
    classify_plate,
    is_near,
    is_valid_plate,
    mask_plate,
    normalise_plate,
)
from live.store import Store
from live.store.tables import to_us

log = logging.getLogger("audit")

ABOUT = "plates"
"""What rows of the audit are about."""
NOBODY = "-"
"""Who asks where there are no accounts."""

SHORTEST_REASON = 2
LONGEST_REASON = 200
MOST_HITS = 20
MOST_A_MINUTE = 30
"""So many searches a minute: who would try out the hidden characters one by one is held up."""
_ENDS = "警学挂港澳领使应急"
_PLATE = re.compile(rf"(?:[{PROVINCES}使])?[A-HJ-NP-Z0-9?*]{{2,8}}[{_ENDS}]{{0,2}}")
_FEWEST_KNOWN = 3


class PlateRefusedError(ValueError):
    """The search may not be made; `code` is reason_missing, reason_long or too_many."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def is_plate_query(text: str) -> bool:
    """Say whether a text may be a plate or a part of one; `?` and `*` stand for what is not known.

    A part has three known characters at least, a figure among them, or begins with a province.
    """
    plain = re.sub(r"[\s·.\-]+", "", unicodedata.normalize("NFKC", text).upper())
    if not _PLATE.fullmatch(plain):
        return False
    known = [char for char in plain if char not in "?*"]
    return len(known) >= _FEWEST_KNOWN and (
        plain[0] in PROVINCES or any(char.isdecimal() for char in known)
    )


@dataclass
class PlateSearch:
    """The plates of one world, for those who say why they ask.

    Attributes:
        store: Where reads are kept.
        key: The world's secret, for the vehicles' opaque keys.
    """

    store: Store
    key: bytes = b""
    _asked: deque[float] = field(default_factory=deque)

    def search(
        self, text: str, reason: str, limit: int = MOST_HITS, *, who: str = NOBODY
    ) -> list[dict[str, Any]]:
        """Return what matches: first the plate or pattern itself, then reads one character apart.

        Args:
            text: A plate, a part, or a pattern with `?` and `*`.
            reason: Why it is asked (事由).
            limit: So many at most.
            who: Who asks, for the audit.

        Returns:
            `plate` (masked), `vehicle` (its opaque key), `class`, `reads`, `first_at`, `last_at`
            (ISO, UTC) and `match`: exact, part, wildcard or near.

        Raises:
            PlateRefusedError: There is no reason, or there are too many searches.
        """
        why = " ".join("".join(c if c.isprintable() else " " for c in reason).split())
        if len(why) < SHORTEST_REASON:
            raise PlateRefusedError("reason_missing", "A search for a plate needs a reason (事由).")
        if len(why) > LONGEST_REASON:
            raise PlateRefusedError("reason_long", f"The reason is over {LONGEST_REASON} letters.")
        self._slow_down()
        limit = min(limit, MOST_HITS)
        pattern = set("?*？＊") & set(text)
        hits = self.store.search_plates(text, limit=limit)
        whole = normalise_plate(text) or ""
        kinds = {
            hit.plate: "wildcard" if pattern else "exact" if hit.plate == whole else "part"
            for hit in hits
        }
        if not pattern and is_valid_plate(whole):
            more = self.store.search_plates(whole, near=True, limit=limit)
            hits += [hit for hit in more if hit.plate not in kinds and is_near(hit.plate, whole)]
        self._write_down(_shown(text), mask_text(why), len(hits), who)
        return [
            {
                "plate": mask_plate(hit.plate),
                "vehicle": vehicle_key(hit.plate, self.key),
                "class": classify_plate(hit.plate),
                "reads": hit.reads,
                "first_at": hit.first_at.isoformat(timespec="seconds"),
                "last_at": hit.last_at.isoformat(timespec="seconds"),
                "match": kinds.get(hit.plate, "near"),
            }
            for hit in hits[:limit]
        ]

    def _write_down(self, shown: str, why: str, found: int, who: str) -> None:
        log.info("plate search: %s, found %d, reason: %s", shown, found, why)
        entry = audit.Entry(
            at=to_us(utc_now()),
            who=who,
            about=ABOUT,
            subject=uuid4().hex,
            version=1,
            action="search",
            data={"plate": shown, "reason": why, "found": found},
        )
        with self.store.writing() as conn:
            audit.append(conn, [entry])

    def _slow_down(self) -> None:
        now = time.monotonic()
        while self._asked and now - self._asked[0] > 60:
            self._asked.popleft()
        if len(self._asked) >= MOST_A_MINUTE:
            raise PlateRefusedError(
                "too_many", f"More than {MOST_A_MINUTE} searches for plates in a minute; wait."
            )
        self._asked.append(now)


def _shown(text: str) -> str:
    """Return a search text for the log: a whole plate masked, a part as it is."""
    whole = normalise_plate(text)
    return mask_plate(whole) if whole and is_valid_plate(whole) else mask_text(text.strip())
