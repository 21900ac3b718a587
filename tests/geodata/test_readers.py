from __future__ import annotations

import zipfile

import geopandas as gpd
import pyogrio
import pytest
import shapely

from geodata.check import check_file
from geodata.community import load_community
from geodata.importer import import_sources


def errors(report):
    return [p["message"] for p in report["problems"] if p["level"] == "error"]


def run(tmp_path, *sources, **options):
    out = tmp_path / "out.gpkg"
    result = import_sources(list(sources), out=out, **options)
    assert not result.refused, errors(result.report)
    assert errors(check_file(out)) == []
    return result.report, load_community(out)


def refusal(*sources, **options):
    result = import_sources(list(sources), out=None, **options)
    assert result.refused
    return errors(result.report)[0]


@pytest.fixture
def houses():
    boxes = [
        shapely.box(119.2965 + i * 4e-4, 26.0843, 119.2967 + i * 4e-4, 26.0845) for i in (0, 1)
    ]
    return gpd.GeoDataFrame(
        {"名称": ["军门楼", "联通大厦"], "层数": [7, 12]}, geometry=boxes, crs=4326
    )


def zip_shapefile(folder, gdf, *, encoding, name="楼栋", crs_file=True, cpg=True, within=""):
    inner = folder / "shp"
    inner.mkdir()
    pyogrio.write_dataframe(gdf, inner / "layer.shp", encoding=encoding)
    archive = folder / "houses.zip"
    with zipfile.ZipFile(archive, "w") as target:
        for path in sorted(inner.iterdir()):
            if (path.suffix == ".prj" and not crs_file) or (path.suffix == ".cpg" and not cpg):
                continue
            target.write(path, f"{within}{name}{path.suffix}")
    return archive


@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030"])
@pytest.mark.parametrize("cpg", [True, False])
@pytest.mark.parametrize("within", ["", "数据/"])
def test_zipped_shapefile_in_either_encoding(tmp_path, houses, encoding, cpg, within):
    archive = zip_shapefile(tmp_path, houses, encoding=encoding, cpg=cpg, within=within)
    _, community = run(tmp_path, archive)
    assert community["buildings"]["name"].tolist() == ["军门楼", "联通大厦"]
    assert community["buildings"]["storeys"].tolist() == [7, 12]


def test_shapefile_in_cgcs2000(tmp_path, houses):
    archive = zip_shapefile(tmp_path, houses.to_crs(4549), encoding="UTF-8")
    report, community = run(tmp_path, archive)
    assert report["crs"]["used"] == "EPSG:4549"
    distance = shapely.hausdorff_distance(
        community["buildings"].geometry.to_numpy(), houses.geometry.to_numpy()
    )
    assert distance.max() < 1e-7


def test_shapefile_without_prj_asks(tmp_path, houses):
    archive = zip_shapefile(tmp_path, houses.to_crs(4549), encoding="UTF-8", crs_file=False)
    assert "--crs 4549" in refusal(archive)
    report, _ = run(tmp_path, archive, crs="4549")
    assert report["crs"]["by"] == "person"


def test_geoparquet(tmp_path, houses):
    path = tmp_path / "buildings.parquet"
    houses.to_crs(4490).to_parquet(path)
    report, community = run(tmp_path, path)
    assert report["crs"]["used"] == "EPSG:4490"
    assert community["buildings"]["name"].tolist() == ["军门楼", "联通大厦"]


def test_geopackage_of_many_tables(tmp_path, houses):
    path = tmp_path / "city.gpkg"
    pyogrio.write_dataframe(houses.to_crs(4549), path, layer="楼栋")
    line = gpd.GeoDataFrame(
        {"类型": ["residential"]},
        geometry=[shapely.LineString([(119.2965, 26.0840), (119.2975, 26.0840)])],
        crs=4326,
    )
    pyogrio.write_dataframe(line, path, layer="道路")
    pyogrio.write_dataframe(houses[["geometry"]], path, layer="xyz")
    report, community = run(tmp_path, path)
    assert len(community["buildings"]) == 2
    assert community["roads"]["kind"].tolist() == ["residential"]
    assert community["roads"]["width_m"][0] > 2
    assert any(p["layer"] == "xyz" and p["count"] == 2 for p in report["problems"])
    assert set(report["crs"]["used"].split(", ")) == {"EPSG:4549", "EPSG:4326"}


def test_content_counts_not_the_name(tmp_path, houses):
    path = tmp_path / "buildings.csv"
    houses.to_file(tmp_path / "buildings.geojson", driver="GeoJSON")
    (tmp_path / "buildings.geojson").rename(path)
    report, community = run(tmp_path, path)
    assert len(community["buildings"]) == 2
    assert any("named as CSV but is GeoJSON" in p["message"] for p in report["problems"])


