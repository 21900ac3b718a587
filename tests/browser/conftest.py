"""The tiny community, served to the browser tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.tiny import make_past, make_tiny, with_grids
from tests.browser.worlds import RunningWorld
from tests.watched import WatchedPage

BARE = ".page, .labels, .tooltip { visibility: hidden !important; pointer-events: none !important }"

NO_PADDING = "{left: 0, right: 0, top: 0, bottom: 0}"


@pytest.fixture(scope="session")
def tiny(var: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningWorld]:
    database = tmp_path_factory.mktemp("tiny") / "twin.db"
    world = RunningWorld(with_grids(make_tiny()), var, database).start()
    world.world.twin.store.append(make_past())
    yield world
    world.stop()


@pytest.fixture(scope="module")
def bare_map(open_shared_page: Callable[..., WatchedPage], tiny: RunningWorld) -> WatchedPage:
    """The tiny community with nothing in front of the map; shared by the tests of a file."""
    page = open_shared_page(f"{tiny.url}/manage?theme=dark").wait_ready()
    page.page.add_style_tag(content=BARE)
    page.run(f"() => {{ twin.map.fit({NO_PADDING}); }}")
    page.settle()
    return page
