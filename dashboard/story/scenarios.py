"""What visitors may try: timelines worked out by the product's own rules, for one visitor alone.

Each is a list of beats. A beat has a moment of the play (`at`, seconds), the moment of the world
that it shows (`world`, seconds from the start; `t` by the clock that its rows tell), words, and a
patch of the wire that the browser lays over the common stream. Nothing of it is kept, and nobody
else's picture moves.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from dashboard.coverage.scenario import Edits, Session
from dashboard.coverage.view import NOW, Question, draw_view
from dashboard.story.places import find_devices_near, find_service, find_sos, posts_of
from dashboard.story.rehearsal import Rehearsal, find_walk
from dashboard.story.stops import describe_story
from dashboard.world import World

KEPT_S = {"canteen": 60.0}
USUALLY_KEPT_S = 900.0
"""Timelines tell times from their start, so that an older one serves as well, seconds."""
WALK_PLAY_S = 16.0
"""How long the walk of whoever is sent takes on the screen."""
NOON = 12
DRY_HOURS = 13
WIND_S = 4000.0

Timeline = dict[str, Any]


class Beats:
    """Collects the beats of a play.

    Args:
        rehearsal: Tells the world's moment and what moved.
    """

    def __init__(self, rehearsal: Rehearsal) -> None:
        self.rehearsal = rehearsal
        self.beats: list[dict[str, Any]] = []
        self.skip = 0.0

    def say(self, at: float, word: str, **values: Any) -> None:
        """Add a beat: from here on the picture is as the rehearsal has it now."""
        self.beats.append(
            {
                "at": at,
                "world": round(self.rehearsal.seconds - self.skip, 1),
                "t": round(self.rehearsal.at.timestamp(), 3),
                "word": word,
                "values": values,
                "patch": self.rehearsal.patch(),
            }
        )


def playable(world: World) -> list[str]:
    """Return the scenarios that a world has the things for."""
    community = world.community
    devices = community["devices"]
    has = {
        "sos": bool(find_sos(community)),
        "fire_lane": bool((devices["kind"] == "camera").any()) and len(community["gates"]) > 0,
        "living_alone": bool(find_agreed_meter(world)),
        "typhoon": bool((devices["kind"] == "sos_pole").any()),
        "canteen": bool(find_service(community, "canteen")),
    }
    return [name for name in PLAYS if has[name]]


def play_sos(world: World) -> Timeline:
    """Somebody presses the button of a pole; whoever is nearest walks there."""
    pole = find_sos(world.community)
    with Rehearsal(world, "sos", world.twin.clock()) as play:
        beats = Beats(play)
        goal = play.locate("devices", pole)
        walk = find_walk(world, posts_of(world.community, "sos"), goal) if goal else None
        play.hear("alarm", "devices", pole, {"type": "sos", "severity": 1})
        beats.say(0, "sos.press")
        play.wait(8)
        play.act("acknowledge")
        play.act("step", step="call_back")
        beats.say(5, "sos.answer", s=8)
        play.wait(7)
        play.act("step", step="watch_camera")
        beats.say(10, "sos.look")
        play.wait(10)
        play.act("start")
        play.act("step", step="send_nearest")
        travel = walk["travel_s"] if walk else 120.0
        beats.say(15, _sent(walk), m=walk["metres"] if walk else "–", t=_clock(travel))
        play.wait(travel)
        play.act("step", step="arrive")
        beats.say(15 + WALK_PLAY_S, "sos.there", t=_clock(play.seconds))
        play.wait(90)
        play.hear("status", "devices", pole, {"state": "ok"})
        play.act("step", step="reset_pole")
        play.act("resolve", outcome="handled")
        beats.say(21 + WALK_PLAY_S, "sos.done", t=_clock(play.seconds))
        return _timeline(play, beats, ("devices", pole), walk, (15.0, 15 + WALK_PLAY_S))


def play_fire_lane(world: World) -> Timeline:
    """A car stops where fire engines must pass."""
    community = world.community
    devices = community["devices"]
    camera = str(devices.loc[devices["kind"] == "camera", "id"].iloc[0])
    with Rehearsal(world, "fire_lane", world.twin.clock()) as play:
        beats = Beats(play)
        goal = play.locate("devices", camera)
        walk = find_walk(world, posts_of(community, "fire_lane"), goal) if goal else None
        play.hear("alarm", "devices", camera, {"type": "fire_lane", "severity": 2})
        beats.say(0, "fire_lane.seen")
        play.wait(190)
        beats.say(5, "fire_lane.open", m=3)
        play.wait(20)
        play.act("acknowledge")
        play.act("step", step="watch_camera")
        play.act("step", step="ask_driver")
        beats.say(10, "fire_lane.call")
        play.wait(40)
        play.act("start")
        play.act("step", step="send_guard")
        travel = walk["travel_s"] if walk else 120.0
        beats.say(15, _sent(walk), m=walk["metres"] if walk else "–", t=_clock(travel))
        play.wait(travel)
        beats.say(15 + WALK_PLAY_S, "fire_lane.there")
        play.wait(60)
        play.hear("status", "devices", camera, {"state": "ok"})
        play.act("resolve", outcome="handled")
        beats.say(21 + WALK_PLAY_S, "fire_lane.done", t=_clock(play.seconds))
        return _timeline(play, beats, ("devices", camera), walk, (15.0, 15 + WALK_PLAY_S))


def play_living_alone(world: World) -> Timeline:
    """No water runs in the home of somebody who asked to be looked after; the grid alone shows."""
    meter = find_agreed_meter(world)
    with Rehearsal(world, "living_alone", world.twin.clock()) as play:
        beats = Beats(play)
        for hour in range(DRY_HOURS + 1):
            play.wait(3600 if hour else 0)
            play.hear("reading", "devices", meter, {"values": {"water_m3": 318.42}, "unit": {}})
        play.touched.clear()  # what is in a flat is never on the wire
        beats.skip = play.seconds
        beats.say(0, "living_alone.dry", h=12)
        play.wait(60)
        play.act("acknowledge")
        play.act("step", step="call_household")
        beats.say(6, "living_alone.call")
        play.wait(180)
        play.act("start")
        play.act("step", step="call_family")
        beats.say(12, "living_alone.family")
        play.wait(420)
        play.act("step", step="visit")
        beats.say(19, "living_alone.visit", t=_clock(play.seconds - beats.skip))
        play.wait(300)
        play.act("step", step="note_outcome")
        play.act("resolve", outcome="handled")
        beats.say(27, "living_alone.done")
        area = next(iter(play.patch()["a"]["incidents"].values()))["a"]
        return _timeline(play, beats, (area[0], area[1]) if area else ("", ""), None, None)


def find_agreed_meter(world: World) -> str:
    """Return a water meter whose household agreed that it is looked after, or nothing."""
    devices = world.community["devices"]
    known = set(devices.loc[devices["kind"] == "water_meter", "id"].astype(str))
    rules = world.twin.incidents.rules_file.rules.rules
    named = (id_ for rule in rules if rule.when == "no_flow" for id_ in rule.subjects)
    return next((id_ for id_ in named if id_ in known), "")


def play_typhoon(world: World) -> Timeline:
    """Wind takes the line of some poles; places where people gather close."""
    places = world.twin.incidents.places
    near = find_devices_near(world.community, "sos_pole", 40)
    area = places.of("devices", near[0]).area
    # those of one grid, as whoever mends them goes there once
    poles = [id_ for id_ in near if places.of("devices", id_).area == area][:4]
    shut = [
        id_ for kind in ("sports", "market", "culture", "school", "kindergarten", "childcare")
        if (id_ := find_service(world.community, kind))
    ]  # fmt: skip
    with Rehearsal(world, "typhoon", world.twin.clock()) as play:
        beats = Beats(play)
        beats.say(0, "typhoon.warn")
        for id_ in shut:
            play.hear("service", "services", id_, {"state": "closed"})
        beats.say(6, "typhoon.shut", n=len(shut))
        before = play.seconds
        play.fall_silent([("devices", id_) for id_ in poles], 60.0, WIND_S)
        beats.skip = play.seconds - before - 600
        beats.say(13, "typhoon.silent", n=len(poles))
        play.wait(120)
        play.act("acknowledge")
        play.act("step", step="check_power")
        play.act("start")
        beats.say(20, "typhoon.check")
        play.wait(900)
        play.act("step", step="send_technician")
        for id_ in poles:
            play.hear("status", "devices", id_, {"state": "ok"})
        play.act("resolve", outcome="handled")
        beats.say(28, "typhoon.done")
        return _timeline(play, beats, ("devices", poles[0]), None, None)


def play_canteen(world: World) -> Timeline:
    """The canteen closes at noon; the coverage engine tells who can no longer walk to a meal."""
    desk = world.coverage
    canteen = find_service(world.community, "canteen")
    question = Question("canteen")
    real = desk.watch.live(question.profile)
    noon = world.twin.clock().astimezone(world.timezone).replace(
        hour=NOON, minute=0, second=0, microsecond=0
    )  # fmt: skip
    views = []
    for works in (True, False):
        session = Session(real.copy(), question.profile, desk.watch.rev)
        session.bring(Edits(working={canteen: works}, at=noon), real, desk.watch.rev)
        views.append(draw_view(session.live, question, desk.places))
    rows = [next(row for row in view["kinds"] if row["kind"] == "canteen") for view in views]
    with Rehearsal(world, "canteen", world.twin.clock()) as play:
        beats = Beats(play)
        share = [round(100 * (row["now"] or 0)) for row in rows]
        play.hear("service", "services", canteen, {"state": "open"})
        beats.say(0, "canteen.open", m=rows[0]["radius_m"], n=share[0])
        play.wait(120)
        play.hear("service", "services", canteen, {"state": "closed"})
        beats.say(7, "canteen.shut")
        beats.say(13, "canteen.lost", n=share[0] - share[1], p=_people(rows))
        beats.say(21, "canteen.who")
        told = _timeline(play, beats, ("services", canteen), None, None)
    told["paint"] = [
        {"at": 0, "states": views[0]["states"]},
        {"at": 7, "states": views[1]["states"]},
    ]
    told["homes"] = [_reached(view["states"]) for view in views]
    return told


PLAYS: dict[str, Callable[[World], Timeline]] = {
    "sos": play_sos,
    "fire_lane": play_fire_lane,
    "living_alone": play_living_alone,
    "typhoon": play_typhoon,
    "canteen": play_canteen,
}


class Theatre:
    """Works out the timelines of one world, and keeps each for a while.

    Args:
        world: The world; it is left as it is.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.playable = playable(world)
        self._locks = {name: threading.Lock() for name in PLAYS}
        self._kept: dict[str, tuple[float, Timeline]] = {}

    def describe(self) -> dict[str, Any]:
        """Return what the page needs to tell the story: `GET /demo/api/v1/story`."""
        return describe_story(self.world.community, self.playable)

    def play(self, name: str) -> Timeline:
        """Return a timeline; `name` is one of `playable`."""
        with self._locks[name]:
            kept = self._kept.get(name)
            if kept is None or time.monotonic() - kept[0] > KEPT_S.get(name, USUALLY_KEPT_S):
                kept = (time.monotonic(), PLAYS[name](self.world))
                self._kept[name] = kept
            return kept[1]


def _timeline(
    play: Rehearsal,
    beats: Beats,
    subject: tuple[str, str],
    walk: dict[str, Any] | None,
    walking: tuple[float, float] | None,
) -> Timeline:
    return {
        "name": play.name,
        "seconds": beats.beats[-1]["at"] + 7,
        "subject": {"layer": subject[0], "id": subject[1]},
        "beats": beats.beats,
        "walk": {**walk, "from": walking[0], "to": walking[1]} if walk and walking else None,
        "paint": [],
    }


def _sent(walk: dict[str, Any] | None) -> str:
    return f"sent.{walk['who']}" if walk else "sent.nobody"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _people(rows: list[dict[str, Any]]) -> str:
    """Return how many people fewer are reached, rounded to tens: the counts are protected ones."""
    of = rows[0]["of"]
    if not isinstance(of, int):
        return "–"
    return str(round(of * ((rows[0]["now"] or 0) - (rows[1]["now"] or 0)) / 10) * 10)


def _reached(states: str) -> int:
    import base64

    return base64.b64decode(states).count(NOW)
