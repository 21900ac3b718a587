from __future__ import annotations

import pytest

from geodata.community import Community, load_community
from geodata.coverage.network import build_network
from geodata.coverage.now import build_base
from geodata.importer import import_sources
from geodata.sample import make_sample


@pytest.fixture(scope="session")
def helsinki(geo, tmp_path_factory):
    """The path of Helsinki's centre as a community file, imported as anybody would."""
    out = tmp_path_factory.mktemp("helsinki") / "helsinki.gpkg"
    result = import_sources([geo / "osm_helsinki" / "Helsinki.osm.pbf"], out=out)
    assert not result.refused
    return out


@pytest.fixture(scope="session")
def helsinki_community(helsinki):
    return load_community(helsinki)


@pytest.fixture(scope="session")
def sample():
    return Community(*make_sample(350102))


@pytest.fixture(scope="session")
def sample_network(sample):
    return build_network(sample)


@pytest.fixture(scope="session")
def sample_base(sample):
    return build_base(sample)
