"""A seeded day in a store, and each figure of a panel's past reckoned anew from its rows."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pandas as pd
import pytest

from callbacks.history import read_day
from dashboard.history_panel import BUILDERS, build_history
from dashboard.static_layers import StaticLayers
from dashboard.words import load_words
from dashboard.world import World
from geodata.schema import ACCESS_METHODS
from layers.scene import Scene
from live.events import Event
from live.history.vehicle_keys import vehicle_key
from live.store import open_store
from live.twin import Twin
from tests.browser.tiny import GRIDS, POINTS, make_tiny, with_grids

ZONE = "Asia/Shanghai"
DAY = date(2026, 11, 22)
NOW = datetime(2026, 11, 23, 2, 40, tzinfo=UTC)  # 10:40 of the day after
SECRET = b"the secret of a test"
SILENT_HOURS = (3, 4)
"""Hours in which nothing at all came in."""

DOORS = {"d0": "mid", "d1": "mid", "d2": "low"}
BUSY = {"d0": 40, "d1": 0, "d2": 12}
"""People an hour at most, by door; `d1` has two in the whole day."""
LIGHT = ["闽A12345", "闽A67890", "闽AD12345", "闽AF54321", "闽A2468B", "闽AB1357"]


@dataclass
class Past:
    """A world with a past, and the rows of its store as a frame."""

    world: World
    rows: pd.DataFrame = field(repr=False)

    def of(self, layer: str, key: str = "", day: date | None = DAY) -> pd.DataFrame:
        """Return the rows of one thing, or of a layer, on a day by its own clock; or of any."""
        mine = self.rows[self.rows["layer"] == layer]
        if key:
            mine = mine[mine["subject"] == key]
        return mine if day is None else mine[mine["local"].dt.date == day]

    def published(self, layer: str, day: date = DAY) -> pd.DataFrame:
        """Return the kept cells of a day: hour (local), way, place, method, building, n."""
        engine = self.world.twin.store.engine
        kept = pd.read_sql_query("SELECT hour, published FROM people_hours", engine)
        cells = [
            (hour, way.partition("/")[2], *name.split("|"), n)
            for hour, text in zip(kept["hour"], kept["published"], strict=True)
            for way, table in json.loads(text).items()
            if way.startswith(f"{layer}/")
            for name, n in table.items()
        ]
        frame = pd.DataFrame(cells, columns=["hour", "way", "place", "method", "building", "n"])
        frame["hour"] = pd.to_datetime(frame["hour"], unit="us", utc=True).dt.tz_convert(ZONE)
        return frame[frame["hour"].dt.date == day]


def _local(day: date, hour: int, minute: float = 0.0) -> datetime:
    """Return a moment by the community's clock, eight hours ahead of UTC."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=8)
    return midnight + timedelta(hours=hour, minutes=minute)


def _make_events() -> Iterator[tuple[datetime, str, str, str, dict[str, Any]]]:
    """Yield moment, layer, subject, kind and data of two days and a morning."""
    dice = random.Random(20261122)
    for day in (DAY - timedelta(days=1), DAY, DAY + timedelta(days=1)):
        for hour in range(24):
            if hour in SILENT_HOURS or _local(day, hour) >= NOW - timedelta(hours=1):
                continue
            yield from _make_people(dice, day, hour)
            yield from _make_reads(dice, day, hour)
            yield from _make_readings(dice, day, hour)
    for minute, state in ((5, "held"), (9, "closed"), (30, "offline"), (50, "closed")):
        yield _local(DAY, 9, minute), "entrances", "d0", "status", {"state": state}
    yield _local(DAY, 10, 1), "gates", "g0", "alarm", {"type": "forced", "severity": 3}
    yield _local(DAY, 10, 2), "gates", "g0", "status", {"state": "closed"}
    # held over midnight: of the next morning's end this day knows nothing
    yield _local(DAY, 23, 50), "entrances", "d1", "status", {"state": "held"}
    yield _local(DAY, 24, 10), "entrances", "d1", "status", {"state": "closed"}
    # moments on either side of both midnights
    for at in (_local(DAY, 0), _local(DAY, 24)):
        for step in (-1e-6, 0.0):
            data = {"plate": "闽A12345", "direction": "in", "who": "visitor"}
            yield at + timedelta(seconds=step), "plate_cameras", "c0", "plate", data


