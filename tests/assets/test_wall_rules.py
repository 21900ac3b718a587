"""What a wall reckons: its part of the picture, its type, its camera, its patience."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.assets.test_rules import call

pytestmark = pytest.mark.browser

FROM = {"longitude": 119.3, "latitude": 26.08, "zoom": 16.0, "pitch": 50.0, "bearing": 170.0}
TO = {**FROM, "zoom": 18.0, "bearing": -170.0}


def _screen(run_js, query, width=1920, height=1080):
    return call(run_js, "wall-screen", "readScreen", query, width, height)


def test_tiles_cover_the_wall_with_bezels_counted(run_js):
    tiles = [
        _screen(run_js, f"?tile={c},{r}&of=3x2&bezel=20,30", 400, 300)
        for r in range(2)
        for c in range(3)
    ]
    assert {(t["x"], t["y"]) for t in tiles} == {(x, y) for x in (0, 420, 840) for y in (0, 330)}
    assert all(t["wall"] == {"width": 1240, "height": 630} for t in tiles)
    assert len({t["base"] for t in tiles}) == 1, "type is of one size on the whole wall"
    mm = _screen(run_js, "?tile=1,0&of=2x1&bezel=10mm&height=1", 1000, 1000)
    assert mm["x"] == 1010


@pytest.mark.parametrize(
    "query",
    ["?tile=2,0&of=2x2", "?tile=0,0", "?tile=x&of=2x2", "?tile=0,0&of=0x0", "?tile=-1,0&of=2x2"],
)
def test_an_impossible_tile_is_a_whole_wall(run_js, query):
    screen = _screen(run_js, query)
    assert not screen["tiled"]
    assert screen["wall"] == {"width": 1920, "height": 1080}


@pytest.mark.parametrize(
    ("width", "height", "query", "layout", "base"),
    [
        (1920, 1080, "", "standard", 22), (3840, 2160, "", "standard", 44),
        (3840, 1080, "", "wide", 22), (6656, 1792, "", "wide", 36.5),
        (1080, 1920, "", "tall", 24.6), (1920, 1080, "?distance=10", "standard", 27.5),
        (1920, 1080, "?distance=8&height=1.2", "standard", 44),
        (3840, 2160, "?distance=4", "wide", 22),
        (1920, 1080, "?distance=-3&height=x", "standard", 22),
    ],
)  # fmt: skip
def test_type_is_as_large_as_the_distance_asks(run_js, width, height, query, layout, base):
    screen = _screen(run_js, query, width, height)
    assert screen["layout"] == layout
    assert screen["base"] == pytest.approx(base, rel=0.01)


def test_no_column_crosses_a_bezel(run_js):
    for side in ("left", "right"):
        wing = {"width": 6656, "lines": [832 * k for k in range(1, 8)], "em": 36.5}
        columns = call(run_js, "wall-layout", "columnsOf", {**wing, "side": side, "count": 2})
        assert len(columns) == 2
        for column in columns:
            ends = column["left"], column["left"] + column["width"]
            assert not any(ends[0] < line < ends[1] for line in wing["lines"])
            assert column["width"] > 15 * 36.5


def test_the_camera_is_where_a_move_has_it(run_js):
    move = {"from": FROM, "to": TO, "at": 1000, "ms": 2000, "ease": "smooth"}
    at = {t: call(run_js, "wall-camera", "viewAt", move, t) for t in (0, 1000, 2000, 3000, 9000)}
    assert at[0]["view"] == at[1000]["view"] == FROM
    assert at[2000]["view"]["zoom"] == pytest.approx(17)
    assert at[2000]["view"]["bearing"] == pytest.approx(180), "the shorter way round"
    assert at[3000]["view"]["bearing"] % 360 == pytest.approx(190)
    assert not at[2000]["over"]
    assert at[9000]["over"]
    orbit = {**move, "orbit": 12, "orbit_ms": 4000}
    assert call(run_js, "wall-camera", "viewAt", orbit, 3000)["view"]["bearing"] == pytest.approx(
        190
    )
    assert call(run_js, "wall-camera", "viewAt", orbit, 7000)["view"]["bearing"] == pytest.approx(
        202
    )


def test_an_idle_wall_swings_a_degree_in_forty_seconds_and_six_at_most(run_js):
    swing = [call(run_js, "wall-camera", "swing", s * 1000) for s in range(0, 961, 10)]
    assert swing[0] == swing[96] == pytest.approx(0)
    assert max(swing) == pytest.approx(6)
    assert min(swing) == pytest.approx(-6)
    assert {round(abs(b - a), 6) for a, b in pairwise(swing)} == {0.25}


def test_the_clock_believes_the_quickest_answer(run_js):
    samples = [
        {"sent": 0, "got": 100, "at": 5000}, {"sent": 200, "got": 204, "at": 5102},
        {"sent": 300, "got": 350, "at": 5400},
    ]  # fmt: skip
    best = call(run_js, "wall-clock", "bestOffset", samples)
    assert best == {"offset": 4900, "error": 2}
    assert call(run_js, "wall-clock", "bestOffset", []) is None


def test_a_slow_wall_leaves_out_in_order_and_recovers(run_js):
    script = """async (frames) => {
      const { Governor, LADDER } = await import("/assets/twin/wall-health.mjs");
      const governor = new Governor();
      return [LADDER, frames.map((ms) => governor.take(ms))];
    }"""
    ladder, levels = run_js(script, [None] * 9 + [80] * 6 + [None] * 9 + [30] * 50 + [16] * 200)
    assert ladder == ["pixels", "labels", "trees", "trails", "rate", "calm"]
    assert levels[8] == 0, "a still picture tells nothing"
    assert levels[11] == 1
    assert levels[14] == 2
    assert levels[14:74] == [2] * 60, "neither slow nor quick: it stays"
    assert levels[74 + 29] == 1
    assert levels[74 + 40] == 1, "what had to go once comes back more slowly"
    assert levels[-1] == 0


def test_hours_may_go_over_midnight(run_js):
    inside = [call(run_js, "wall-modes", "within", m, 1350, 360) for m in (1349, 1350, 0, 359, 360)]
    assert inside == [False, True, True, True, False]


def test_reloads_come_less_and_less_often(run_js):
    waits = [call(run_js, "wall-care", "waitFor", n) for n in range(1, 9)]
    assert waits[:3] == [60_000, 120_000, 240_000]
    assert waits[-1] == 30 * 60_000
