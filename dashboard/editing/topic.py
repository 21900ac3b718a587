"""A topic: things of one sort that can be edited, and what an edit of them leads to."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dashboard.editing.fields import Field, Here
from live.edits.book import Present

if TYPE_CHECKING:
    from dashboard.world import World


@dataclass(frozen=True, slots=True)
class Item:
    """One thing.

    Attributes:
        key: Which of its topic.
        name: For people; a key of words where it begins with `@`.
        base: What its fields hold where nobody edits them.
        fields: Its fields by name.
        group: What it is listed under.
        about: More that a list shows and nobody edits here.
    """

    key: str
    name: str
    base: dict[str, Any]
    fields: Mapping[str, Field]
    group: str = ""
    about: dict[str, Any] = field(default_factory=dict)


class Topic(ABC):
    """Things of one sort; a subclass for each.

    Args:
        world: Whose.
    """

    name = ""
    secret: frozenset[str] = frozenset()
    """Fields whose values are counts of people: few are shown as few."""

    def __init__(self, world: World) -> None:
        self.world = world

    @abstractmethod
    def items(self) -> dict[str, Item]:
        """Return every thing that can be edited, by its key."""

    def check(  # noqa: B027  most topics have nothing that must go together
        self, item: Item, values: dict[str, Any], here: Here
    ) -> None:
        """Check the whole of an item, each of whose values fits by itself.

        Raises:
            FaultsError: Its values do not go together.
        """

    @abstractmethod
    def apply(self, present: Present) -> None:
        """Let what is edited hold from now on; may wait for the disk."""

    def is_due(self) -> bool:
        """Say whether time alone changed what holds, since it was applied last."""
        return False
