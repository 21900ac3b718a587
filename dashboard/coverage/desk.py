"""The coverage of one world for its viewers: answers kept by revision, scenarios by session."""

from __future__ import annotations

import logging
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable
from contextvars import copy_context
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import orjson

from dashboard.access.viewer import current_viewer
from dashboard.coverage.errors import ScenarioError, UnknownThingError
from dashboard.coverage.pack import make_pack
from dashboard.coverage.places import Places, read_places
from dashboard.coverage.reach import draw_reach
from dashboard.coverage.scenario import (
    MOST_NAME,
    Edits,
    Session,
    apply_edits,
    compare_kinds,
    read_edits,
    read_moment,
)
from dashboard.coverage.view import Question, draw_view
from geodata.coverage.now import LiveCoverage
from geodata.coverage.providers import WALKED_DEVICES
from geodata.coverage.rulefile import check_rule_data, read_rule_data
from geodata.coverage.rules import GROUPS, RuleError, to_rules
from geodata.coverage.whatif import SiteFinder
from live.coverage import CoverageWatch
from live.coverage.watch import show_people

if TYPE_CHECKING:
    from dashboard.words import Words
    from dashboard.world import World
    from live.orders.order import Order

KEPT_ANSWERS = 48
MOST_SESSIONS = 12
MOST_MOMENTS = 3
"""So many other moments are kept summed."""
ORDERS_S = 5.0
"""Orders are read anew at most so often: a facility that is dragged asks ten times a second."""
SAVED = "coverage.scenarios"
"""Under this key the world's store keeps scenarios by name."""
MOST_SAVED = 50
RULES = "coverage.rules"
"""Under this key the store keeps rules edited in the browser; the file beside the code else."""

T = TypeVar("T")
log = logging.getLogger(__name__)


