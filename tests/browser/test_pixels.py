"""What is drawn, and that it is drawn where it stands."""

from __future__ import annotations

import numpy as np
import pytest

from tests.browser.seeing import find_mark, find_pixel, find_roof, look, patch
from tests.browser.tiny import BLOCKS, make_event

pytestmark = pytest.mark.browser

FORCED = np.array([255, 90, 79])


def _count_red(picture, at):
    return int((np.abs(patch(picture, at, 8) - FORCED).max(axis=1) < 30).sum())


@pytest.mark.parametrize("layer", ["entrances", "gates", "plate_cameras", "devices", "services"])
def test_map_and_oracle_agree_where_a_mark_is(bare_map, layer):
    rows = bare_map.run(
        """(layer) => twin.map.tables[layer].meta.ids.map(
          (id) => [id, twin.map.project(...twin.map.locate(layer, id))])""",
        layer,
    )
    assert rows
    for feature, at in rows:
        assert at[:2] == pytest.approx(find_mark(bare_map, layer, feature), abs=0.6)


def test_map_and_oracle_agree_where_a_roof_is(bare_map):
    for name in BLOCKS:
        at = bare_map.run(
            """(id) => {
              const { meta, columns } = twin.map.tables.buildings;
              const row = meta.ids.indexOf(id);
              const [from, to] = [columns.starts[row], columns.starts[row + 1]];
              const middle = (k) => {
                const along = [...columns.positions.subarray(from * 3, to * 3)]
                  .filter((_, i) => i % 3 === k);
                return (Math.min(...along) + Math.max(...along)) / 2;
              };
              return twin.map.project(middle(0), middle(1), columns.elevations[from]);
            }""",
            name,
        )
        assert at[:2] == pytest.approx(find_roof(bare_map, name), abs=0.6)


def test_buildings_stand_where_they_should(bare_map):
    picture = look(bare_map)
    for name, (x, y, width, depth, _) in BLOCKS.items():
        roof = patch(picture, find_roof(bare_map, name))
        beside = patch(picture, find_pixel(bare_map, x + width / 2 + 9, y - depth))
        assert np.abs(roof.mean(axis=0) - beside.mean(axis=0)).max() > 25, name


def test_roof_is_over_its_corners_and_not_beyond(bare_map):
    picture = look(bare_map)
    x, y, width, depth, height = BLOCKS["tall"]
    middle = patch(picture, find_roof(bare_map, "tall"), 1).mean(axis=0)
    for east, north in [(-1, -1), (-1, 1), (1, -1), (1, 1)]:
        within = find_pixel(
            bare_map, x + east * (width / 2 - 2), y + north * (depth / 2 - 2), height
        )
        assert np.abs(patch(picture, within, 1).mean(axis=0) - middle).max() < 40
    above = find_pixel(bare_map, x - width / 2 - 4, y + depth / 2 + 4, height)
    assert np.abs(patch(picture, above, 1).mean(axis=0) - middle).max() > 25


def test_switched_off_buildings_are_gone_and_come_back(bare_map):
    at = find_roof(bare_map, "tall")
    shown = patch(look(bare_map), at).mean(axis=0)
    bare_map.run("() => twin.map.show('buildings', false)")
    hidden = patch(look(bare_map), at).mean(axis=0)
    bare_map.run("() => twin.map.show('buildings', true)")
    again = patch(look(bare_map), at).mean(axis=0)
    assert np.abs(shown - hidden).max() > 25
    assert again == pytest.approx(shown, abs=3)


def test_forced_door_turns_red_at_its_own_mark(tiny, bare_map):
    def say(door, kind, until, **data):
        tiny.submit(make_event("entrances", door, kind, **data))
        bare_map.wait_for(
            lambda: bare_map.run("(d) => twin.store.layers.entrances[d].s", door) == until
        )
        return look(bare_map)

    mine = find_mark(bare_map, "entrances", "d0")
    other = find_mark(bare_map, "entrances", "d1")
    say("d1", "status", "closed", state="closed")
    assert _count_red(say("d0", "status", "closed", state="closed"), mine) == 0
    picture = say("d0", "alarm", "forced", type="forced", severity=3)
    assert _count_red(picture, mine) > 8
    assert _count_red(picture, other) == 0
    assert _count_red(say("d0", "status", "closed", state="closed"), mine) == 0


def test_daylight_and_dark_differ_and_the_words_stay_readable(bare_map):
    dark = look(bare_map).mean()
    bare_map.run("() => twin.setTheme('day')")
    bare_map.wait_for(lambda: bare_map.run("() => twin.host.dataset.ground") == "day")
    day = look(bare_map).mean()
    bare_map.run("() => twin.setTheme('dark')")
    assert day > dark + 60
