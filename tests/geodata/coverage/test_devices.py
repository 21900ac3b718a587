"""Silent devices cover nothing; what is left is blind."""

from __future__ import annotations

import math
from random import Random

import pytest
import shapely

from geodata.coverage.devices import LiveSight, watch_cameras, watch_radio
from geodata.coverage.now import LiveCoverage
from geodata.coverage.overlay import draw_overlay
from geodata.coverage.rules import load_rules
from geodata.errors import TwinError
from tests.geodata.coverage.worlds import PLANE, community, house, point

RULES = load_rules()


@pytest.fixture(scope="module")
def yard():
    rng = Random(3)
    cameras = [
        point(rng.uniform(-60, 60), rng.uniform(-60, 60), kind="camera", height_m=4.0,
              bearing_deg=rng.uniform(0, 360), range_m="45", fov_deg="120")
        for _ in range(14)
    ]  # fmt: skip
    cameras[0].pop("range_m")
    world = community(
        boundary=[{"geometry": shapely.box(-70, -70, 70, 70)}],
        buildings=[house(-20, 10, 12), house(25, 20, 16), house(0, -30, 10)],
        devices=[*cameras, point(30, -30, kind="wifi_ap", id="w")],
    )
    return world, watch_cameras(world, PLANE, RULES)


def test_blind_spots_are_the_ground_that_nobody_sees(yard):
    _, watched = yard
    live = LiveSight(watched)
    blind = live.blind_spots(0.0)
    assert live.seen_m2 + sum(part.area for part in blind) == pytest.approx(live.ground_m2)
    assert live.ground_m2 == pytest.approx(140**2 - 12**2 - 16**2 - 10**2, rel=1e-4)
    assert 0 < live.share < 1
    assert watched.assumed == {"devices-1"}


def test_following_silence_equals_summing_afresh(yard):
    _, watched = yard
    live, rng = LiveSight(watched), Random(8)
    whole = live.seen_m2
    for _ in range(60):
        id_ = rng.choice(list(watched.areas))
        silent = rng.random() < 0.5
        before = live.seen()
        moved = live.set_silent(id_, silent)
        fresh = LiveSight(watched, live.silent)
        assert live.seen_m2 == pytest.approx(fresh.seen_m2, rel=1e-9, abs=1e-6)
        change = abs(before.area - fresh.seen().area)
        assert moved.area == pytest.approx(change, abs=1e-6)
    for id_ in watched.areas:
        live.set_silent(id_, True)
    assert live.seen_m2 == pytest.approx(0, abs=1e-6)
    for id_ in watched.areas:
        live.set_silent(id_, False)
    assert live.seen_m2 == pytest.approx(whole)
    with pytest.raises(TwinError, match="nowhere"):
        live.set_silent("nowhere", True)


def test_radio_reaches_a_disc_less_the_buildings(yard):
    world, _ = yard
    live = LiveSight(watch_radio(world, PLANE, RULES))
    reach = RULES.devices["wifi_ap"]["radio_m"]
    inside = shapely.Point(30, -30).buffer(reach, 64).intersection(shapely.box(-70, -70, 70, 70))
    assert live.seen_m2 == pytest.approx(inside.area - 16 * 16 - 10 * 10, rel=0.05)
    assert live.seen_m2 < math.pi * reach**2


def test_the_sample_cameras_stand_where_they_can_see(sample, sample_network):
    live = LiveSight(watch_cameras(sample, sample_network.plane, RULES))
    assert not live.watched.faults
    assert len(live.watched.areas) == 6
    assert 0.001 < live.share < 0.2
    assert all(not area.is_empty for area in live.watched.areas.values())


def test_a_silent_pole_leaves_its_neighbours_farther_off(sample_base):
    live = LiveCoverage(sample_base)
    before = draw_overlay(live, "sos_pole")
    row = next(i for i, state in enumerate(before.state) if state == 0)
    pole = before.nearest[row]
    live.set_open(pole, False)
    after = draw_overlay(live, "sos_pole")
    assert after.nearest[row] != pole
    assert not after.now_m[row] < before.now_m[row]
    assert after.paper_m[row] == before.paper_m[row]
    for pole in [each.id for each in live.providers.values() if each.kind == "sos_pole"]:
        live.set_open(pole, False)
    assert draw_overlay(live, "sos_pole").totals()["served"] == 0