def _make_people(
    dice: random.Random, day: date, hour: int
) -> Iterator[tuple[datetime, str, str, str, dict[str, Any]]]:
    for door, most in BUSY.items():
        numbers = range(dice.randint(0, most)) if most else range(int(hour in (8, 18)))
        for number in numbers:
            at = _local(day, hour, dice.uniform(0, 59))
            data = {
                "method": dice.choice([*ACCESS_METHODS, "nfc"]),
                "direction": dice.choice(["in", "out", "out"]),
                "granted": dice.random() > 0.1,
                "subject": f"{door}-{hour}-{number}",
            }
            if dice.random() < 0.05:
                del data["direction"]
            yield at, "entrances", door, "access", data
            if dice.random() < 0.6 and "direction" in data:
                walk = timedelta(minutes=dice.uniform(1, 9))
                passed = at - walk if data["direction"] == "in" else at + walk
                if (passed + timedelta(hours=8)).hour not in SILENT_HOURS:
                    yield passed, "gates", dice.choice(["g0", "g1"]), "access", data


def _make_reads(
    dice: random.Random, day: date, hour: int
) -> Iterator[tuple[datetime, str, str, str, dict[str, Any]]]:
    for _ in range(dice.randint(0, 9)):
        data = {
            "plate": dice.choice([*LIGHT, None]),
            "direction": dice.choice(["in", "out"]),
            "who": dice.choice(["visitor", "resident", "strange"]),
        }
        if dice.random() < 0.2:
            data["plate_class"] = "yellow" if data["plate"] else "blue"
        camera = dice.choice(["c0", "c1"])
        if dice.random() < 0.25:
            del data["direction"]  # what the camera faces tells, where it faces one way
        at = _local(day, hour, dice.uniform(0, 59))
        yield at, "plate_cameras", camera, "plate", data
        if data["plate"] and dice.random() < 0.2:  # the same passage, seen twice
            yield at + timedelta(seconds=30), "plate_cameras", camera, "plate", data


def _make_readings(
    dice: random.Random, day: date, hour: int
) -> Iterator[tuple[datetime, str, str, str, dict[str, Any]]]:
    for minute in range(0, 60, 10):
        if hour == 14 and minute >= 20:
            continue  # silent for 40 minutes, of a rhythm of ten
        at = _local(day, hour, minute + dice.uniform(0, 1))
        data: dict[str, Any] = {
            "values": {"level": dice.randint(0, 100), "temperature": round(dice.gauss(22, 4), 1)},
            "unit": {"level": "%", "temperature": "Cel"},
        }
        if dice.random() < 0.05:
            data["values"]["temperature"] = -127.0
            data["doubt"] = {"temperature": "fault"}
        yield at, "devices", "bin0", "reading", data
    for minute in range(0, 60, 5):
        at = _local(day, hour, minute)
        yield at, "parking", "p0", "reading", {"values": {"free": dice.randint(0, 20)}}
        yield at, "parking", "p1", "reading", {"values": {"occupied": dice.randint(0, 8)}}
    used = dice.randint(0, 40)
    yield _local(day, hour, 15), "services", "s0", "service", {"state": "open", "used": used}
    yield _local(day, hour, 20), "devices", "meter0", "reading", {"values": {"volume": 1.0 + hour}}


