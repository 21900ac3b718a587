"""The tiny community, served to the tests of one file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from tests.browser.tiny import make_tiny
from tests.browser.worlds import RunningWorld
from tests.watched import WatchedPage

BARE = ".page, .labels, .tooltip { visibility: hidden !important; pointer-events: none !important }"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorld]:
    world = RunningWorld(make_tiny(), tmp_path_factory.mktemp("tiny")).start()
    yield world
    world.stop()


@pytest.fixture
def bare_map(open_page: Callable[..., WatchedPage], tiny: RunningWorld) -> WatchedPage:
    """The tiny community with nothing in front of the map."""
    page = open_page(f"{tiny.url}/wall?theme=dark").wait_ready()
    page.page.add_style_tag(content=BARE)
    page.run("() => { twin.map.fit({left: 0, right: 0, top: 0, bottom: 0}); }")
    page.settle()
    return page


@pytest.fixture
def read_camera() -> Callable[[WatchedPage], dict[str, Any]]:
    """Reads the view that the page's map has now."""

    def read(page: WatchedPage) -> dict[str, Any]:
        camera: dict[str, Any] = page.run("() => twin.map.camera.withPadding(twin.map.camera.view)")
        return camera

    return read


@pytest.fixture
def look() -> Callable[[WatchedPage], npt.NDArray[np.int64]]:
    """Takes the picture of a page as an array (height, width, 3)."""

    def take(page: WatchedPage) -> npt.NDArray[np.int64]:
        page.settle()
        png = page.page.screenshot(timeout=60_000)
        return np.asarray(Image.open(BytesIO(png)).convert("RGB")).astype(np.int64)

    return take
