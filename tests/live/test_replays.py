"""Whole histories of other places through the replay feed into a store, counted to the row."""

import csv
import gzip
import io
from collections import Counter
from concurrent.futures import Future
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

import geopandas as gpd
import pytest
from shapely.geometry import Point

from geodata.community import Community, empty_frame, to_schema
from geodata.schema import CRS, LAYERS
from live.feeds import DeviceIndex
from live.feeds.replay import ReplayFeed
from live.intake import CAPACITY, Intake, SubmitResult
from live.state import TwinState
from live.store import open_store

pytestmark = pytest.mark.slow

LOGS = Path(__file__).resolve().parents[2] / ".." / "shared" / "data" / "logs"
BATCH = 5000
RECEIVED = datetime(2026, 11, 23, tzinfo=UTC)


def read_log(name):
    path = LOGS / name
    if not path.is_file():
        pytest.skip(f"the real logs (../shared/data/logs/{name}) are not at hand")
    body = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(io.StringIO(body.decode())))


def make_community(layer, things, timezone):
    frames = {name: empty_frame(schema) for name, schema in LAYERS.items()}
    points = [Point(119.3, 26.08)] * len(things)
    frames[layer] = to_schema(gpd.GeoDataFrame(things, geometry=points, crs=CRS), LAYERS[layer])
    return Community(frames, {"timezone": timezone}, "log")


def write_csv(rows):
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode()


@pytest.fixture
def replay(tmp_path):
    """Replays rows in our own columns into a store, twice; returns its state, store and total."""
    opened = []

    def run(community, rows):
        store = open_store(f"sqlite:///{tmp_path}/twin.db")
        state = TwinState(community, RECEIVED)
        intake = Intake(store, state, Lock())
        opened.append((intake, store))
        intake.start()
        feed, index = ReplayFeed(), DeviceIndex(community)
        total: Counter[str] = Counter()
        for body in [*_batches(rows), *_batches(rows[: 2 * BATCH])]:
            parsed = feed.parse(body, {}, received_at=RECEIVED, resolve=index)
            assert not any(event.live for event in parsed.events)
            done: Future[SubmitResult] = intake.submit(parsed.events)
            result = done.result(60)
            total["rejected"] += len(parsed.rejects) + len(result.quarantined)
            total["accepted"] += result.accepted
            total["duplicate"] += result.duplicate
        return state, store, total

    yield run
    for intake, store in opened:
        intake.stop()
        store.close()


def _batches(rows):
    assert BATCH <= CAPACITY
    for start in range(0, len(rows), BATCH):
        yield write_csv(rows[start : start + BATCH])


def test_the_gates_of_the_lekagul_preserve(replay):
    rows = read_log("vast2017_gates/lekagul_sensor_data.csv.gz")
    gates = sorted({row["gate-name"] for row in rows})
    assert (len(rows), len(gates)) == (171_477, 40)
    community = make_community("plate_cameras", [{"id": gate} for gate in gates], "UTC")
    state, store, total = replay(
        community,
        [
            {"time": row["Timestamp"], "kind": "plate", "id": row["gate-name"],
             "plate": row["car-id"], "car_type": row["car-type"]}
            for row in rows
        ],
    )  # fmt: skip
    assert total == {"accepted": 171_477, "duplicate": 2 * BATCH, "rejected": 0}
    hours = store.counts_by_hour(datetime(2015, 1, 1, tzinfo=UTC), datetime(2017, 1, 1, tzinfo=UTC))
    assert sum(hour.count for hour in hours) == 171_477
    by_gate = Counter(one.event.subject for one in store.scan())
    assert by_gate == Counter(row["gate-name"] for row in rows)
    with store.reading() as conn:
        plates = conn.exec_driver_sql("SELECT count(*) FROM plates").scalar()
    assert plates == len({row["car-id"] for row in rows}) == 18_708
    # history moves no row
    assert all(row["t"] is None for row in state.snapshot()["plate_cameras"].values())


def test_the_car_parks_of_aarhus(replay):
    rows = read_log("parking_aarhus/aarhus_parking.csv")
    places = {row["garagecode"]: int(row["totalspaces"]) for row in rows}
    assert (len(rows), len(places)) == (55_264, 8)
    things = [{"id": code, "capacity": capacity} for code, capacity in places.items()]
    community = make_community("parking", things, "Europe/Copenhagen")
    state, store, total = replay(
        community,
        [
            {"time": row["updatetime"], "id": row["garagecode"], "quantity": "occupied",
             "value": row["vehiclecount"]}
            for row in rows
        ],
    )  # fmt: skip
    assert total == {"accepted": 55_264, "duplicate": 2 * BATCH, "rejected": 0}

    doubts: dict[str, Counter[str]] = {"fault": Counter(), "stale": Counter()}
    for one in store.scan():
        for verdict in one.event.data.get("doubt", {}).values():
            doubts[verdict][one.event.subject] += 1
            value = one.event.data["values"]["occupied"]
            assert (value > places[one.event.subject]) == (verdict == "fault")
    over = Counter(
        r["garagecode"] for r in rows if int(r["vehiclecount"]) > places[r["garagecode"]]
    )
    assert doubts["fault"] == over
    assert sum(over.values()) == 4_520
    # stuck at zero from the first row to 11 July, but for its first day
    assert set(doubts["stale"]) == {"NORREPORT", "SKOLEBAKKEN"}
    assert all(count > 1_600 for count in doubts["stale"].values())
    assert all(row["free"] is None for row in state.snapshot()["parking"].values())
