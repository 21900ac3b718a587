import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from layers.columns import TYPES, ColumnTable, decode_table, encode_table
from tests.assets.make_columns import TABLES, describe

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "wire"
SHAPES = st.one_of(
    st.tuples(st.integers(0, 9)), st.tuples(st.integers(0, 9), st.integers(2, 4))
)  # fmt: skip
arrays = st.sampled_from(sorted(TYPES)).flatmap(lambda kind: hnp.arrays(np.dtype(kind), SHAPES))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@given(
    columns=st.dictionaries(texts, arrays, max_size=5),
    ids=st.lists(texts, max_size=4),
    extra=st.dictionaries(texts.filter(lambda name: name != "ids"), texts, max_size=2),
)
def test_what_is_encoded_is_decoded(columns, ids, extra):
    table = ColumnTable("devices", len(ids), columns, {"ids": ids, **extra})
    back = decode_table(encode_table(table))
    assert (back.layer, back.length, back.meta) == (table.layer, table.length, table.meta)
    assert list(back.columns) == list(columns)
    for name, array in columns.items():
        assert back.columns[name].dtype == array.dtype
        assert back.columns[name].tobytes() == array.tobytes()


@given(columns=st.dictionaries(texts, arrays, min_size=1, max_size=6), name=texts)
def test_every_column_starts_on_eight_bytes(columns, name):
    data = encode_table(ColumnTable(name, 0, columns))
    length = int.from_bytes(data[8:12], "little")
    assert (12 + length) % 8 == 0
    header = json.loads(data[12 : 12 + length])
    assert all(spec["offset"] % 8 == 0 for spec in header["columns"])


def test_big_endian_and_sliced_arrays_are_written_as_they_read():
    columns = {
        "big": np.array([1, 2, 3], ">i4"),
        "sliced": np.arange(12, dtype=np.float32).reshape(4, 3)[::2, :2],
    }
    back = decode_table(encode_table(ColumnTable("x", 0, columns)))
    assert back.columns["big"].tolist() == [1, 2, 3]
    assert back.columns["sliced"].tolist() == [[0, 1], [6, 7]]


@pytest.mark.parametrize("name", TABLES)
def test_fixtures_of_the_browser_are_what_is_written_today(name):
    assert (FIXTURES / f"{name}.bin").read_bytes() == encode_table(TABLES[name])
    described = json.loads((FIXTURES / "columns.json").read_text(encoding="utf-8"))
    assert described[name] == describe(TABLES[name])


def test_wrong_tables_are_refused_with_the_reason():
    good = encode_table(TABLES["columns-empty"])
    with pytest.raises(ValueError, match="too few"):
        decode_table(good[:11])
    with pytest.raises(ValueError, match="b'XWIN'"):
        decode_table(b"X" + good[1:])
    with pytest.raises(ValueError, match="got a v9 table when expected v1"):
        decode_table(good[:4] + b"\x09\0\0\0" + good[8:])


def test_what_a_browser_cannot_hold_is_refused():
    with pytest.raises(TypeError, match="'n' is int64"):
        ColumnTable("x", 1, {"n": np.array([1])})
    with pytest.raises(ValueError, match="3 dimensions"):
        ColumnTable("x", 1, {"n": np.zeros((1, 1, 1), np.float32)})
    with pytest.raises(ValueError, match="2 ids for 1 rows"):
        ColumnTable("x", 1, {}, {"ids": ["a", "b"]})
