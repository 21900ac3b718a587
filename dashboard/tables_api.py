"""`/tables/{layer}.{form}`: a layer's table as CSV, Excel or GeoPackage, whole or in part."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import BaseModel, Field

from dashboard.access.viewer import current_viewer
from dashboard.export_log import note_export
from dashboard.tables.columns import TABLES
from dashboard.tables.export import Sheet, to_csv, to_geopackage, to_xlsx
from dashboard.tables.rows import read_rows, shown_frame
from dashboard.words import LANGUAGES, Words, load_words
from dashboard.world import World
from live.events import utc_now

FORMS = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "gpkg": "application/geopackage+sqlite3",
}
MOST_IDS = 50_000


class Chosen(BaseModel):
    """What of a table goes into a file: ids in the order wanted."""

    ids: list[str] = Field(max_length=MOST_IDS)


def build_tables_router(world: Callable[[], World]) -> APIRouter:
    """Return the routes of a world's tables; `world` is asked at each request."""
    router = APIRouter()

    @router.get("/tables/{layer}.{form}", summary="A layer's table as csv, xlsx or gpkg")
    async def whole(
        layer: str,
        form: str,
        lang: str = Query("zh", description="Language of headings and values"),
        id: list[str] = Query([], description="Only these, in this order; all without"),  # noqa: B008
    ) -> Response:
        return await asyncio.to_thread(_export, world(), layer, form, lang, id or None)

    @router.post(
        "/tables/{layer}.{form}", summary="The chosen rows of a table, as many as there are"
    )
    async def chosen(layer: str, form: str, body: Chosen, lang: str = "zh") -> Response:
        return await asyncio.to_thread(_export, world(), layer, form, lang, body.ids)

    return router


def _export(world: World, layer: str, form: str, lang: str, ids: list[str] | None) -> Response:
    if layer not in TABLES:
        raise HTTPException(404, f"there is no table {layer!r}; there are {', '.join(TABLES)}")
    if form not in FORMS:
        raise HTTPException(404, f"a table is no {form!r}; ask for {', '.join(FORMS)}")
    if lang not in LANGUAGES:
        raise HTTPException(400, f"lang is {lang!r}; send {' or '.join(LANGUAGES)}")
    words, now = load_words(lang), utc_now()
    rows = read_rows(world, layer, words)
    if ids is not None:
        by_id = {row["id"]: row for row in rows}
        unknown = [key for key in ids if key not in by_id]
        if unknown:
            raise HTTPException(400, f"{layer} has no {', '.join(map(repr, unknown[:5]))}")
        rows = [by_id[key] for key in dict.fromkeys(ids)]
    notes = _notes(world, layer, words, now.astimezone(world.timezone), len(rows))
    sheet = Sheet(layer, rows, words, world.timezone, notes)
    if form == "gpkg":
        body = to_geopackage(sheet, shown_frame(world, layer))
    else:
        body = to_csv(sheet) if form == "csv" else to_xlsx(sheet)
    if current_viewer().is_staff:  # a visitor takes made-up rows
        note_export(world, form, {layer: len(rows)})
    stamp = f"{now.astimezone(world.timezone):%Y%m%d-%H%M%S}"
    return Response(
        body,
        media_type=FORMS[form],
        headers={
            "content-disposition": f'attachment; filename="{layer}-{stamp}.{form}"',
            "cache-control": "no-store",
        },
    )


def _notes(world: World, layer: str, words: Words, at: datetime, count: int) -> list[str]:
    source = world.community.meta.get("source")
    if isinstance(source, dict):
        source = source.get(words.language)
    return [
        f"{world.community.name_in(words.language)} · {words(f'layer.{layer}')} · {count:,}",
        words("tables.made_at", at=f"{at:%Y-%m-%d %H:%M:%S %Z}"),
        *([words("overview.source", source=source)] if source else []),
        words("note.simulated" if world.simulated else "note.live"),
        words("tables.few"),
    ]
