"""The stops of the visitors' story, chosen from what a community has: where to look and read."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from dashboard.story.places import (
    find_busy_gate,
    find_devices_near,
    find_gate,
    find_service,
    find_sos,
)
from geodata.community import Community

STEP_S = 27.0
IDLE_S = 180.0
"""A visitor who does nothing for so long has gone: the story begins anew."""
NOTICE_S = 20.0
"""How long that is announced, within `IDLE_S`."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of a stop.

    Attributes:
        label: Word key below `story.figure`.
        bind: Path of the value in the live state; `coverage`, `plate`, `kind/KIND` (heard, of
            all) and `level/DEVICE` are found by the page.
        form: How it is written (`data-format`).
        of: Path of the whole that it is a part of.
        age: Path of the value's clock.
        source: Word key below `story.source`.
        unit: Word key below `story.unit`.
    """

    label: str
    bind: str
    age: str
    source: str
    form: str = "int"
    of: str = ""
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """A stop of the story.

    Attributes:
        key: Word key below `story.stop`.
        layer: Layer of what is looked at; empty for the whole community.
        id: Its id.
        zoom: Of the camera on a screen of 900 pixels height.
        pitch: Of the camera, degrees.
        bearing: Of the camera, degrees.
        icon: Glyph of its pin.
        action: What its button starts: a scenario, or `gaps` for the coverage; none where empty.
        figures: What to read.
        seconds: How long it stays.
    """

    key: str
    layer: str = ""
    id: str = ""
    zoom: float = 18.2
    pitch: float = 59.0
    bearing: float = 32.0
    icon: str = "building"
    action: str = ""
    figures: tuple[Figure, ...] = ()
    seconds: float = field(default=STEP_S)


def describe_story(community: Community, scenarios: list[str]) -> dict[str, Any]:
    """Return what the page needs to tell the story, and to offer scenarios."""
    return {
        "stops": [asdict(stop) for stop in choose_stops(community)],
        "scenarios": scenarios,
        "idle_s": IDLE_S,
        "notice_s": NOTICE_S,
    }


def choose_stops(community: Community) -> list[Stop]:
    """Return the stops; one whose subject the community lacks is left out."""
    stops = [
        Stop(
            "overview",
            figures=(
                Figure("people", "people.community.in", "people.community.t", "people",
                       "people", "", "people"),
                Figure("sensing", "counters.sensing.heard", "counters.sensing.t", "devices",
                       "int", "counters.sensing.due", "devices"),
            ),
        ),
    ]  # fmt: skip
    gate = find_gate(community)
    if gate:
        stops.append(
            Stop(
                "doors", "gates", gate, 19.0, 57.0, 30.0, "entrance",
                figures=(
                    Figure("closed", "counters.doors.closed", "counters.doors.t", "doors",
                           "int", "counters.doors.total", "doors"),
                    Figure("passes", "counters.doors.n_1h", "counters.doors.t", "doors",
                           "int", "", "times"),
                ),
            )
        )  # fmt: skip
    canteen = find_service(community, "canteen")
    if canteen:
        stops.append(
            Stop(
                "canteen", "services", canteen, 18.5, 58.0, 32.0, "canteen", "gaps",
                figures=(
                    Figure("meals", f"services.{canteen}.used", f"services.{canteen}.t", "canteen",
                           "people", f"services.{canteen}.cap", "seats"),
                    Figure("walk", "coverage", "", "ways", "share"),
                ),
            )
        )  # fmt: skip
    cameras = community["plate_cameras"]
    if len(cameras):
        busy = find_busy_gate(community)
        stops.append(
            Stop(
                "plates", "gates" if busy else "plate_cameras", busy or str(cameras["id"].iloc[0]),
                19.1, 56.0, 20.0, "plate_camera",
                figures=(
                    Figure("inside", "counters.vehicles.inside", "counters.vehicles.t", "plates",
                           "int", "", "cars"),
                    Figure("plate", "plate", "", "plates"),
                ),
            )
        )  # fmt: skip
    pole = find_sos(community)
    if pole:
        stops.append(_device_stop("sos", pole, "sos_pole", "poles", action="sos"))
    bin_ = next(iter(find_devices_near(community, "waste_bin", 1)), "")
    if bin_:
        full = Figure("full", f"level/{bin_}", f"devices.{bin_}.t", "bins", "round", "", "percent")
        stops.append(_device_stop("waste", bin_, "waste_bin", "bins", full))
    centre = find_service(community, "service_centre")
    culture = find_service(community, "culture") or find_service(community, "sports")
    stops += [
        Stop(
            "together", "services" if centre else "", centre, 18.7, 58.0, -30.0, "service_centre",
            figures=(
                Figure("open", "counters.orders.open", "counters.orders.t", "orders",
                       "int", "", "cases"),
                Figure("on_time", "counters.orders.on_time", "counters.orders.t", "orders",
                       "share"),
            ),
        ),
        Stop(
            "best", "services" if culture else "", culture, 18.4, 57.0, 40.0, "people",
            figures=(
                Figure("praised", "counters.orders.praised", "counters.orders.t", "orders",
                       "int", "", "cases"),
                Figure("satisfied", "counters.orders.satisfied", "counters.orders.t", "orders",
                       "share"),
            ),
        ),
    ]  # fmt: skip
    return stops


def _device_stop(key: str, id_: str, kind: str, unit: str, *more: Figure, action: str = "") -> Stop:
    heard = Figure(key, f"kind/{kind}", "counters.kinds.t", unit, "int", "", unit)
    return Stop(key, "devices", id_, 19.2, 58.0, 30.0, kind, action, (heard, *more))