@pytest.fixture(scope="module")
def past(tmp_path_factory):
    folder = tmp_path_factory.mktemp("past")
    community = with_grids(make_tiny())
    store = open_store(f"sqlite:///{folder / 'past.db'}")
    numbers = count()
    events = [
        Event(f"past-{next(numbers)}", kind, "test", layer, subject, at, at, data=data)
        for at, layer, subject, kind, data in _make_events()
    ]
    assert len(store.append(events).accepted) == len(events)
    layers = StaticLayers(Scene(community), folder / "layers")
    world = World(community, Twin(community, store), layers, simulated=False)
    world.pseudonym_key = SECRET
    rows = pd.read_sql_query(
        "SELECT kind, layer, subject, observed_at, data FROM events ORDER BY observed_at, id",
        store.engine,
    )
    rows["local"] = pd.to_datetime(rows["observed_at"], unit="us", utc=True).dt.tz_convert(ZONE)
    told = pd.DataFrame([json.loads(text) for text in rows.pop("data")])
    told = told.drop(columns="subject")  # pseudonyms of people
    yield Past(world, pd.concat([rows, told], axis=1))
    store.close()


class Panel:
    """A panel's past, as a person reads it."""

    def __init__(self, sections: list[Any], language: str = "en") -> None:
        self.words = load_words(language)
        self.sections = sections
        self.text = " ".join(text for one in sections for text in _texts(one))

    def part(self, title: str) -> Any:
        """Return the section under a heading of the catalogue, None without one."""
        heading = self.words(title)
        for section in self.sections:
            if heading in _texts(section)[:1]:
                return section
        return None

    def facts(self, title: str) -> dict[str, str]:
        part = self.part(title)
        assert part is not None, f"no {title} in {self.text[:300]!r}"
        names = [_join(node) for node in _nodes(part, "Dt")]
        return dict(zip(names, [_join(node) for node in _nodes(part, "Dd")], strict=True))

    def figure(self, title: str) -> dict[str, Any]:
        return _figure(self.part(title))


def _walk(node: Any) -> Iterator[Any]:
    if node is None:
        return
    yield node
    children = getattr(node, "children", None)
    for child in children if isinstance(children, list | tuple) else [children]:
        yield from _walk(child)


def _texts(node: Any) -> list[str]:
    return [part for part in _walk(node) if isinstance(part, str) and part]


def _join(node: Any) -> str:
    return "".join(_texts(node))


def _nodes(node: Any, kind: str) -> list[Any]:
    return [part for part in _walk(node) if type(part).__name__ == kind]


def _figure(part: Any) -> dict[str, Any]:
    (graph,) = _nodes(part, "Graph")
    figure: dict[str, Any] = graph.figure
    return figure


def _open(past: Past, layer: str, key: str, day: date | None = DAY, language: str = "en") -> Panel:
    words = load_words(language)
    return Panel(build_history(past.world, words, layer, key, day=day, now=NOW), language)


def _shown(n: int) -> str:
    return "<5" if n < 5 else f"{n:,}"


# people


def _places(layer: str, key: str) -> set[str]:
    if layer in ("entrances", "gates"):
        return {key}
    buildings = set(GRIDS[key][2]) if layer == "grids" else {key}
    return {door for door, building in DOORS.items() if building in buildings}


PEOPLED = [
    *(("entrances", key) for key in DOORS),
    ("gates", "g0"), ("gates", "g1"), ("buildings", "mid"), ("buildings", "low"), ("grids", "east"),
]  # fmt: skip


