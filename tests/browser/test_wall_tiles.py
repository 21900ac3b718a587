"""Four browsers as one wall: one picture without a seam, one camera in step."""

from __future__ import annotations

import logging
import time

import numpy as np
import pytest

from tests.browser.conftest import BARE
from tests.browser.seeing import look

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

log = logging.getLogger(__name__)

WIDTH, HEIGHT = 320, 200
TILES = [(0, 0), (1, 0), (0, 1), (1, 1)]
PLAIN = "theme=dark&steady&mute"
IN_STEP_MS = 50
PLACE_MS = """(view) => {
  const { map } = twin;
  map.camera.move = null;
  map.camera.view = view;
  map.camera.apply(map.camera.withPadding(view));
}"""
WATCH = """() => {
  globalThis.seen = [];
  const { camera } = twin.map;
  const apply = camera.apply;
  // what is about to be drawn, and the true instant: all windows are on this machine
  camera.apply = (view) => {
    seen.push([Date.now(), view.bearing]);
    apply(view);
  };
}"""


@pytest.fixture(scope="module")
def tiles(open_shared_page, tiny):
    pages = []
    for c, r in TILES:
        address = f"{tiny.url}/wall?tile={c},{r}&of=2x2&wall=stitch&{PLAIN}"
        # one after the other: four that start at once starve each other on two cores
        # an idle wall swings, and its picture would never rest
        page = open_shared_page(address, width=WIDTH, height=HEIGHT, reduced_motion="reduce")
        pages.append(page.wait_ready())
        pages[-1].page.add_style_tag(content=BARE)
    pages[0].wait_for(lambda: all(p.run("() => twin.wall.channel.leader") == "0,0" for p in pages))
    return pages


def _view(page):
    return page.run("() => twin.map.camera.home")


def test_four_tiles_are_one_big_picture(tiles, open_page, tiny):
    address = f"{tiny.url}/wall?wall=whole&bezels=2x2&{PLAIN}"
    size = {"width": 2 * WIDTH, "height": 2 * HEIGHT}
    whole = open_page(address, **size, reduced_motion="reduce").wait_ready()
    whole.page.add_style_tag(content=BARE)
    view = {**_view(whole), "bearing": -31.0, "pitch": 57.0}
    parts = []
    for page in [*tiles, whole]:
        page.run("() => { twin.wall.measured = () => {}; twin.fit = () => {}; }")
        page.run(PLACE_MS, view)
    pads = [page.run("() => twin.map.camera.padding") for page in [*tiles, whole]]
    assert all(pad == pytest.approx(pads[-1], abs=0.1) for pad in pads), "one layout"
    big = look(whole)
    parts = [look(page) for page in tiles]
    stitched = np.vstack([np.hstack(parts[:2]), np.hstack(parts[2:])])
    assert stitched.shape == big.shape
    assert big.std() > 8, "there is something to see"
    # one level of 255 is the browser's dithering of the gradient around the scene
    wrong = (np.abs(stitched - big).max(axis=2) > 1).mean()
    log.info("stitched 2x2: %.4f %% of the pixels differ", 100 * wrong)
    assert wrong < 0.005
    # the same place is the same pixel of the wall on whichever tile it is asked
    spots = [page.run("() => twin.map.project(0, 0, 0)") for page in [*tiles, whole]]
    for spot in spots[:-1]:
        assert spot[:2] == pytest.approx(spots[-1][:2], abs=0.02)
    # a click on a tile finds what is there
    mark = tiles[0].run("() => twin.map.project(...twin.map.locate('buildings', 'tall'))")
    index = TILES.index((int(mark[0] // WIDTH), int(mark[1] // HEIGHT)))
    c, r = TILES[index]
    found = tiles[index].run(
        """([x, y]) => twin.map.deckgl.pickObject({ x, y, radius: 2 })?.layer.id""",
        [mark[0] - c * WIDTH, mark[1] - r * HEIGHT],
    )
    assert found == "buildings"


def test_panels_are_laid_out_on_the_whole_wall(tiles):
    boxes = [
        page.run(
            """() => { const box = document.querySelector(".rail-right").getBoundingClientRect();
              return [box.x + twin.wall.screen.x, box.y + twin.wall.screen.y, box.width]; }"""
        )
        for page in tiles
    ]
    for box in boxes[1:]:
        assert box == pytest.approx(boxes[0], abs=0.6)
    assert boxes[0][0] > WIDTH, "the right rail belongs to the right tiles"


def test_tiles_move_in_step(tiles):
    for page in tiles:
        page.page.emulate_media(reduced_motion="no-preference")
        page.run("() => twin.wall.clock.sync(12)")
        page.run(WATCH)
    leader = tiles[0]
    leader.run(
        """() => { const { camera } = twin.map;
          const zoom = camera.view.zoom + 0.2;
          camera.fly({ zoom }, { ms: 300, orbit: 150, orbitMs: 15000 }); }"""
    )
    # a busy machine draws a frame a second
    until = time.monotonic() + 11
    while time.monotonic() < until and any(p.run("() => seen.length") < 30 for p in tiles):
        leader.page.wait_for_timeout(300)
    move = leader.run("() => twin.map.camera.move")
    starts = move["at"] + move["ms"]
    medians = []
    for (c, r), page in zip(TILES, tiles, strict=True):
        assert page.run("() => twin.map.camera.move.at") == move["at"], "one move for all"
        errors, seen = [], page.run("() => seen")
        for at, bearing in seen:
            # the even part of the orbit tells the instant that the camera was reckoned for
            u = (bearing - move["to"]["bearing"]) / move["orbit"] * 0.9 + 0.05
            if 0.12 < u < 0.88:
                errors.append(at - (starts + u * move["orbit_ms"]))
        assert len(errors) >= 3, f"tile {c},{r} hardly moved: {move} {seen[-3:]}"
        medians.append(float(np.median(errors)))
        log.info("tile %d,%d: %d frames, off by %.1f ms", c, r, len(errors), medians[-1])
    assert max(medians) - min(medians) < IN_STEP_MS
    assert max(map(abs, medians)) < IN_STEP_MS
    for page in tiles:
        page.page.emulate_media(reduced_motion="reduce")


def test_a_choice_on_one_tile_is_shown_by_all(tiles):
    tiles[3].run("() => twin.pick({ layer: 'buildings', id: 'mid' })")
    for page in tiles:
        page.wait_for(lambda page=page: page.run("() => twin.picked?.id") == "mid")
    tiles[1].run("() => twin.pick(null)")
    for page in tiles:
        page.wait_for(lambda page=page: page.run("() => twin.picked") is None)


def test_another_tile_leads_when_the_first_is_gone(tiles, tiny):
    tiles[0].page.goto("about:blank")
    tiles[1].wait_for(lambda: tiles[1].run("() => twin.wall.channel.leader") == "1,0", 40)
    assert tiles[1].run("() => twin.wall.channel.leads")
    tiles[0].open()
    tiles[0].wait_ready()
    tiles[1].wait_for(lambda: tiles[1].run("() => twin.wall.channel.leader") == "0,0", 40)
