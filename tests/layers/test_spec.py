import json

import pytest

from layers.catalogue import BUILDERS, DESCRIPTIONS, describe_layers
from layers.spec import layer_spec


def test_misspelt_property_is_refused_with_the_nearest():
    with pytest.raises(TypeError, match="'extrude'; did you mean 'extruded'"):
        layer_spec("SolidPolygonLayer", "buildings", extrude=True)
    with pytest.raises(TypeError, match="ScatterplotLayer 'x' has no property 'zzz'"):
        layer_spec("ScatterplotLayer", "x", zzz=1)


def test_description_carries_no_data_and_text_is_text():
    spec = json.loads(
        layer_spec("ScatterplotLayer", "gates", pickable=True, radius_units="meters").to_json()
    )
    assert spec["@@type"] == "ScatterplotLayer"
    assert spec["id"] == "gates"
    assert spec["data"] == "@@#GEO.gates"
    assert spec["pickable"] is True
    assert spec["radiusUnits"] == "meters"  # and not an expression


def test_every_drawn_layer_has_a_table_and_stands_once():
    ids = [spec["id"] for spec in describe_layers()]
    assert len(ids) == len(set(ids)) == len(DESCRIPTIONS)
    assert set(ids) <= set(BUILDERS)
    assert len(json.dumps(describe_layers())) < 5000, "a description is no place for data"
