"""A town small enough to tell stories in, and the machinery to play them."""

from __future__ import annotations

from itertools import count
from typing import Any

import geopandas as gpd
from shapely.geometry import Point, box

from geodata.community import Community, empty_frame, to_schema
from geodata.schema import CRS, LAYERS
from live.events import Event
from live.incidents.book import Book
from live.incidents.detect import Detector
from live.incidents.incident import CLOSED, Incident
from live.incidents.places import build_places, build_scene
from live.incidents.rules import Rules
from live.incidents.rules_file import load_rules
from live.incidents.signals import Signal
from tests.live.small_world import NOON, make_event

LAYER = {
    "d": "entrances", "g": "gates", "c": "plate_cameras", "s": "devices", "b": "devices",
    "p": "devices", "w": "devices", "f": "devices", "v": "devices",
}  # fmt: skip
"""First letter of an id -> its layer."""
KIND = {
    "s": "sos_pole", "b": "waste_bin", "p": "charging_pile", "w": "water_meter", "f": "smoke_alarm",
    "v": "camera",
}  # fmt: skip
T0 = NOON.timestamp()


def _at(x_m: float, y_m: float = 0.0) -> Point:
    return Point(119.3 + x_m / 99_850, 26.08 + y_m / 111_195)


def make_town(poles: int = 4, doors: int = 3, door_gap_m: float = 5.0) -> Community:
    """Two buildings 300 m apart, each in a grid of its own; things beside them."""
    rows: dict[str, list[dict[str, Any]]] = {
        "grids": [
            {"id": "west", "geometry": box(119.295, 26.075, 119.3015, 26.085)},
            {"id": "east", "geometry": box(119.3015, 26.075, 119.31, 26.085)},
        ],
        "buildings": [
            {"id": "h1", "geometry": _at(0).buffer(0.0001), "height_m": 18.0,
             "height_source": "measured", "households": 150, "residents": 400},
            {"id": "h2", "geometry": _at(300).buffer(0.0001), "height_m": 18.0,
             "height_source": "measured", "households": 150, "residents": 400},
        ],
        "entrances": [
            {"id": f"d{i}", "building_id": "h1", "geometry": _at(i * door_gap_m)}
            for i in range(doors)
        ],
        "gates": [{"id": "g1", "access": "both", "geometry": _at(100)}],
        "plate_cameras": [
            {"id": "c1", "gate_id": "g1", "direction": "in", "geometry": _at(101)},
            {"id": "c2", "gate_id": "g1", "direction": "out", "geometry": _at(101, 2)},
        ],
        "devices": [
            *({"id": f"s{i}", "kind": "sos_pole", "period_s": 60, "geometry": _at(60.0 * i, 200)}
              for i in range(poles)),
            {"id": "b1", "kind": "waste_bin", "period_s": 300, "geometry": _at(20, 50)},
            {"id": "b2", "kind": "waste_bin", "period_s": 300, "geometry": _at(320, 50)},
            {"id": "p1", "kind": "charging_pile", "period_s": 60, "geometry": _at(40, 50)},
            {"id": "v1", "kind": "camera", "period_s": 60, "geometry": _at(0, -100)},
            {"id": "w1", "kind": "water_meter", "period_s": 3600, "building_id": "h1",
             "geometry": _at(0)},
            {"id": "w2", "kind": "water_meter", "period_s": 3600, "building_id": "h2",
             "geometry": _at(300)},
            {"id": "f1", "kind": "smoke_alarm", "building_id": "h1", "geometry": _at(1)},
            {"id": "f2", "kind": "smoke_alarm", "building_id": "h2", "geometry": _at(301)},
        ],
    }  # fmt: skip
    frames = {name: empty_frame(schema) for name, schema in LAYERS.items()}
    for layer, records in rows.items():
        frames[layer] = to_schema(gpd.GeoDataFrame(records, crs=CRS), LAYERS[layer])
    boundary = gpd.GeoDataFrame([{"id": "b"}], geometry=[box(119.29, 26.07, 119.31, 26.09)],
                                crs=CRS)  # fmt: skip
    frames["boundary"] = to_schema(boundary, LAYERS["boundary"])
    return Community(frames, {"name": "镇", "timezone": "Asia/Shanghai"}, "town")


TOWN = make_town()
RULES = load_rules().with_plates(("闽A12345", "浙B?66*")).with_subjects("no_flow", ("w1",))


def tell(kind: str, subject: str, at: float, /, **data: Any) -> Event:
    """Return an event of a thing of the town, seconds from NOON."""
    return make_event(kind, subject, at, layer=LAYER[subject[0]], **data)


class Play:
    """Plays stories on the pure core: a detector and a book, without a store."""

    def __init__(self, rules: Rules = RULES, town: Community = TOWN) -> None:
        self.rules = rules
        self.detector = Detector(rules, build_scene(town))
        places = build_places(town)
        self.book = Book(rules, lambda: places)
        self.signals: list[Signal] = []
        self.moves: list[Any] = []
        self.at = 0.0
        self._numbers = count(1)

    def run(
        self, *events: Event, until: float = 0.0, step: float = 60.0, subjects: Any = None
    ) -> Play:
        """Take in events in order, sweeping in between, and go on to `until` seconds from NOON."""
        ahead = sorted(events, key=lambda event: event.received_at)
        last = max([until, self.at, *((e.received_at.timestamp() - T0) for e in ahead)])
        sweep = self.at
        while ahead or sweep <= last:
            if ahead and ahead[0].received_at.timestamp() - T0 <= sweep:
                event = ahead.pop(0)
                if signals := self.detector.take(event):
                    self._do(signals, event.received_at.timestamp())
                continue
            self._do(self.detector.sweep(T0 + sweep, subjects), T0 + sweep)
            sweep += step
        self._do(self.detector.sweep(T0 + last, subjects), T0 + last)
        self.at = last
        return self

    def _do(self, signals: list[Signal], now: float) -> None:
        draft = self.book.draft(lambda _: f"n{next(self._numbers)}")
        for signal in signals:
            draft.route(signal, now)
        draft.pass_time(now)
        self.signals += signals
        self.moves += draft.moves
        self.book.adopt(draft)

    @property
    def open(self) -> list[Incident]:
        return [one for one in self.book.incidents.values() if one.state != CLOSED]

    @property
    def kinds(self) -> list[str]:
        """Kinds of the incidents that were opened, in order."""
        return [move.step.data["kind"] for move in self.moves if move.step.action == "open"]