class CoverageDesk:
    """Answers questions about the coverage of one world.

    `ask` is for the event loop; all others run on the one thread that it gives.

    Args:
        world: Whose.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        key = world.pseudonym_key or secrets.token_bytes(32)
        kept = world.twin.store.recall(RULES)
        self.rule_data: dict[str, Any] = orjson.loads(kept) if kept else read_rule_data()
        try:
            rules = to_rules(self.rule_data, "rules")
        except RuleError as error:
            log.warning(
                "rules kept in the store are left aside, those of the file count: %s", error
            )
            self.rule_data = read_rule_data()
            rules = to_rules(self.rule_data, "rules")
        self.watch = CoverageWatch(world.twin, key, rules)
        self._kept: OrderedDict[tuple[Any, ...], bytes] = OrderedDict()
        self._areas: dict[str, tuple[Any, dict[str, Any]]] = {}
        self._orders: tuple[float, list[Order]] = (-ORDERS_S, [])
        self._finders: OrderedDict[tuple[str, int], SiteFinder] = OrderedDict()
        self._sessions: OrderedDict[str, Session] = OrderedDict()
        self._elsewhen: OrderedDict[tuple[str, datetime, int], LiveCoverage] = OrderedDict()

    async def ask(self, work: Callable[..., T], *args: Any) -> T:
        """Run one of the other methods on the coverage's own thread."""
        context = copy_context()  # who asks goes along
        return await self.watch.ask(lambda: context.run(work, *args))

    async def stop(self) -> None:
        """Follow the world no longer."""
        await self.watch.stop()

    @cached_property
    def places(self) -> Places:
        """Names and places; there once the coverage is open."""
        return read_places(self.world.community, self.world.scene, self.watch.base)

    def read_question(self, service: str, profile: str, group: str, tier: str) -> Question:
        """Return a question, the first kind of service where it names none.

        Raises:
            UnknownThingError: It names what is not there.
        """
        kinds, rules = self.watch.kinds, self.watch.base.rules
        if not kinds:
            raise UnknownThingError("this community has no services")
        asked = Question(service or kinds[0], profile or "adult", group or None, tier or None)
        for name, value, known in (
            ("service", asked.service, kinds),
            ("profile", asked.profile, list(rules.profiles)),
            ("group", asked.group or "all", list(GROUPS)),
            ("tier", asked.tier or next(iter(rules.tiers)), list(rules.tiers)),
        ):
            if value not in known:
                raise UnknownThingError(f"no {name} {value!r}: choose one of {', '.join(known)}")
        return asked

    def answer(self, question: Question, at: datetime | None = None) -> bytes:
        """Return the answer as JSON, made once for each revision of coverage and of orders.

        Args:
            question: What is asked.
            at: Another moment than now: services go by their hours then.
        """
        orders = self._take_orders()
        # every step of an order makes its version one more
        asked = len(orders), sum(order.version for order in orders)
        viewer = current_viewer()
        seen = (viewer.is_staff, viewer.areas)
        key = (question, at, self.watch.rev, self.watch.at, asked, seen)
        if key not in self._kept:
            live = self.watch.live(question.profile)
            if at is not None:
                live = self._move_to(question.profile, at)
            self._kept[key] = orjson.dumps({**self._head(), **self._draw(live, question, at)})
            while len(self._kept) > KEPT_ANSWERS:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def read_moment(self, text: str) -> datetime | None:
        """Return the moment that a question names: "10:00" of today, or ISO 8601; None for now.

        Raises:
            ScenarioError: It is none.
        """
        if not text:
            return None
        if re.fullmatch(r"\d\d:\d\d", text):
            here = self.world.twin.clock().astimezone(self.world.timezone)
            text = f"{here:%Y-%m-%d}T{text}{here:%z}"
        return read_moment(text)

    def _move_to(self, profile: str, at: datetime) -> LiveCoverage:
        """Return a copy at another moment; the last few are kept while nothing changes."""
        key = (profile, at, self.watch.rev)
        if key not in self._elsewhen:
            real = self.watch.live(profile)
            live = real.copy()
            apply_edits(live, Edits(), Edits(at=at), real)
            self._elsewhen[key] = live
            while len(self._elsewhen) > MOST_MOMENTS:
                self._elsewhen.popitem(last=False)
        return self._elsewhen[key]

    def imagine(self, token: str, question: Question, told: Any) -> bytes:
        """Return the answer of a scenario, with what it changes.

        Args:
            token: The viewer's session; empty for a new one.
            question: What is asked.
            told: The edits as JSON; all of them, each time.

        Raises:
            ScenarioError: They cannot be made.
        """
        edits = read_edits(told)
        session = self._session(token, question)
        real = self.watch.live(question.profile)
        session[1].bring(edits, real, self.watch.rev)
        live = session[1].live
        view = self._draw(live, question, edits.at)
        return orjson.dumps(
            {
                **self._head(),
                **view,
                "session": session[0],
                "compare": compare_kinds(real, live, edits, question, self.watch.kinds),
            }
        )

    def rank_sites(self, token: str, question: Question, count: int) -> dict[str, Any]:
        """Return where that many more would help most, and what they would change together."""
        live = self.watch.live(question.profile)
        session = self._sessions.get(token)
        key = (question.profile, self.watch.gates_rev)
        if key not in self._finders:
            self._finders[key] = SiteFinder(live, self.world.community)
            while len(self._finders) > 3:
                self._finders.popitem(last=False)
        finder = self._finders[key]
        asked = live
        if session is not None and session.profile == question.profile:
            asked = session.live
            if session.edits.locked or session.edits.at:
                finder = SiteFinder(asked, self.world.community)
        unit = live.base.people.unit
        sites, choice = finder.choose(
            question.service,
            count,
            group=question.group,
            exact=False,
            radius_m=question.radius_m(live),
            live=asked,
        )
        sites.sort(key=lambda site: -site.people)
        spots = self.places.to_metres([(site.lon, site.lat) for site in sites])
        return {
            "sites": [
                {
                    "lon": round(site.lon, 7),
                    "lat": round(site.lat, 7),
                    "at": spot,
                    "people": show_people(site.people, unit),
                }
                for site, spot in zip(sites, spots, strict=True)
            ],
            "together": show_people(choice.value, unit),
            "unit": unit,
        }

    def draw_devices(self, kind: str) -> dict[str, Any]:
        """Return what working devices see or reach, and the blind spots, in metres.

        Of devices that one walks to, the ways within a walk and those beyond it.
        """
        key: Any
        if kind in WALKED_DEVICES:
            key = (self.watch.revs.get(kind, 0), self.watch.gates_rev)
        else:
            key = frozenset(self.watch.sight(kind).silent)
        kept = self._areas.get(kind)
        if kept is not None and kept[0] == key:
            return {**kept[1], "t": self._head()["t"]}
        answer = draw_reach(self.watch, self.world.community, self.places, kind)
        self._areas[kind] = (key, answer)
        return {**answer, "t": self._head()["t"]}

    def print_pack(self, question: Question, words: Words, moment: datetime | None = None) -> bytes:
        """Return the page for the residents' meeting as PDF, of now or of another moment."""
        world = self.world
        live = self.watch.live(question.profile)
        return make_pack(
            live if moment is None else self._move_to(question.profile, moment),
            question,
            self.places,
            words,
            name=world.community.name_in(words.language),
            at=(moment or world.twin.clock()).astimezone(world.timezone),
            simulated=world.simulated,
            orders=world.twin.orders.all(),
        )

    def saved(self) -> dict[str, Any]:
        """Return the scenarios that are kept, by name."""
        text = self.world.twin.store.recall(SAVED)
        kept: dict[str, Any] = orjson.loads(text) if text else {}
        return kept

    def save(self, name: str, told: Any) -> None:
        """Keep a scenario under a name.

        Raises:
            ScenarioError: The name or the scenario will not do.
        """
        name = name.strip()
        if not 0 < len(name) <= MOST_NAME or not name.isprintable():
            raise ScenarioError(f"a scenario wants a name of at most {MOST_NAME} plain characters")
        if not isinstance(told, dict):
            raise ScenarioError("send the scenario as an object")
        asked = [str(told.get(key) or "") for key in ("service", "profile", "group", "tier")]
        try:
            self.read_question(*asked)
        except UnknownThingError as error:
            raise ScenarioError(str(error)) from None
        read_edits(told.get("edits"))
        kept = self.saved()
        if name not in kept and len(kept) >= MOST_SAVED:
            raise ScenarioError(f"{MOST_SAVED} scenarios are kept: delete one first")
        kept[name] = {
            "edits": told["edits"],
            **{key: str(told.get(key) or "") for key in ("service", "profile", "group", "tier")},
            "t": self._head()["t"],
        }
        self.world.twin.store.remember(SAVED, orjson.dumps(kept).decode())

    def hold_rules(self, data: dict[str, Any]) -> None:
        """Take edited rules from another thread, sum everything by them, and keep them.

        Before the coverage is open, it begins with them.

        Raises:
            RuleError: They are not what they should be; then all stays as it was.
        """

        def hold() -> None:
            if self.watch.is_open:
                before = self.watch.base.rules.version
                self.watch.set_rules(check_rule_data(data, before=before))
                self._forget()
            else:
                self.watch.use_rules(check_rule_data(data))
            self.rule_data = data
            self.world.twin.store.remember(RULES, orjson.dumps(data).decode())

        self.watch.run(hold)

    def reread(self) -> None:
        """Take what managers edited of services and people; for another thread."""

        def read() -> None:
            if self.watch.is_open:
                self.watch.reread()
                self.__dict__.pop("places", None)
                self._forget()

        self.watch.run(read)

    def _forget(self) -> None:
        for kept in (self._kept, self._areas, self._finders, self._sessions):
            kept.clear()

    def delete(self, name: str) -> bool:
        """Forget a scenario; return whether there was one."""
        kept = self.saved()
        found = kept.pop(name, None) is not None
        if found:
            self.world.twin.store.remember(SAVED, orjson.dumps(kept).decode())
        return found

    def _draw(
        self, live: LiveCoverage, question: Question, at: datetime | None = None
    ) -> dict[str, Any]:
        now = self.world.twin.clock().timestamp()
        viewer = current_viewer()
        return draw_view(
            live,
            question,
            self.places,
            self._take_orders(),
            now,
            at=at,
            may_see=viewer.may_enter if viewer.is_staff else None,
        )

    def _take_orders(self) -> list[Order]:
        now = self.world.twin.clock().timestamp()
        if not 0 <= now - self._orders[0] < ORDERS_S:
            self._orders = (now, self.world.twin.orders.all())
        return self._orders[1]

    def _head(self) -> dict[str, Any]:
        groups = (
            self.watch.base.people.known if self.watch.base.people.unit == "people" else ("all",)
        )
        return {
            "rev": self.watch.rev,
            "t": round(self.world.twin.clock().timestamp(), 1),
            "groups": groups,
        }

    def _session(self, token: str, question: Question) -> tuple[str, Session]:
        if token not in self._sessions:
            # a token of the server's own making: nobody guesses another's
            token = secrets.token_urlsafe(9)
            real = self.watch.live(question.profile)
            self._sessions[token] = Session(real.copy(), question.profile, self.watch.rev)
            while len(self._sessions) > MOST_SESSIONS:
                self._sessions.popitem(last=False)
        self._sessions.move_to_end(token)
        return token, self._sessions[token]