@pytest.mark.parametrize(("layer", "key"), PEOPLED)
def test_people_are_what_was_published(past, layer, key):
    panel = _open(past, layer, key)
    cells = past.published("gates" if layer == "gates" else "entrances")
    mine = cells[cells["place"].isin(_places(layer, key))]
    by_way = mine.groupby("way")["n"].sum()
    facts = panel.facts("history.people")
    assert facts[panel.words("direction.in")] == _shown(by_way.get("in", 0))
    assert facts[panel.words("direction.out")] == _shown(by_way.get("out", 0))

    by_hour = mine.groupby(mine["hour"].dt.hour)["n"].sum()
    busiest = f"{by_hour.idxmax():02}:00" if by_hour.sum() else None
    assert facts.get(panel.words("history.busiest")) == busiest

    figure = panel.figure("history.people")
    hours = [f"{hour:02}:00" for hour in range(24)]
    for trace, way in zip(figure["data"], ("in", "out"), strict=False):
        told = mine[mine["way"] == way].groupby(mine["hour"].dt.hour)["n"].sum()
        wanted = [None if h in SILENT_HOURS else int(told.get(h, 0)) for h in range(24)]
        assert trace["name"] == panel.words(f"direction.{way}")
        assert list(trace["x"]) == hours
        assert list(trace["y"]) == wanted
        assert trace["customdata"] == ["–" if n is None else _shown(n) for n in wanted]
    assert figure["data"][2]["x"] == [f"{hour:02}:00" for hour in SILENT_HOURS], "hatched"

    methods = mine.groupby("method")["n"].sum()
    methods = methods[methods > 0]
    part = panel.part("history.people")
    keys = [li for ul in _nodes(part, "Ul") if ul.className == "keys" for li in _nodes(ul, "Li")]
    told_shares = {_texts(li)[0]: _texts(li)[-1] for li in keys}
    assert told_shares == {
        panel.words(f"method.{name}"): f"{n / methods.sum():.0%}" for name, n in methods.items()
    }
    assert "until 00:00" in panel.text


@pytest.mark.parametrize(("layer", "key"), PEOPLED[:5])
def test_published_people_are_near_the_truth_and_no_nearer(past, layer, key):
    """The rounding may move a place's hour by five and no more; what it gives tells no single."""
    _open(past, layer, key)
    rows = past.of(layer, key)
    passed = rows[
        (rows["kind"] == "access")
        & rows["granted"].map(lambda told: told is not False)
        & rows["direction"].isin(["in", "out"])
    ]
    truth = passed.groupby([passed["local"].dt.hour.rename("hour"), "direction"]).size()
    truth.index.names = ["hour", "way"]
    cells = past.published(layer)
    cells = cells[cells["place"] == key]
    told = cells.groupby([cells["hour"].dt.hour.rename("hour"), "way"])["n"].sum()
    off = told.sub(truth, fill_value=0)
    assert off.abs().max() <= 5
    assert (cells["n"] % 5 == 0).all()


def test_place_of_few_people_says_less_than_five(past):
    door = past.of("entrances", "d1")
    assert 0 < len(door) < 5
    facts = _open(past, "entrances", "d1").facts("history.people")
    assert set(facts.values()) <= {"<5", "5", "08:00", "18:00"}
    assert "<5" in facts.values()


def test_building_without_a_door_tells_no_people(past):
    assert _open(past, "buildings", "tall").sections == []


# vehicles


def _reads(past: Past, *cameras: str, day: date | None = DAY) -> pd.DataFrame:
    reads = past.of("plate_cameras", day=day)
    reads = reads[reads["subject"].isin(cameras)].copy()
    # c1 faces inward alone, so that a read of it that names no way is one in
    facing = reads["subject"].map({"c0": "", "c1": "in"})
    reads["way"] = reads["direction"].where(reads["direction"].notna(), facing)
    return reads


