"""Who goes to an incident and on which way, what is around it, and how many people it may harm.

Found once for all viewers: an answer is kept until the gates or the services stand otherwise.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geodata.community import Community
from geodata.coverage.hours import Clock
from live.disclosure import BASE, show_count
from live.incidents.incident import Incident
from live.incidents.rules import Kind, Response, Rules

if TYPE_CHECKING:
    from geodata.coverage.footway import Footway, Footways

KEPT = 200
"""Answers kept, the newest."""
FARTHEST_M = 3000.0
"""Nobody is sent from farther away."""
MOST_AROUND = 6
GUARDED = ("vehicle", "both")
"""Gates with a post for guards: those that vehicles pass (an assumption)."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Sent:
    """Who goes, and on which way.

    Attributes:
        who: Name of the responder in the rules.
        layer: Layer of the place where they wait.
        id: Its id.
        mm: The way, millimetres.
        path: Its line, degrees (longitude, latitude), from there to the incident.
        shut: Gates that were shut when it was found.
    """

    who: str
    layer: str
    id: str
    mm: int
    path: Floats
    shut: tuple[str, ...]

    def travel_s(self, speed_mps: float) -> float:
        """Return how long they are on the way."""
        return self.mm / 1000 / speed_mps


@dataclass(frozen=True, slots=True)
class _Post:
    who: str
    layer: str
    id: str
    hours: str | None


