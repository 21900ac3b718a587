"""What visitors may try; filled in below."""

from __future__ import annotations

from geodata.community import Community

NAMES = ("sos", "fire_lane", "living_alone", "typhoon", "canteen")


def playable(community: Community) -> list[str]:
    """Return the scenarios that a community has the things for."""
    return []
