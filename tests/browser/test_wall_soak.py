"""A short soak: a wall under load, its line cut, its server killed (the long one: make soak)."""

from __future__ import annotations

import pytest

from tests.bench.soak import LEAST_CONTRAST, PATIENCE_S, SIZE, TOKEN, run_soak
from tests.conftest import GL_FLAGS

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]


def test_a_wall_survives_cuts_and_restarts(serve, launch):
    app = serve("demo", TWIN_FEED_TOKEN=TOKEN)
    context = launch(*GL_FLAGS).new_context(viewport=SIZE)
    try:
        report = run_soak(context.new_page(), app, 40, every=8, warm_s=12)
    finally:
        context.close()
    said = report.describe()
    assert not report.errors, said
    assert not report.reloads, said
    assert {what for what, _ in report.resumed} >= {"line cut", "server killed", "context lost"}
    assert all(seconds < PATIENCE_S for _, seconds in report.resumed), said
    assert min(contrast for _, _, contrast, _ in report.samples) > LEAST_CONTRAST, said
    assert report.patches > 20, said
    # minutes are too short to judge memory by a tenth; a leak of each patch would show
    assert report.growth < 0.5, said
