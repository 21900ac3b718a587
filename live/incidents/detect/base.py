"""What every way to detect has in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from live.events import Event
from live.incidents.rules import Rule
from live.incidents.signals import Key, Latch, Signal

Subjects = Mapping[tuple[str, str], tuple[float, float | None]]
"""Layer and id of a thing -> its rhythm, seconds, and when it last spoke, epoch seconds."""


@dataclass(frozen=True)
class Scene:
    """What detection knows of the community.

    Attributes:
        device_kinds: Device id -> kind.
        gate_of: Plate camera -> its gate.
    """

    device_kinds: Mapping[str, str] = field(default_factory=dict)
    gate_of: Mapping[str, str] = field(default_factory=dict)


class Watch:
    """Looks for one rule's condition. One for each rule; a subclass for each way to detect.

    Args:
        rule: The rule.
        scene: What is known of the community.
    """

    kinds: tuple[str, ...] = ()
    """Kinds of events it wants; all when empty."""

    def __init__(self, rule: Rule, scene: Scene) -> None:
        self.rule, self.scene = rule, scene
        self.latch = Latch(rule)

    def wants(self, event: Event) -> bool:
        """Say whether the rule looks at an event's subject: of that alone, always the same."""
        rule = self.rule
        if rule.layers and event.layer not in rule.layers:
            return False
        if rule.devices and (
            event.layer != "devices"
            or self.scene.device_kinds.get(event.subject) not in rule.devices
        ):
            return False
        return not rule.subjects or event.subject in rule.subjects

    def take(self, event: Event, t: float) -> list[Signal]:
        """Take in a live event of a moment, epoch seconds."""
        return []

    def sweep(self, now: float) -> list[Signal]:
        """Move time on."""
        return self.latch.sweep(now)

    def look(self, subjects: Subjects, now: float) -> list[Signal]:
        """Look at how the twin's subjects stand."""
        return []

    def wake(self, now: float) -> None:
        """Begin to listen: what was not heard before now proves nothing."""

    def set_back(self, now: float) -> None:
        """Forget what lies ahead of now: the machine's clock was set back."""
        self.latch.set_back(now)

    def dump(self) -> dict[str, Any]:
        """Return what is remembered, as JSON."""
        return {"latch": self.latch.dump()}

    def load(self, kept: dict[str, Any]) -> None:
        """Go on from what `dump` gave."""
        self.latch.load(kept.get("latch", {}))


def key_of(event: Event, extra: str = "") -> Key:
    """Return the key of an event's subject."""
    return (event.layer, event.subject, extra)