@pytest.mark.parametrize(
    ("layer", "key", "cameras"),
    [
        ("plate_cameras", "c0", ["c0"]),
        ("plate_cameras", "c1", ["c1"]),
        ("gates", "g0", ["c0"]),
        ("gates", "g1", ["c1"]),
    ],
)
def test_vehicles_are_the_reads_of_the_day(past, layer, key, cameras):
    panel = _open(past, layer, key)
    reads = _reads(past, *cameras)
    assert len(reads) > 30
    ways = reads["way"].value_counts()
    facts = panel.facts("history.vehicles")
    unread = reads["plate"].isna().mean()
    assert facts == {
        panel.words("direction.in"): f"{ways['in']:,}",
        panel.words("direction.out"): f"{ways['out']:,}",
        panel.words("history.unread"): f"{unread:.1%}",
        panel.words("who.visitor"): f"{(reads['who'] == 'visitor').sum():,}",
    }
    figure = panel.figure("history.vehicles")
    for trace, way in zip(figure["data"], ("in", "out"), strict=False):
        told = reads[reads["way"] == way].groupby(reads["local"].dt.hour).size()
        wanted = [None if h in SILENT_HOURS else int(told.get(h, 0)) for h in range(24)]
        assert list(trace["y"]) == wanted

    classes = reads["plate"].map(lambda p: "blue" if len(str(p)) == 7 else "nev_small")
    classes = reads["plate_class"].where(reads["plate_class"].notna(), classes)
    classes = classes.where(reads["plate"].notna(), "unread")
    notes = [_join(p) for p in _nodes(panel.part("history.vehicles"), "P")]
    shown = dict(part.rsplit(" ", 1) for part in notes[0].split(" · "))
    names = classes.value_counts().rename(lambda name: panel.words(f"plate.{name}"))
    assert shown == {name: f"{n:,}" for name, n in names.items()}


@pytest.mark.parametrize("camera", ["c0", "c1"])
def test_last_reads_are_the_newest_and_masked(past, camera):
    panel = _open(past, "plate_cameras", camera)
    newest = _reads(past, camera).iloc[::-1].head(8)
    rows = _nodes(panel.part("history.reads"), "Button")
    assert len(rows) == 8
    for row, (_, read) in zip(rows, newest.iterrows(), strict=True):
        plate, clock = _texts(row)[0], _texts(row)[-1]
        assert clock == f"{read['local']:%H:%M:%S}"
        way = [panel.words(f"direction.{read['way']}")] if read["way"] else []
        assert _texts(row)[1:-1] == way
        if pd.isna(read["plate"]):
            assert plate == panel.words("feed.unread")
            assert row.disabled
        else:
            hidden = re.sub(r"[^0-9A-Z闽*]", "", plate)
            assert re.fullmatch(re.escape(hidden).replace(r"\*", "."), read["plate"])
            assert hidden.count("*") == 2
            assert getattr(row, "data-goto-id") == vehicle_key(read["plate"], SECRET)
    assert not any(plate in str(panel.sections) for plate in LIGHT)


