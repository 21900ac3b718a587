"""What a table may show: nobody's flat, no meter one by one, no small count of people."""

import pytest

from dashboard.tables import TABLES, read_rows
from dashboard.tables.columns import heading
from dashboard.words import LANGUAGES, load_words


def values_of(rows):
    return [str(value) for row in rows for value in row.values()]


@pytest.mark.parametrize("layer", list(TABLES))
def test_rows_have_every_column_and_no_meter(served, layer):
    rows = read_rows(served.world, layer, load_words("zh"))
    for row in rows:
        assert {column.name for column in TABLES[layer]} <= set(row)
    assert not [text for text in values_of(rows) if "meter0" in text or text == "水表"]


def test_small_counts_of_people_are_hidden(served):
    world = served.world
    frame = world.community["buildings"]
    before = frame[["residents", "residents_60plus"]].copy()
    try:
        frame["residents"] = [3, 5, 0]
        frame["residents_60plus"] = [1, 4, 7]
        rows = read_rows(world, "buildings", load_words("en"))
        assert [row["residents"] for row in rows] == ["<5", 5, 0]
        assert [row["residents_60plus"] for row in rows] == ["<5", "<5", 7]
    finally:
        frame[["residents", "residents_60plus"]] = before
    for layer in ("grids", "compounds"):
        assert not [column for column in TABLES[layer] if column.kind == "people"]


def test_table_of_what_is_none_is_an_error(served):
    for layer in ("dwellings", "roads", "__class__", ""):
        with pytest.raises(KeyError):
            read_rows(served.world, layer, load_words("zh"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_column_has_a_heading_with_its_unit(language):
    words = load_words(language)
    for columns in TABLES.values():
        for column in columns:
            assert column.unit in heading(words, column)
