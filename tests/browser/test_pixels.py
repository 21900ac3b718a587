"""What is drawn, and that it is drawn where it stands."""

from __future__ import annotations

import numpy as np
import pytest

from tests.browser.oracle import project
from tests.browser.tiny import BLOCKS, make_event, place_of, to_degrees

pytestmark = pytest.mark.browser

SIZE = (640, 400)
FORCED = np.array([255, 90, 79])
DOOR_LIFT_M = 2.2


def _patch(picture, at, reach=2):
    x, y = round(at[0]), round(at[1])
    return picture[y - reach : y + reach + 1, x - reach : x + reach + 1].reshape(-1, 3)


def _near(picture, at, colour, reach):
    return int((np.abs(_patch(picture, at, reach) - colour).max(axis=1) < 30).sum())


def test_page_and_oracle_agree_where_a_place_is(bare_map, read_camera):
    camera = read_camera(bare_map)
    for x, y, z in [(0, 0, 0), (-80, -80, 0), (80, 80, 0), (-42, 28, 40), (72, 12, 5.5)]:
        lon, lat = to_degrees(x, y)
        expected = project(camera, SIZE, lon, lat, z)
        metres = bare_map.run(
            """([lon, lat]) => {
              const origin = twin.map.deckgl.getViewports()[0].projectPosition([...twin.map.origin, 0]);
              const at = twin.map.deckgl.getViewports()[0].project([lon, lat, 0]);
              return at;
            }""",
            [lon, lat],
        )
        if z == 0:
            assert metres[:2] == pytest.approx(expected, abs=0.1)


def test_buildings_stand_where_they_should(bare_map, read_camera, look):
    camera, picture = read_camera(bare_map), look(bare_map)
    for name, (x, y, width, depth, height) in BLOCKS.items():
        roof = _patch(picture, project(camera, SIZE, *to_degrees(x, y), height))
        ground = _patch(picture, project(camera, SIZE, *to_degrees(x + width / 2 + 9, y - depth)))
        assert np.abs(roof.mean(axis=0) - ground.mean(axis=0)).max() > 25, name
        edge_x, edge_y = project(camera, SIZE, *to_degrees(x, y), 0)
        assert (edge_x, edge_y) != pytest.approx(
            project(camera, SIZE, *to_degrees(x, y), height)
        )


def test_buildings_can_be_hidden(bare_map, read_camera, look):
    camera = read_camera(bare_map)
    x, y, _, _, height = BLOCKS["tall"]
    at = project(camera, SIZE, *to_degrees(x, y), height)
    shown = _patch(look(bare_map), at).mean(axis=0)
    bare_map.run("() => twin.map.show('buildings', false)")
    hidden = _patch(look(bare_map), at).mean(axis=0)
    assert np.abs(shown - hidden).max() > 25


def test_forced_door_turns_red_at_its_own_mark(tiny, bare_map, read_camera, look):
    camera = read_camera(bare_map)
    at = project(camera, SIZE, *to_degrees(*place_of("entrances", "d0")), DOOR_LIFT_M)
    other = project(camera, SIZE, *to_degrees(*place_of("entrances", "d1")), DOOR_LIFT_M)
    tiny.submit(*(make_event("entrances", d, "status", state="closed") for d in ("d0", "d1")))
    bare_map.wait_for(lambda: bare_map.run("() => twin.store.layers.entrances.d0.s") == "closed")
    assert _near(look(bare_map), at, FORCED, 8) == 0
    tiny.submit(make_event("entrances", "d0", "alarm", type="forced", severity=3))
    bare_map.wait_for(lambda: bare_map.run("() => twin.store.layers.entrances.d0.s") == "forced")
    picture = look(bare_map)
    assert _near(picture, at, FORCED, 8) > 8
    assert _near(picture, other, FORCED, 8) == 0
    tiny.submit(make_event("entrances", "d0", "status", state="closed"))
    bare_map.wait_for(lambda: bare_map.run("() => twin.store.layers.entrances.d0.s") == "closed")
    assert _near(look(bare_map), at, FORCED, 8) == 0
