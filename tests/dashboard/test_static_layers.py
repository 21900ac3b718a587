import brotli
import pytest

from dashboard import static_layers
from dashboard.static_layers import StaticLayers
from layers.columns import decode_table
from layers.scene import Scene
from tests.browser.tiny import make_tiny


@pytest.fixture
def tables(tmp_path):
    return StaticLayers(Scene(make_tiny()), tmp_path)


def test_kept_table_is_the_same_bytes_and_is_not_built_again(tables, tmp_path, monkeypatch):
    first = tables.get("gates")
    assert brotli.decompress(first.compressed) == first.raw
    monkeypatch.setattr(static_layers, "build_table", lambda *_: pytest.fail("built again"))
    assert StaticLayers(Scene(make_tiny()), tmp_path).get("gates") == first
    assert tables.get("gates") is first


def test_other_content_has_another_hash(tables, tmp_path):
    moved = make_tiny()
    moved["gates"].loc[0, "name"] = "北门"
    object.__setattr__(moved, "digest", "moved")
    other = StaticLayers(Scene(moved), tmp_path).get("gates")
    assert other.etag != tables.get("gates").etag
    assert "北门" in decode_table(other.raw).meta["names"]


def test_no_half_written_table_is_left(tables, tmp_path):
    for name in ("gates", "labels", "buildings"):
        tables.get(name)
    assert not list(tmp_path.rglob("*.part"))
    for kept in tmp_path.rglob("*.bin"):
        assert kept.with_suffix(".br").is_file()


def test_shadows_follow_the_sun_in_steps(tables):
    morning = tables.shadows(110, 20)
    assert tables.shadows(110.4, 20.3) is morning
    assert tables.shadows(250, 20).etag != morning.etag
    assert decode_table(tables.shadows(300, -10).raw).length == 0


def test_unknown_layers_and_themes(tables):
    for name, theme in [("nothing", ""), ("ground", "pink")]:
        with pytest.raises(KeyError):
            tables.get(name, theme)
