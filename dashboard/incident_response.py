"""The picture of an incident: who comes on which way, what stands around it, people as counts.

For everybody who may read the incident; of a discreet one there is none, as it would tell where.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from dashboard.world import World
from layers.frame import LocalFrame
from live.health import SILENT
from live.incidents.incident import Incident
from live.incidents.response import MOST_AROUND
from live.rows import to_row

CAMERAS = ("camera",)


def describe_response(world: World, one: Incident, steps: list[dict[str, Any]]) -> dict[str, Any]:
    """Return who comes, what is around and whom it may harm, ready for JSON.

    Args:
        world: Whose incident.
        one: The incident; not a discreet one.
        steps: Its timeline.
    """
    from live.coverage.facts import LOCKED  # brings what is slow to load

    twin = world.twin
    rules = twin.incidents.rules_file.rules
    kind = rules.kinds.get(one.kind)
    desk, response = twin.incidents.response, rules.response
    now = twin.clock().timestamp()
    around = desk.around(one, response.radius_m)
    with twin.lock:
        subjects = twin.state.subjects
        locked = {
            id_: subject.values[LOCKED] > 0
            for (layer, id_), subject in subjects.items()
            if layer == "gates" and LOCKED in subject.values and subject.hearing != SILENT
        }
        services = {id_: s.shown for (layer, id_), s in subjects.items() if layer == "services"}
        rows = {
            (layer, id_): (subjects[layer, id_].kind, to_row(subjects[layer, id_]))
            for layer, found in around.items()
            for id_, _ in found
            if (layer, id_) in subjects
        }
        feed = dict(twin.state.snapshot().get("feed", {}))
    linked = _linked(world, around, rows)
    sent = desk.send(one, rules, now, locked, services)
    spot = desk.point(*one.place)
    told: dict[str, Any] = {
        "at": None if spot is None else _metres(world, [spot])[0],
        "radius_m": response.radius_m,
        "area_m": kind.area_m if kind is not None else 0.0,
        "linked": {**linked, "reads": _reads(around, feed)},
        "people": desk.people(one, kind.area_m) if kind is not None else None,
        "limit_s": None,
        "due": None,
        "responder": None,
    }
    limit = response.arrive_s.get(one.severity)
    if limit is not None and kind is not None and kind.responders:
        # kept with the clock of the response, which moves when the machine's clock is set
        began = one.respond_due - rules.severity[one.severity].respond_s
        told |= {"limit_s": limit, "began": round(began, 3), "due": round(began + limit, 3)}
    told |= {
        "sent": _first(steps, response.sent_by, one),
        "there": _first(steps, response.there_by, one),
    }
    if sent is not None:
        told["responder"] = {
            "who": sent.who,
            "layer": sent.layer,
            "id": sent.id,
            "name": _name(world, sent.layer, sent.id),
            "metres": round(sent.mm / 1000),
            "travel_s": round(sent.travel_s(response.speed_mps), 1),
            "speed_mps": response.speed_mps,
            "path": _metres(world, sent.path.tolist()),
            "shut": [_name(world, "gates", gate) for gate in sent.shut],
        }
    return told


def _first(steps: list[dict[str, Any]], names: tuple[str, ...], one: Incident) -> float | None:
    """Return when the first of some steps was ticked off since it was last opened."""
    since = one.reopens[-1] if one.reopens else 0.0
    for step in steps:
        data = step["data"]
        done = step["action"] == "step" and data.get("how") == "done"
        if done and data.get("step") in names and step["at"] >= since:
            return float(step["at"])
    return None


def _linked(
    world: World, around: dict[str, list[tuple[str, float]]], rows: dict[tuple[str, str], Any]
) -> dict[str, Any]:
    doors: list[dict[str, Any]] = []
    cameras: list[dict[str, Any]] = []
    near = sorted(
        ((far, layer, id_) for layer, found in around.items() for id_, far in found),
        key=lambda thing: thing[0],
    )
    for far, layer, id_ in near:
        if (layer, id_) not in rows:
            continue
        kind, row = rows[layer, id_]
        is_camera = layer == "plate_cameras" or kind in CAMERAS
        if layer == "devices" and not is_camera:
            continue
        told = {"layer": layer, "id": id_, "m": round(far), "s": row["s"], "h": row["h"],
                "t": row["t"]}  # fmt: skip
        (cameras if is_camera else doors).append(told)
    for each in (*doors[:MOST_AROUND], *cameras[:MOST_AROUND]):
        each["name"] = _name(world, each["layer"], each["id"])
    return {
        "doors": doors[:MOST_AROUND],
        "cameras": cameras[:MOST_AROUND],
        "doors_n": len(doors),
        "cameras_n": len(cameras),
    }


def _reads(
    around: dict[str, list[tuple[str, float]]], feed: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """Return the newest reads of plates nearby, masked as everybody sees them."""
    near = {id_ for id_, _ in around.get("plate_cameras", ())}
    rows = [row for row in feed.values() if row["k"] == "plate" and row["i"] in near]
    rows.sort(key=lambda row: -row["t"])
    return [{"id": row["i"], "t": row["t"], **row["d"]} for row in rows[:3]]


def _metres(world: World, degrees: Any) -> list[list[float]]:
    lon, lat = zip(*degrees, strict=True)
    centre = world.community.centre
    metres = LocalFrame(round(centre[0], 6), round(centre[1], 6)).to_metres(
        np.array(lon, float), np.array(lat, float)
    )
    found: list[list[float]] = metres.round(1).tolist()
    return found


def _name(world: World, layer: str, id_: str) -> str:
    gdf = world.community[layer]
    found = gdf.loc[gdf["id"] == id_, "name"]
    name = found.iloc[0] if len(found) else None
    return id_ if pd.isna(name) else str(name)
