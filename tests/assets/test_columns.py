"""The browser reads the column files that the server writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.assets.make_columns import TABLES

pytestmark = pytest.mark.browser

FIXTURES = Path(__file__).resolve().parents[1] / "fixtures" / "wire"
EXPECTED = json.loads((FIXTURES / "columns.json").read_text(encoding="utf-8"))
TYPES = {
    "f32": "Float32Array",
    "f64": "Float64Array",
    "u32": "Uint32Array",
    "i32": "Int32Array",
    "u16": "Uint16Array",
    "i16": "Int16Array",
    "u8": "Uint8Array",
}
READ = """async ([name, change]) => {
  const { decodeTable } = await import("/assets/twin/columns.mjs");
  const buffer = await (await fetch(`/tests/fixtures/wire/${name}.bin`)).arrayBuffer();
  const bytes = new Uint8Array(buffer);
  for (const [at, value] of change) bytes[at] = value;
  try {
    const table = decodeTable(buffer);
    return {
      layer: table.layer, length: table.length, meta: table.meta,
      columns: Object.fromEntries(Object.entries(table.columns).map(([k, v]) => [k, [...v]])),
      types: Object.fromEntries(
        Object.entries(table.columns).map(([k, v]) => [k, v.constructor.name])),
      copied: Object.values(table.columns).some((v) => v.buffer !== buffer),
    };
  } catch (error) {
    return { error: error.message };
  }
}"""


@pytest.mark.parametrize("name", EXPECTED)
def test_table_is_read_as_it_was_written(run_js, name):
    read = run_js(READ, [name, []])
    for key in ("layer", "length", "meta", "columns"):
        assert read[key] == EXPECTED[name][key]
    assert not read["copied"]
    for column, kind in read["types"].items():
        assert TYPES.get(column, kind) == kind


def test_every_type_is_in_the_fixtures():
    assert {a.dtype.name for t in TABLES.values() for a in t.columns.values()} >= {
        "float32", "float64", "uint32", "int32", "uint16", "int16", "uint8",
    }  # fmt: skip


def test_what_is_no_table_is_refused_in_words(run_js):
    assert run_js(READ, ["columns-empty", [[0, 0]]])["error"] == "not a table: wrong magic"
    assert run_js(READ, ["columns-empty", [[4, 2]]])["error"] == "got a v2 table when expected v1"
    tried = run_js(
        """async () => {
          const { decodeTable } = await import("/assets/twin/columns.mjs");
          try { decodeTable(new ArrayBuffer(5)); } catch (error) { return error.message; }
        }"""
    )
    assert tried == "5 bytes are too few for a table"
