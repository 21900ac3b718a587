"""Edits of one world: checked, kept, applied at once; undone and done again."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from dashboard.editing.fields import Fault, FaultsError, Field, Here, check_value, check_values
from dashboard.editing.places import Homes, Services
from dashboard.editing.reach import CoverageRules
from dashboard.editing.rules import (
    IncidentRules,
    PlateLists,
    RuleSet,
    keep_plate,
    new_key,
    shown_plate,
)
from dashboard.editing.topic import Item, Topic
from live.edits.book import EditBook
from live.edits.edit import IMPORT, Edit, NoEditError, Wanted

if TYPE_CHECKING:
    from dashboard.world import World

LOOK_EVERY_S = 10.0
"""How often somebody looks whether time alone changed what holds."""
REASON = Field("reason", most=200)

log = logging.getLogger(__name__)


class MissingItemError(LookupError):
    """There is no such topic, or nothing of that key in it."""


class SettingsDesk:
    """The settings of one world. Every method may wait for the disk; safe for many threads.

    Args:
        world: Whose.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.book = EditBook(world.twin.store, world.twin.clock)
        shared = RuleSet(world)
        self.lists = PlateLists(world, shared)
        self.reach = CoverageRules(world)
        every: Sequence[Topic] = (
            Services(world), IncidentRules(world, shared), self.reach, self.lists, Homes(world),
        )  # fmt: skip
        self.topics = {topic.name: topic for topic in every}
        self._lock = threading.RLock()

    def start(self) -> None:
        """Let everything hold that was ever edited."""
        for topic in self.topics.values():
            present = self.book.present(topic.name)
            if present:
                topic.apply(present)

    async def follow(self) -> None:
        """Let time change what holds: what is closed opens, what is listed leaves the list."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            try:
                await asyncio.to_thread(self.look)
            except Exception:
                log.exception("settings were not looked at; it goes on")

    def look(self) -> None:
        """Apply anew what time alone changed."""
        for topic in self.topics.values():
            if topic.is_due():
                self._apply([topic.name])

    def topic(self, name: str) -> Topic:
        """Return a topic.

        Raises:
            MissingItemError: There is none of that name.
        """
        if name not in self.topics:
            raise MissingItemError(f"there is no {name[:40]!r}; use {', '.join(self.topics)}")
        return self.topics[name]

    def list_items(self, name: str) -> list[dict[str, Any]]:
        """Return the things of a topic as JSON, with what holds and what was edited."""
        topic = self.topic(name)
        present, revisions = self.book.present(name), self.book.revisions(name)
        return [
            self._tell(topic, item, present.get(item.key, {}), revisions.get(item.key, 0))
            for item in topic.items().values()
        ]

    def tell(self, name: str, key: str) -> dict[str, Any]:
        """Return one thing as `list_items` does.

        Raises:
            MissingItemError: There is none.
        """
        topic = self.topic(name)
        item = self._item(topic, key)
        revision = self.book.revisions(name).get(key, 0)
        return self._tell(topic, item, self.book.present(name).get(key, {}), revision)

    def edit(
        self,
        who: str,
        name: str,
        key: str,
        given: Mapping[str, Any],
        *,
        seen: int,
        reason: str = "",
        back: Sequence[str] = (),
    ) -> Edit:
        """Change fields of one thing, and apply it.

        Args:
            who: By whom.
            name: The topic.
            key: Which of it.
            given: Fields and the values they are to have.
            seen: The revision that they saw.
            reason: Why.
            back: Fields that are to be as in the file again.

        Raises:
            MissingItemError: There is nothing of that key.
            FaultsError: Values do not fit.
            EditedError: Somebody changed it since.
            EditError: Nothing would change.
        """
        with self._lock:
            topic = self.topic(name)
            wanted = self.wish(topic, self._item(topic, key), given, back)
            return self._record(who, wanted, {(name, key): seen}, reason)

    def wish(
        self,
        topic: Topic,
        item: Item,
        given: Mapping[str, Any],
        back: Sequence[str] = (),
        *,
        present: Mapping[str, Any] | None = None,
    ) -> list[Wanted]:
        """Return what an edit of one thing changes, checked.

        Args:
            topic: The topic.
            item: Which of it.
            given: Fields and the values they are to have.
            back: Fields that are to be as in the file again.
            present: What is edited of it, where that was read already.

        Raises:
            FaultsError: Values do not fit.
        """
        here = self._here()
        if topic is self.lists and "plate" in given:
            raise FaultsError([Fault("plate", "fixed")])
        values = check_values(item.fields, given, here)
        faults = [Fault(one, "unknown") for one in back if one not in item.fields]
        if faults:
            raise FaultsError(faults)
        if present is None:
            present = self.book.present(topic.name).get(item.key, {})
        whole = {**item.base, **present, **values, **{one: item.base[one] for one in back}}
        topic.check(item, whole, here)
        return [
            Wanted(topic.name, item.key, one, value, item.base.get(one))
            for one, value in values.items()
        ] + [Wanted(topic.name, item.key, one, None, item.base.get(one), True) for one in back]

    def add(self, who: str, given: Mapping[str, Any], reason: str = "") -> tuple[str, Edit]:
        """Put a plate on a list; return the key of its entry.

        Raises:
            FaultsError: Values do not fit, or it is on that list.
        """
        with self._lock:
            key, plate, wanted = self.wish_listed(given)
            edit = self._record(
                who, wanted, {}, reason, beside=lambda conn: keep_plate(conn, key, plate)
            )
            return key, edit

    def wish_listed(
        self, given: Mapping[str, Any], *, held: Collection[tuple[str, str]] | None = None
    ) -> tuple[str, str, list[Wanted]]:
        """Return the key, the plate in clear and the fields of a new entry, checked.

        Args:
            given: Its fields.
            held: List and plate of each entry, where these were read already.

        Raises:
            FaultsError: Values do not fit, or it is on that list.
        """
        fields, here = self.lists.fields, self._here()
        values = check_values(fields, {**dict.fromkeys(fields), **given}, here)
        plate = values["plate"]
        if held is None:
            plates = self.lists.plates()
            held = {(item.group, plates.get(item.key, "")) for item in self.lists.items().values()}
        if (values["list"], plate) in held:
            raise FaultsError([Fault("plate", "twice", {"got": shown_plate(plate)})])
        values["plate"] = shown_plate(plate)
        key = new_key()
        wanted = [Wanted("lists", key, one, value) for one, value in values.items()
                  if value is not None]  # fmt: skip
        return key, plate, wanted

    def remove(self, who: str, key: str, *, seen: int, reason: str = "") -> Edit:
        """Take an entry off its list; undoing puts it back.

        Raises:
            MissingItemError: There is none.
            EditedError: Somebody changed it since.
        """
        with self._lock:
            self._item(self.lists, key)
            present = self.book.present("lists").get(key, {})
            wanted = [Wanted("lists", key, one, None, None, True) for one in present]
            return self._record(who, wanted, {("lists", key): seen}, reason)

    def take_import(
        self,
        who: str,
        wanted: Sequence[Wanted],
        revision: int,
        *,
        reason: str,
        plates: Mapping[str, str],
    ) -> Edit:
        """Make an import one edit.

        Args:
            who: By whom.
            wanted: What it changes.
            revision: Of the settings as the dry run saw them.
            reason: Where it comes from.
            plates: Plates of new entries of lists, by key.

        Raises:
            EditedError: Something of it was edited since the dry run.
            EditError: Nothing would change.
        """

        def keep(conn: Connection) -> None:
            for key, plate in plates.items():
                keep_plate(conn, key, plate)

        with self._lock:
            seen = {(one.topic, one.key): revision for one in wanted}
            return self._record(who, wanted, seen, reason, action=IMPORT, beside=keep)

    def undo(self, who: str, number: int, reason: str = "") -> Edit:
        """Take an edit back; see `EditBook.undo`."""
        return self._turn(who, number, reason, redo=False)

    def redo(self, who: str, number: int, reason: str = "") -> Edit:
        """Make an edit again that was undone."""
        return self._turn(who, number, reason, redo=True)

    def _turn(self, who: str, number: int, reason: str, *, redo: bool) -> Edit:
        with self._lock:
            reason = check_value(REASON, reason, self._here()) or ""
            found = self.book.find(number)
            if not any(one.topic in self.topics for one in found.changes):
                raise NoEditError(f"There is no edit {number} that could be undone or redone.")
            edit = (self.book.redo if redo else self.book.undo)(who, number, reason)
            self._hold(edit)
            return edit

    def _record(
        self,
        who: str,
        wanted: Sequence[Wanted],
        seen: Mapping[tuple[str, str], int],
        reason: str,
        **more: Any,
    ) -> Edit:
        why = check_value(REASON, reason, self._here()) or ""
        reach = _by_key(wanted, "coverage")
        if reach:
            self.reach.change(reach, self.book.revision() + 1)  # what does not fit is never kept
        edit = self.book.record(who, wanted, seen=seen, reason=why, **more)
        self._hold(edit)
        return edit

    def _hold(self, edit: Edit) -> None:
        reach = _by_key(edit.changes, "coverage")
        if reach:
            self.world.coverage.hold_rules(self.reach.change(reach, edit.number))
        self._apply({one.topic for one in edit.changes} - {"coverage"})

    def _apply(self, names: Any) -> None:
        for name in names:
            self.topics[name].apply(self.book.present(name))
        if {"services", "homes"} & set(names):
            self.world.coverage.reread()

    def _item(self, topic: Topic, key: str) -> Item:
        found = topic.items().get(key)
        if found is None:
            raise MissingItemError(f"{topic.name} has no {key[:60]!r}")
        return found

    def _tell(
        self, topic: Topic, item: Item, present: Mapping[str, Any], revision: int
    ) -> dict[str, Any]:
        return {
            "key": item.key,
            "name": item.name,
            "group": item.group,
            "revision": revision,
            "values": {**item.base, **present},
            "edited": {one: item.base.get(one) for one in present if one in item.fields},
            "fields": [one.to_json() for one in item.fields.values()],
            "about": item.about,
        }

    def _here(self) -> Here:
        world = self.world
        return Here(world.timezone, world.hours, world.twin.clock().astimezone(world.timezone))


def _by_key(changes: Any, topic: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for one in changes:
        if one.topic == topic:
            value = one.base if getattr(one, "back", False) else one.new
            found.setdefault(one.key, {})[one.field] = value
    return found
