"""One edit: who changed what when, and what stood there before."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from geodata.errors import TwinError

EDIT, IMPORT, UNDO, REDO = "edit", "import", "undo", "redo"


class EditError(TwinError):
    """An edit cannot be made; says why."""


class NoEditError(EditError):
    """There is no such edit."""


class EditedError(EditError):
    """Somebody changed the same meanwhile: nothing of theirs is overwritten.

    Attributes:
        since: What they changed, the newest last.
    """

    def __init__(self, message: str, since: list[dict[str, Any]]) -> None:
        super().__init__(message)
        self.since = since


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field that is to be another.

    Attributes:
        topic: services, rules, ...
        key: Which of them.
        field: Which of its fields.
        new: The value it is to have.
        base: The value where nobody edited it.
        back: Whether it is to be as in the file again; then `new` does not count.
    """

    topic: str
    key: str
    field: str
    new: Any
    base: Any = None
    back: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """A field that became another.

    Attributes:
        topic: See `Wanted`.
        key: Likewise.
        field: Likewise.
        old: What held before.
        new: What holds since.
        was: Whether `old` was edited too; else it came from the file.
        set: Whether `new` is edited; else it comes from the file again.
    """

    topic: str
    key: str
    field: str
    old: Any
    new: Any
    was: bool
    set: bool

    def reversed(self) -> Change:
        """Return what takes this one back."""
        return Change(self.topic, self.key, self.field, self.new, self.old, self.set, self.was)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Edit:
    """One row of the list.

    Attributes:
        number: Which; grows by one.
        at: When, microseconds since 1970.
        who: By whom.
        action: edit, import, undo or redo.
        reverses: The edit that an undo or redo is about.
        reason: Why, as they said; may be empty.
        changes: What changed.
        undone: Whether it is undone at present.
    """

    number: int
    at: int
    who: str
    action: str
    reverses: int | None
    reason: str
    changes: tuple[Change, ...]
    undone: bool = False
