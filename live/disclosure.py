"""Small numbers of people: counts rounded to fives so that none under five can be worked out.

One chain of cells (all places of one hour, in a fixed order) is rounded as a whole. Write x for the
true counts and y for the published ones; the running error e = sum(y) - sum(x) starts anywhere in
0..5 and never leaves 0..5, and each y is a multiple of five. So every run of neighbouring cells is
off by five at most, and whatever is published later is a sum of ys and tells nothing more. For any
set of cells that truly holds under five people, each of 0, 1, 2, 3 and 4 remains possible given
everything published: docs/decisions/0003-small-numbers.md has the proof.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

BASE = 5
"""Counts below this are not told apart; published counts are its multiples."""

_NOBODY_ODDS = 256
"""One empty cell in so many may be rounded up, where the running error allows it."""
_BLOCK = 1024


def round_chain(counts: Sequence[int], key: bytes, name: str) -> list[int]:
    """Return counts rounded as one chain; the same key and name round the same way.

    Args:
        counts: True counts in the fixed order of the chain; neighbours should belong together.
        key: The secret of the world.
        name: What the chain is of, which must differ between chains.
    """
    coins = _coins(key, name)
    error = next(coins) % (BASE + 1)  # 0..5, near enough to even: 256 = 42 * 6 + 4
    rounded = []
    for count in counts:
        after = (error - count) % BASE
        if after == 0:
            # both ends of 0..5 would do
            if count:
                after = BASE if next(coins) & 1 else 0
            elif error == BASE or next(coins) == _NOBODY_ODDS - 1:
                after = BASE
        rounded.append(count + after - error)
        error = after
    return rounded


def _coins(key: bytes, name: str) -> Iterator[int]:
    """Yield secret bytes for a chain, the same ones each time."""
    block = 0
    while True:
        seed = hashlib.blake2b(
            f"{name}\x1f{block}".encode(), key=to_secret(key), person=b"small-numbers"
        )
        yield from hashlib.shake_256(seed.digest()).digest(_BLOCK)
        block += 1


def to_secret(key: bytes) -> bytes:
    """Return a secret of any length as one that keyed hashes take.

    Raises:
        ValueError: There is none: what it guards would be open to everybody.
    """
    if not key:
        raise ValueError("a secret is wanted and there is none; set TWIN_PSEUDONYM_KEY")
    return hashlib.blake2b(key, digest_size=32).digest()


def show_count(count: int) -> int | str:
    """Return a published count as screens and files have it: "<5" for none or few."""
    return count if count >= BASE else f"<{BASE}"