def test_geojson_names_its_crs(tmp_path, write_geojson, houses):
    houses.to_crs(4549).to_file(tmp_path / "buildings.geojson", driver="GeoJSON")
    report, community = run(tmp_path, tmp_path / "buildings.geojson")
    assert report["crs"]["declared"] == "EPSG:4549"
    assert community.centre == pytest.approx((119.2968, 26.0844), abs=1e-3)


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".parquet", ".zip", ".osm.pbf", ".xlsx"])
@pytest.mark.parametrize("share", [0.3, 0.7, 0.98])
def test_truncated_files_are_refused_in_words(tmp_path, houses, suffix, share):
    whole = tmp_path / f"buildings{suffix}"
    if suffix == ".gpkg":
        many = gpd.GeoDataFrame({"n": range(400)}, geometry=[houses.geometry[0]] * 400, crs=4326)
        pyogrio.write_dataframe(many, whole, layer="buildings")
    elif suffix == ".geojson":
        houses.to_file(whole, driver="GeoJSON")
    elif suffix == ".parquet":
        houses.to_parquet(whole)
    elif suffix == ".zip":
        zip_shapefile(tmp_path, houses, encoding="UTF-8").rename(whole)
    elif suffix == ".xlsx":
        houses.drop(columns="geometry").to_excel(whole)
    else:
        _write_pbf(whole)
    data = whole.read_bytes()
    cut = tmp_path / f"cut_buildings{suffix}"
    cut.write_bytes(data[: int(len(data) * share)])
    out = tmp_path / "out.gpkg"
    result = import_sources([cut], out=out)
    assert result.refused
    assert not out.exists()
    assert cut.name in errors(result.report)[0]


def _write_pbf(path):
    import osmium

    with osmium.SimpleWriter(str(path)) as writer:
        for i in range(500):
            node = osmium.osm.mutable.Node(
                id=i + 1, location=(119.29 + i * 1e-5, 26.08), tags={"entrance": "yes"}
            )
            writer.add_node(node)


@pytest.mark.parametrize(
    ("name", "member"),
    [("../../evil.geojson", b"{}"), ("/etc/evil.geojson", b"{}"), ("C:\\evil.geojson", b"{}")],
)
def test_paths_out_of_a_zip_are_refused(tmp_path, name, member):
    archive = tmp_path / "bad.zip"
    with zipfile.ZipFile(archive, "w") as target:
        info = zipfile.ZipInfo()
        info.filename = name
        target.writestr(info, member)
    assert "leads out" in refusal(archive)
    assert not list(tmp_path.rglob("evil*"))


def test_zip_with_nothing_to_read(tmp_path):
    archive = tmp_path / "empty.zip"
    with zipfile.ZipFile(archive, "w"):
        pass
    assert "nothing" in refusal(archive)
    with zipfile.ZipFile(archive, "w") as target:
        target.writestr("说明.docx", b"x")
    assert "说明.docx" in refusal(archive)


def test_zip_of_several_files(tmp_path, houses, write_geojson, square):
    archive = tmp_path / "all.zip"
    door = square(0, 单元="1")
    door["geometry"] = {"type": "Point", "coordinates": [119.2966, 26.0843]}
    with zipfile.ZipFile(archive, "w") as target:
        target.write(write_geojson("a.geojson", [square(0)]), "数据/楼栋.geojson")
        target.write(write_geojson("b.geojson", [door]), "数据/单元门.geojson")
    _, community = run(tmp_path, archive)
    assert len(community["buildings"]) == 1
    assert len(community["entrances"]) == 1


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("a.gpkg", b"", "empty"),
        ("a.gpkg", b"SQLite format 3\0" + bytes(200), "GeoPackage"),
        ("a.geojson", b'{"type":"FeatureCollection","features":[]}', "without a feature"),
        ("a.geojson", b'{"hello": 1}', "neither GeoJSON nor CityJSON"),
        (
            "a.json",
            b'{"type":"CityJSON","version":"2.0","CityObjects":{},"vertices":[]}',
            "no city",
        ),
        ("a.osm", b"<gml/>", "not OSM XML"),
        ("a.osm", b'<osm version="0.6"><node id="1" ', "cut off"),
        ("a.osm", b'<osm version="0.6"></osm>', "nothing to import"),
        ("a.xls", b"\xd0\xcf\x11\xe0" + bytes(100), ".xlsx"),
        ("a.zip", b"PK\x03\x04 broken", "unpacked"),
        ("a.parquet", b"PAR1 broken", "Parquet"),
        ("a.pbf", b"\x00\x00\x00\x0d\n\tOSMHeader broken", "OSM"),
    ],
)
def test_broken_files_say_why(tmp_path, name, content, word):
    path = tmp_path / name
    path.write_bytes(content)
    assert word in refusal(path)


def test_folder_and_missing_file(tmp_path):
    assert "folder" in refusal(tmp_path)
    assert "no file gone.gpkg" in refusal(tmp_path / "gone.gpkg")