@pytest.mark.parametrize("day", [DAY, None], ids=["yesterday", "today"])
@pytest.mark.parametrize("plate", LIGHT[:3])
def test_visits_of_a_vehicle_are_paired_from_its_reads(past, plate, day):
    panel = _open(past, "vehicles", vehicle_key(plate, SECRET), day)
    reads = _reads(past, "c0", "c1", day=None)
    until = pd.Timestamp(DAY + timedelta(days=1 if day else 2), tz=ZONE)
    reads = reads[(reads["plate"] == plate) & (reads["local"] < until)]
    ways = reads[reads["way"].isin(["in", "out"])]
    # a passage seen again within two minutes of the read before it is the same one
    close = ways["local"].diff() <= pd.Timedelta(minutes=2)
    ways = ways[~(close & (ways["way"] == ways["way"].shift()))]
    stays = (ways["way"] == "in") | (ways["way"].shift() != "in")
    expected = []
    for _, stay in ways.groupby(stays.cumsum()):
        came = stay["local"].iloc[0] if stay["way"].iloc[0] == "in" else None
        left = stay["local"].iloc[-1] if stay["way"].iloc[-1] == "out" else None
        expected.append((came, left))
    assert len(expected) > 5
    inside = ways["way"].iloc[-1] == "in"

    title = panel.words("history.visits", n=len(expected))
    part = next(one for one in panel.sections if _texts(one)[0] == title)
    said = panel.words("history.yes" if inside else "history.no")
    assert _texts(_nodes(part, "Dd")[0]) == [said]
    rows = [_texts(row) for row in _nodes(part, "Li")]
    wanted = []
    for number, (came, left) in enumerate(expected[-8:], len(expected) - len(expected[-8:])):
        minutes = None if came is None or left is None else int((left - came).total_seconds() // 60)
        open_ = left is None and number == len(expected) - 1 and inside
        ends = panel.words("history.inside") if open_ else _moment(panel, left)
        lasted = "–" if minutes is None else f"{minutes // 60} h {minutes % 60} min"
        wanted.append([_moment(panel, came), "→", ends, lasted])
    assert rows == wanted[::-1]

    names = {key: more["name"] for key, *_, more in POINTS["plate_cameras"]}
    trail = [_texts(row) for row in _nodes(panel.part("history.trail"), "Button")]
    newest = reads.iloc[::-1].head(8)
    assert trail == [
        [names[camera], f"{at:%m-%d %H:%M}"]
        for camera, at in zip(newest["subject"], newest["local"], strict=True)
    ]


def _moment(panel: Panel, at: pd.Timestamp | None) -> str:
    return panel.words("history.unseen") if at is None else f"{at:%m-%d %H:%M}"


# devices, car parks, services, doors


def _gaps(at: pd.Series, longest: pd.Timedelta) -> int:
    midnight = pd.Timestamp(DAY, tz=ZONE)
    ends = pd.Series([midnight, *at, midnight + pd.Timedelta(days=1)])
    return int((ends.diff() > longest).sum())


def _note(part: Any) -> list[str]:
    return _join(_nodes(part, "P")[-1]).split(" · ")


@pytest.mark.parametrize(
    ("quantity", "unit", "limit"), [("level", "%", 90.0), ("temperature", "°C", 60.0)]
)
def test_readings_of_a_device(past, quantity, unit, limit):
    panel = _open(past, "devices", "bin0")
    rows = past.of("devices", "bin0")
    doubt = rows["doubt"].map(lambda told: isinstance(told, dict) and quantity in told)
    good = rows[~doubt]
    values = [told[quantity] for told in good["values"]]
    part = next(one for one in panel.sections if panel.words(f"quantity.{quantity}") in _join(one))
    assert f"({unit})" in _texts(part)[0]
    gaps = _gaps(good["local"], pd.Timedelta(minutes=30))
    assert gaps >= 2, "the night and the afternoon"
    wanted = [panel.words("history.points", n=f"{len(good):,}")]
    if doubt.any():
        wanted.append(panel.words("history.doubted", n=int(doubt.sum())))
    assert doubt.any() == (quantity == "temperature")
    assert _note(part) == [*wanted, panel.words("history.gaps", n=gaps)]
    line, usual, hatch, dot = _figure(part)["data"]
    assert [y for y in line["y"] if y is not None] == values
    assert line["y"].count(None) == gaps, "the line is broken where nothing was heard"
    assert usual["y"] == [limit, limit]
    assert len(hatch["x"]) == gaps
    assert dot["y"] == values[-1:]


@pytest.mark.parametrize(("park", "quantity", "size"), [("p0", "free", 0), ("p1", "occupied", 8)])
def test_free_places_of_a_car_park(past, park, quantity, size):
    panel = _open(past, "parking", park)
    rows = past.of("parking", park)
    told = [values[quantity] for values in rows["values"]]
    wanted = told if quantity == "free" else [size - n for n in told]
    part = panel.part("quantity.free")
    line = _figure(part)["data"][0]
    assert [y for y in line["y"] if y is not None] == wanted
    gaps = _gaps(rows["local"], pd.Timedelta(minutes=15))
    assert _note(part) == [
        panel.words("history.points", n=f"{len(rows):,}"),
        panel.words("history.gaps", n=gaps),
    ]
    assert gaps == 1


def test_use_of_a_service(past):
    panel = _open(past, "services", "s0")
    rows = past.of("services", "s0")
    part = panel.part("quantity.used")
    assert _figure(part)["data"][0]["y"] == list(rows["used"])
    assert _note(part) == [panel.words("history.points", n=str(len(rows)))]


@pytest.mark.parametrize(
    ("layer", "key", "spells"),
    [
        ("entrances", "d0", [("held", "09:05", None), ("offline", "09:30", None)]),
        ("gates", "g0", [("forced", "10:01", None)]),
        ("entrances", "d1", [("held", "23:50", "past midnight")]),
    ],
)
def test_spells_of_a_door(past, layer, key, spells):
    """A spell ends with the next word of another state; the store's own rows tell which."""
    panel = _open(past, layer, key)
    rows = past.of(layer, key)
    states = rows["state"].where(rows["state"].notna(), rows["type"])
    # that somebody went through is a count of people: it ends no spell on a screen
    states = states[rows["kind"].isin(["status", "alarm"])].dropna()
    part = next(
        s for s in panel.sections if panel.words("history.spells", n=len(spells)) in _texts(s)
    )
    shown = [_texts(row) for row in _nodes(part, "Li")][::-1]
    for (state, since, until), texts in zip(spells, shown, strict=True):
        begun = next(
            i for i in states.index
            if states[i] == state and f"{rows.loc[i, 'local']:%H:%M}" == since
        )  # fmt: skip
        later = states.loc[begun:]
        end = later.index[later != state][:1]
        ends = until or f"{rows.loc[end[0], 'local']:%H:%M}"
        assert texts == [panel.words(f"tally.{state}"), f"{since} – {ends}"]


# days and hostile addresses


def test_day_of_the_address_is_the_day_shown(past):
    today = _open(past, "plate_cameras", "c0", None)
    assert _texts(today.sections[0]) == [today.words("history.today")]
    for day in (DAY - timedelta(days=1), DAY):
        panel = _open(past, "plate_cameras", "c0", day)
        assert _texts(panel.sections[0]) == [day.isoformat()]
        reads = _reads(past, "c0", day=day)
        unread = f"{reads['plate'].isna().mean():.1%}"
        assert panel.facts("history.vehicles")[panel.words("history.unread")] == unread
    same = _open(past, "plate_cameras", "c0", NOW.date())
    assert same.text == today.text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_today_ends_now(past, language):
    panel = _open(past, "entrances", "d0", None, language)
    trace = panel.figure("history.people")["data"][0]
    known = [x for x, y in zip(trace["x"], trace["y"], strict=True) if y is not None]
    assert known[-1] == "09:00", "an hour is published a quarter after its end"
    assert panel.words("history.people.note", at="10:00") in panel.text


HOSTILE = ["", "nope", "d0' OR '1'='1", "../../etc/passwd", "<script>", "d0\x00", "楼" * 4000, "%",
           "None", "nan", "d0|face|mid", "west/../east", "meter0"]  # fmt: skip


@pytest.mark.parametrize("layer", [*BUILDERS, "roads", "dwellings", "__class__", ""])
def test_what_is_not_there_has_no_past(past, layer):
    for key in HOSTILE:
        panel = _open(past, layer, key)
        assert panel.sections == [], f"{layer}/{key[:30]!r}"


@pytest.mark.parametrize(
    "text", ["", None, "2026-13-01", "yesterday", "2026-11-22T10:00", 7, [], {}]
)
def test_day_that_is_none_is_today(text):
    assert read_day(text) is None


@pytest.mark.parametrize("text", ["0001-01-01", "1970-01-01", "2126-07-01", "9999-12-31"])
@pytest.mark.parametrize("layer", BUILDERS)
def test_day_without_a_word_tells_no_figure(past, layer, text):
    """The calendar's ends cannot be asked for; other days were silent, or are ahead."""
    day = read_day(text)
    assert (day is None) == (text[:4] in ("0001", "9999"))
    first = {"buildings": "mid", "grids": "east"} | {k: rows[0][0] for k, rows in POINTS.items()}
    key = first.get(layer, vehicle_key(LIGHT[0], SECRET))
    if day is not None:
        for section in _open(past, layer, key, day).sections:
            bars = [bar for graph in _nodes(section, "Graph") for bar in graph.figure["data"][:2]]
            assert all(n is None for bar in bars for n in bar["y"]), "nobody heard is not nobody"
