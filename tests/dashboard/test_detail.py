import pytest

from dashboard.detail import build_detail, build_missing
from dashboard.features import DETAILED, FeatureNotFoundError, describe_feature
from dashboard.words import load_words
from geodata.schema import METER_KINDS
from tests.browser.tiny import POINTS

FIRST = {"buildings": "mid"} | {
    layer: next(k for k, *_, more in rows if more.get("kind") not in METER_KINDS)
    for layer, rows in POINTS.items()
}


def _walk(node):
    """Yield a component and all that is in it."""
    yield node
    children = getattr(node, "children", None)
    for child in children if isinstance(children, list | tuple) else [children]:
        if child is not None:
            yield from _walk(child) if not isinstance(child, str) else [child]


def _texts(node):
    return [part for part in _walk(node) if isinstance(part, str)]


def _data(node, name):
    return [
        value
        for part in _walk(node)
        if (value := getattr(part, f"data-{name}", None)) is not None
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("layer", [name for name in DETAILED if name in FIRST])
def test_every_layer_has_a_panel_in_every_language(served, layer, language):
    feature = describe_feature(served.world.twin, layer, FIRST[layer])
    panel = build_detail(load_words(language), feature)
    assert feature["name"] in _texts(panel)
    assert _data(panel, "detail-id") == [FIRST[layer]]
    assert _data(panel, "tool") == ["home", "close", "copy"]
    assert _data(panel, "goto-id")[-1] == FIRST[layer], "one can fly to it"


def test_live_things_carry_their_age(served):
    panel = build_detail(
        load_words("zh"), describe_feature(served.world.twin, "devices", FIRST["devices"])
    )
    path = f"devices.{FIRST['devices']}"
    assert _data(panel, "mark") == [path]
    assert f"{path}|t" in _data(panel, "age")


def test_building_leads_to_its_doors_and_tells_its_meters_as_a_count(served):
    feature = describe_feature(served.world.twin, "buildings", "mid")
    panel = build_detail(load_words("en"), feature)
    assert _data(panel, "goto-id") == ["d0", "d1", "mid"]
    assert load_words("en")("kind.water_meter") in _texts(panel)
    assert "meter0" not in str(panel)


def test_unknown_columns_and_links_are_not_shown(served):
    feature = describe_feature(served.world.twin, "entrances", "d0")
    feature["columns"] |= {"secret_note": "never", "building_id": "mid"}
    texts = _texts(build_detail(load_words("zh"), feature))
    assert "never" not in texts
    assert "mid" not in texts


def test_meters_in_flats_cannot_be_asked_for(served):
    with pytest.raises(FeatureNotFoundError, match="inside flats"):
        describe_feature(served.world.twin, "devices", "meter0")
    with pytest.raises(FeatureNotFoundError):
        describe_feature(served.world.twin, "roads", "r0")
    assert load_words("zh")("gone") in _texts(build_missing(load_words("zh")))
