"""What a map shows now, as files: the rows of its layers, or its picture with what must be known.

Rows are cut to what the viewer may see before they are cut to what the picture holds. Every export
is a row of the audit and says source, moment and who took it.
"""

from __future__ import annotations

import base64
import binascii
import io
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dashboard.access.viewer import current_viewer
from dashboard.brief.paper import FONT, GREY, INK, to_plain
from dashboard.export_log import note_export
from dashboard.tables.columns import TABLES
from dashboard.tables.export import Sheet, to_csv, to_geopackage, to_xlsx
from dashboard.tables.rows import live_values, read_rows, shown_frame
from dashboard.words import Words
from dashboard.world import World
from geodata.errors import TwinError

FORMS = {
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "gpkg": "application/geopackage+sqlite3",
    "pdf": "application/pdf",
    "png": "application/json",
}
MOST_PICTURE = 6_000_000
_JPEG = "data:image/jpeg;base64,"


class ExportError(TwinError):
    """A view cannot be exported as asked; says why."""


@dataclass(frozen=True)
class Shown:
    """What a picture holds.

    Attributes:
        ids: Ids by layer, as far as they are in the picture.
        at: The past moment that it shows; None for now.
        place: The address of the view, after `#`.
        picture: JPEG; empty where none was sent.
    """

    ids: Mapping[str, Sequence[str]]
    at: datetime | None = None
    place: str = ""
    picture: bytes = b""


def read_picture(text: str) -> bytes:
    """Return the JPEG of a data address.

    Raises:
        ExportError: It is none, or too large.
    """
    if not text:
        return b""
    if not text.startswith(_JPEG) or len(text) > MOST_PICTURE:
        raise ExportError(f"picture: send a JPEG as a data address, {MOST_PICTURE} bytes at most")
    try:
        body = base64.b64decode(text[len(_JPEG) :], validate=True)
    except (binascii.Error, ValueError):
        raise ExportError("picture: this is no base64") from None
    if not body.startswith(b"\xff\xd8\xff"):
        raise ExportError("picture: this is no JPEG")
    return body


def export_view(world: World, shown: Shown, form: str, words: Words) -> tuple[bytes, str, int]:
    """Return a file of what is shown, its ending and how many things are in it.

    Raises:
        ExportError: There is no such form, layer or thing, or nothing to export.
    """
    if form not in ("csv", "xlsx", "gpkg", "pdf", "png"):
        raise ExportError(f"a view is no {form[:20]!r}; ask for csv, xlsx, gpkg, pdf or png")
    unknown = [layer for layer in shown.ids if layer not in TABLES]
    if unknown:
        raise ExportError(f"there is no table {unknown[0][:40]!r}; there are {', '.join(TABLES)}")
    now = world.twin.clock().astimezone(world.timezone)
    past = world.twin.past.layers(shown.at) if shown.at is not None else None
    rows = {layer: _read(world, layer, ids, past, words) for layer, ids in shown.ids.items() if ids}
    count = sum(map(len, rows.values()))
    if not count and form not in ("pdf", "png"):
        raise ExportError("there is nothing to export: no layer of the picture has a table")
    notes = _notes(world, shown, words, now, rows)
    sheets = [
        Sheet(layer, found, words, world.timezone, notes) for layer, found in rows.items() if found
    ]
    ending = form
    if form == "csv":
        ending = "csv" if len(sheets) == 1 else "zip"
        body = to_csv(sheets[0]) if ending == "csv" else _zip(sheets, notes)
    elif form == "xlsx":
        body = to_xlsx(sheets[0], *sheets[1:])
    elif form == "gpkg":
        frames = {one.layer: shown_frame(world, one.layer) for one in sheets}
        body = to_geopackage(sheets[0], frames[sheets[0].layer], *(
            (one, frames[one.layer]) for one in sheets[1:]
        ))  # fmt: skip
    elif form == "pdf":
        body = _print(world, shown, words, notes, rows)
    else:
        body = "\n".join(notes).encode()
    counts = {layer: len(found) for layer, found in rows.items()}
    note_export(world, form, counts, place=shown.place, at=shown.at)
    return body, ending, count


def _read(
    world: World, layer: str, ids: Sequence[str], past: Any, words: Words
) -> list[dict[str, Any]]:
    """Return the rows of a layer that are in the picture, as they stood at its moment."""
    known = {row["id"]: row for row in read_rows(world, layer, words)}
    found = [known[key] for key in dict.fromkeys(ids) if key in known]
    if past is None or not any(column.live for column in TABLES[layer]):
        return found
    then = past.get(layer, {})
    return [row | live_values(words, layer, then.get(row["id"])) for row in found]


def _notes(
    world: World, shown: Shown, words: Words, now: datetime, rows: Mapping[str, Sequence[Any]]
) -> list[str]:
    source = world.community.meta.get("source")
    if isinstance(source, dict):
        source = source.get(words.language)
    counts = " · ".join(
        f"{words(f'layer.{layer}')} {len(found):,}" for layer, found in rows.items()
    )
    at = shown.at.astimezone(world.timezone) if shown.at is not None else now
    return [
        words("views.export.title", name=world.community.name_in(words.language)),
        *([counts] if counts else []),
        words("views.export.moment", at=f"{at:%Y-%m-%d %H:%M:%S %Z}"),
        words("tables.made_at", at=f"{now:%Y-%m-%d %H:%M:%S %Z}"),
        words("views.export.by", who=current_viewer().name),
        *([words("overview.source", source=source)] if source else []),
        words("note.simulated" if world.simulated else "note.live"),
        words("tables.few"),
    ]


def _zip(sheets: Sequence[Sheet], notes: Sequence[str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for sheet in sheets:
            packed.writestr(f"{sheet.layer}.csv", to_csv(sheet))
        packed.writestr("notes.txt", "\ufeff" + "\r\n".join(notes))
    return out.getvalue()


def _print(
    world: World, shown: Shown, words: Words, notes: Sequence[str], rows: Mapping[str, Any]
) -> bytes:
    """Return the picture on a page, with what must be known of it."""
    from reportlab.lib.pagesizes import A4, landscape
    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.pdfgen.canvas import Canvas

    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    width, height = landscape(A4)
    out, edge = io.BytesIO(), 12 * mm
    page = Canvas(out, pagesize=(width, height), lang=words.language)
    page.setTitle(to_plain(notes[0]))
    page.setFillColor(INK)
    page.setFont(FONT, 15)
    page.drawString(edge, height - edge - 10, to_plain(notes[0]))
    lines = notes[1:]
    foot = edge + 11 * ((len(lines) + 1) // 2)
    if shown.picture:
        box = (edge, foot + 4 * mm, width - 2 * edge, height - foot - edge - 30)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "view.jpg"
            path.write_bytes(shown.picture)
            try:
                page.drawImage(str(path), *box, preserveAspectRatio=True, anchor="c")
            except Exception as error:
                raise ExportError(f"picture: this JPEG cannot be set ({error})") from error
    page.setFont(FONT, 8.5)
    page.setFillColor(GREY)
    for number, line in enumerate(lines):
        x = edge + (width / 2 - edge) * (number % 2)
        page.drawString(x, foot - 11 * (number // 2) - 4, to_plain(line)[:90])
    page.save()
    return out.getvalue()