class ResponseDesk:
    """Answers for one community; safe for many threads.

    Args:
        community: Whose roads, gates, services and homes.
    """

    def __init__(self, community: Community) -> None:
        self.community = community
        zone = ZoneInfo(str(community.meta.get("timezone") or "Asia/Shanghai"))
        self._clock = Clock(str(zone), community.centre)
        self._lock = threading.Lock()
        self._ways: Footways | None = None
        self._points: dict[str, dict[str, tuple[float, float]]] = {}
        self._tables: dict[str, list[dict[str, Any]]] = {}
        self._answers: OrderedDict[tuple[Any, ...], Sent | None] = OrderedDict()

    @property
    def is_open(self) -> bool:
        """Whether the ways are read."""
        return self._ways is not None

    def open(self) -> Footways:
        """Read the ways; takes about a second the first time."""
        with self._lock:
            if self._ways is None:
                # slow to load, and a start does not need them
                from geodata.coverage.footway import Footways
                from geodata.coverage.network import build_network

                self._ways = Footways(build_network(self.community))
            return self._ways

    def send(
        self,
        incident: Incident,
        rules: Rules,
        now: float,
        locked: Mapping[str, bool],
        services: Mapping[str, str],
    ) -> Sent | None:
        """Return who is nearest of those able to go, None where nobody is or no way is known.

        Args:
            incident: Where to.
            rules: Who is able.
            now: Epoch seconds, for opening hours.
            locked: Gates that said whether they are locked.
            services: State of each service: open, closed, full or unknown.
        """
        kind = rules.kinds.get(incident.kind)
        if kind is None or not kind.responders or incident.group:
            return None
        at = datetime.fromtimestamp(now, UTC)
        shut = self._shut(locked, at)
        posts = self._posts(kind, rules.response, services, at)
        key = (incident.place, rules.digest, shut, tuple(post.id for post in posts))
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        found = self._nearest(incident.place, posts, shut)
        with self._lock:
            self._answers[key] = found
            while len(self._answers) > KEPT:
                self._answers.popitem(last=False)
        return found

    def around(self, incident: Incident, radius_m: float) -> dict[str, list[tuple[str, float]]]:
        """Return what is near an incident, by layer: ids and metres, nearest first."""
        goal = self.point(*incident.place)
        if goal is None:
            return {}
        found: dict[str, list[tuple[str, float]]] = {}
        for layer in ("entrances", "gates", "plate_cameras", "devices"):
            near = [
                (id_, far)
                for id_, far in self._distances(layer, goal)
                if far <= radius_m and (layer, id_) != incident.place
            ]
            found[layer] = sorted(near, key=lambda pair: (pair[1], pair[0]))[: MOST_AROUND * 4]
        return found

    def people(self, incident: Incident, area_m: float) -> dict[str, Any] | None:
        """Return homes and people whom it may harm, rounded to fives, under five not told apart."""
        if area_m <= 0 or incident.group:
            return None
        goal = self.point(*incident.place)
        if goal is None:
            return None
        buildings = self.community["buildings"]
        plane = self.open().network.plane
        near = shapely.distance(
            plane.project(buildings.geometry.to_numpy()), shapely.Point(self._xy([goal])[0])
        )
        inside = buildings[near <= area_m]
        return {
            "area_m": area_m,
            "buildings": len(inside),
            "households": _rounded(inside["households"]),
            "residents": _rounded(inside["residents"]),
        }

    def point(self, layer: str, id_: str) -> tuple[float, float] | None:
        """Return degrees of a thing, of a building its first door; None for areas."""
        if layer == "buildings":
            doors = self.community["entrances"]
            mine = doors[doors["building_id"] == id_]
            if len(mine):
                point = mine.geometry.iloc[0]
                return point.x, point.y
        if layer in ("", "grids", "compounds"):
            return None
        return self._layer(layer).get(id_)

    def _nearest(
        self, place: tuple[str, str], posts: list[_Post], shut: tuple[str, ...]
    ) -> Sent | None:
        goal = self.point(*place)
        known = [(post, spot) for post in posts if (spot := self.point(post.layer, post.id))]
        if goal is None or not known:
            return None
        ways = self.open()
        starts = self._xy([spot for _, spot in known])
        found = ways.find(starts, self._xy([goal])[0], shut)
        if not found or found[0].mm > FARTHEST_M * 1000:
            return None
        best: Footway = found[0]
        post = known[best.start][0]
        path = ways.network.plane.to_degrees(best.path)
        return Sent(post.who, post.layer, post.id, best.mm, path, shut)

    def _posts(
        self, kind: Kind, response: Response, services: Mapping[str, str], at: datetime
    ) -> list[_Post]:
        """Return where those wait who are able and there now."""
        posts: list[_Post] = []
        for name in kind.responders:
            one = response.responders[name]
            posts += [
                _Post(name, "services", str(row["id"]), row.get("hours"))
                for row in self._rows("services")
                if row["kind"] in one.services
            ]
            posts += [
                _Post(name, "gates", str(row["id"]), row.get("hours"))
                for row in self._rows("gates")
                if one.gates and row.get("access") in GUARDED
            ]
        return [post for post in posts if self._is_there(post, services, at)]

    def _is_there(self, post: _Post, services: Mapping[str, str], at: datetime) -> bool:
        if post.layer == "services" and services.get(post.id) == "closed":
            return False
        return self._clock.is_open(post.hours, at) is not False

    def _shut(self, locked: Mapping[str, bool], at: datetime) -> tuple[str, ...]:
        """Return gates that let nobody past: as they say, else by their hours, else open."""
        found = []
        for row in self._rows("gates"):
            gate = str(row["id"])
            said = locked.get(gate)
            if said is None:
                said = self._clock.is_open(row.get("hours"), at) is False
            if said:
                found.append(gate)
        return tuple(found)

    def reread(self, layer: str) -> None:
        """Take a layer anew, as managers edited it."""
        self._tables.pop(layer, None)

    def _rows(self, layer: str) -> list[dict[str, Any]]:
        if layer not in self._tables:
            frame = pd.DataFrame(self.community[layer].drop(columns="geometry")).astype("object")
            rows: Any = frame.where(frame.notna(), None).to_dict("records")
            self._tables[layer] = list(rows)
        return self._tables[layer]

    def _layer(self, layer: str) -> dict[str, tuple[float, float]]:
        if layer not in self._points:
            gdf = self.community[layer]
            spots = gdf.geometry.representative_point()
            self._points[layer] = {
                str(id_): (spot.x, spot.y) for id_, spot in zip(gdf["id"], spots, strict=True)
            }
        return self._points[layer]

    def _distances(self, layer: str, goal: tuple[float, float]) -> Iterable[tuple[str, float]]:
        spots = self._layer(layer)
        if not spots:
            return ()
        away = np.hypot(*(self._xy(list(spots.values())) - self._xy([goal])).T)
        return zip(spots, away.tolist(), strict=True)

    def _xy(self, degrees: Collection[tuple[float, float]]) -> Floats:
        return self.open().network.plane.to_xy(np.array(list(degrees), float))


def _rounded(counts: Any) -> int | str | None:
    """Return a sum as a count that may be told, None where nothing is known."""
    if counts.isna().all():
        return None if len(counts) else 0
    true = float(counts.sum())
    return show_count(round(true / BASE) * BASE if true >= BASE else round(true))
