import json
import logging

import pytest
from sqlalchemy import select

from live.audit import verify
from live.store.cases import AUDIT
from tests.browser.tiny import make_event

PLATES = ("闽A12345", "闽A12346", "闽A88888", "闽AD12345")


def search(http, q, prefix="", **more):
    response = http.get(f"{prefix}/api/v1/search", params={"q": q, **more})
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.parametrize("prefix", ["", "/demo"])
def test_a_name_leads_to_its_thing_in_both_worlds(http, prefix):
    hits = search(http, "南门", prefix)["hits"]
    assert hits[0] == {
        "layer": "gates", "id": "g0", "name": "南门", "what": "", "match": "exact", "score": 100,
    }  # fmt: skip
    assert hits[1]["name"] == "南门相机"


def test_answer_holds_as_many_hits_as_asked_for(http):
    assert len(search(http, "楼", limit=2)["hits"]) == 2
    assert search(http, "楼", limit=2)["hits"] == search(http, "楼", limit=50)["hits"][:2]


def test_empty_query_finds_nothing(http):
    assert search(http, "") == {"hits": [], "plates": None}
    assert search(http, "  ，。") == {"hits": [], "plates": None}


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"q": "楼" * 65}, "64"),
        ({"q": "楼", "limit": 0}, "1 to 50"),
        ({"q": "楼", "limit": 51}, "1 to 50"),
        ({"q": "楼", "reason": "x" * 201}, "200"),
    ],
)
def test_what_is_too_much_is_refused_with_the_bound(http, query, said):
    response = http.get("/api/v1/search", params=query)
    assert response.status_code == 400
    assert said in response.json()["detail"]


def test_meter_in_a_flat_is_never_found(http):
    for q in ("meter0", "水表", "shuibiao", "sb"):
        assert not [hit for hit in search(http, q)["hits"] if hit["id"] == "meter0"]


@pytest.fixture(scope="module")
def read_plates(served):
    served.submit(
        *(make_event("plate_cameras", "c0", "plate", plate=p, direction="in") for p in PLATES)
    )


@pytest.mark.usefixtures("read_plates")
def test_plate_is_not_looked_for_without_a_reason(http, caplog):
    with caplog.at_level(logging.INFO, "audit"):
        for reason in ("", " ", "\n\t", "x"):
            found = search(http, "闽A12345", reason=reason)["plates"]
            assert found["hits"] == []
            assert found["refused"] == "reason_missing"
    assert not caplog.records, "nothing was searched, so nothing is written down"


@pytest.mark.usefixtures("read_plates")
def test_plate_is_found_masked_and_the_search_written_down(http, served, caplog):
    with caplog.at_level(logging.INFO, "audit"):
        found = search(http, "闽A12345", reason="占用消防通道\n第二行")["plates"]
    assert [(hit["plate"], hit["match"]) for hit in found["hits"]] == [
        ("闽A·12**5", "exact"),
        ("闽A·12**6", "near"),
    ]
    assert found["hits"][0]["reads"] == 1
    assert "12345" not in str(found)
    (line,) = [record.getMessage() for record in caplog.records]
    assert "占用消防通道 第二行" in line
    assert "闽A·12**5" in line
    assert "12345" not in line
    with served.world.twin.store.reading() as conn:
        (row,) = conn.execute(select(AUDIT).where(AUDIT.c.about == "plates")).all()
        assert not verify(conn).problems
    assert json.loads(row.data) == {
        "plate": "闽A·12**5",
        "reason": "占用消防通道 第二行",
        "found": 2,
    }


@pytest.mark.usefixtures("read_plates")
@pytest.mark.parametrize(
    ("q", "match", "count"),
    [("88888", "part", 1), ("闽A1234?", "wildcard", 2), ("闽Ａ １２３＊", "wildcard", 2),
     ("闽AD*", "wildcard", 1)],
)  # fmt: skip
def test_plate_is_found_by_part_and_pattern(http, q, match, count):
    hits = search(http, q, reason="核对访客登记")["plates"]["hits"]
    assert [hit["match"] for hit in hits] == [match] * count


def test_name_is_no_search_for_a_plate(http):
    for q in ("南门", "nanmen", "g0", "楼", "5-2", "津泰新苑5号楼", "*", "???", "%", "12"):
        assert search(http, q)["plates"] is None, q


@pytest.mark.usefixtures("read_plates")
def test_trying_out_hidden_characters_is_held_up(http, served):
    """36 x 36 tries would tell two hidden characters."""
    codes = [search(http, f"闽A12{k:02}5", reason="试")["plates"]["refused"] for k in range(2)]
    assert codes == ["reason_missing"] * 2, "a reason has two characters"
    codes = [search(http, f"闽A12{k:02}5", reason="核对")["plates"]["refused"] for k in range(40)]
    assert codes[-1] == "too_many"
    assert codes.count(None) <= 30
