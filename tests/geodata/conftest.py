from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"


@pytest.fixture(scope="session")
def geo() -> Path:
    """The folder of real map files, which is not part of the project."""
    folder = DATA / "geo"
    if not folder.is_dir():
        pytest.skip("real map files are not here (../shared/data/geo)")
    return folder


@pytest.fixture
def write_geojson(tmp_path: Path) -> Any:
    """Write features to a file and return its path."""

    def write(name: str, features: list[dict[str, Any]], **members: Any) -> Path:
        path = tmp_path / name
        collection = {"type": "FeatureCollection", "features": features, **members}
        path.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
        return path

    return write


@pytest.fixture
def square() -> Any:
    """A GeoJSON feature: a square of about 20 m near Junmen, some steps east."""

    def make(step: int = 0, **properties: Any) -> dict[str, Any]:
        west, south, side = 119.2965 + step * 0.0004, 26.0843, 0.0002
        ring = [[west, south], [west + side, south], [west + side, south + side]]
        ring += [[west, south + side], [west, south]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        return {"type": "Feature", "properties": properties, "geometry": geometry}

    return make
