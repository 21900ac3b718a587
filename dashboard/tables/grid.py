"""The grid of a table: dash-ag-grid with our columns, words and colours.

Its bundle is over a megabyte, so pages without a grid do not load it: Dash is told that it comes
later, and assets/tables.js fetches it where a grid is shown.
"""

from __future__ import annotations

from typing import Any

import dash_ag_grid as dag
from dash import html

from dashboard import ids, parts
from dashboard.tables.columns import TABLES, Column, heading
from dashboard.tables.rows import Row
from dashboard.words import Words

BUNDLE = "dash_ag_grid.min.js"

for _resource in dag.AgGrid._js_dist:
    if _resource["relative_package_path"] == BUNDLE:
        _resource["dynamic"] = True

THEME = """themeQuartz.withParams({
  accentColor: 'var(--accent)', backgroundColor: 'var(--panel-solid)',
  foregroundColor: 'var(--text-1)', headerBackgroundColor: 'var(--panel-solid)',
  headerTextColor: 'var(--text-3)', borderColor: 'var(--line)', chromeBackgroundColor:
  'var(--panel-solid)', rowHoverColor: 'var(--fill-1)', selectedRowBackgroundColor:
  'var(--accent-soft)', menuBackgroundColor: 'var(--panel-solid)', textColor: 'var(--text-1)',
  subtleTextColor: 'var(--text-3)', inputBackgroundColor: 'var(--panel-solid)',
  inputTextColor: 'var(--text-1)', browserColorScheme: 'inherit', fontFamily: 'inherit',
  headerFontWeight: 400, wrapperBorderRadius: '10px', fontSize: '13.5px', spacing: '6px'
})"""
"""The design language's tokens in the grid's own; they follow day and dark by themselves."""

_NUMERIC = frozenset({"int", "number", "people", "year", "age"})


def build_grid(words: Words, layer: str, rows: list[Row]) -> html.Div:
    """Return the grid of a layer's rows (`read_rows`)."""
    return html.Div(
        dag.AgGrid(
            id=ids.TABLES_GRID,
            rowData=rows,
            columnDefs=[_definition(words, column) for column in TABLES[layer]],
            defaultColDef={"sortable": True, "resizable": True, "filter": True, "minWidth": 70},
            getRowId="params.data.id",
            className="tables-grid",
            dashGridOptions={
                "theme": {"function": THEME},
                "localeText": _locale(words),
                "rowSelection": {
                    "mode": "singleRow",
                    "checkboxes": False,
                    "enableClickSelection": True,
                },
                "animateRows": False,
                "enableCellTextSelection": True,
                "suppressMovableColumns": False,
            },
        ),
        className="tables-holder",
        role="region",
        **parts.data(tables_layer=layer),
        **parts.aria(label=words("tables.region", layer=words(f"layer.{layer}"))),
    )


def _definition(words: Words, column: Column) -> dict[str, Any]:
    made: dict[str, Any] = {
        "field": column.name,
        "headerName": heading(words, column),
        "width": column.width,
        "filter": "agTextColumnFilter",
    }
    if column.name == "id":  # the last one takes what room there is
        made |= {"flex": 1, "minWidth": column.width}
    if column.name == "name":
        made["pinned"] = "left"
        made["cellClass"] = "tables-name"
    if column.kind in _NUMERIC:
        made["filter"] = "agNumberColumnFilter"
        made["cellClass"] = "tables-number"
        made["comparator"] = {"function": "tablesCompare(valueA, valueB)"}
        made["filterValueGetter"] = {"function": f"tablesNumber(params.data['{column.name}'])"}
    if column.kind in ("number", "int"):
        made["valueFormatter"] = {"function": "tablesFigure(params.value)"}
    elif column.kind == "age":
        made["valueFormatter"] = {"function": "tablesAge(params.value)"}
        made["filter"] = False  # ages move on: sorted, not filtered
        del made["filterValueGetter"]
    elif column.kind == "state":
        made["cellRenderer"] = "TablesState"
    elif words.language != "zh" and column.kind not in _NUMERIC:
        made["cellRenderer"] = "TablesText"
    return made


def _locale(words: Words) -> dict[str, str]:
    return {
        key.removeprefix("grid."): text
        for key, text in words.entries.items()
        if key.startswith("grid.")
    }
