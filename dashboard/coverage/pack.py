"""One page for the residents' meeting (居民恳谈日): map, gaps and reasons in plain words, as PDF.

Chinese is set in STSong-Light, a font that PDF readers bring along (Adobe-GB1), so that no font
file is needed to make the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

import shapely
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from dashboard.coverage.view import ASIDE, GAP, NOW, PAPER, UNKNOWN, Question, draw_view, to_states
from dashboard.words import Words
from geodata.coverage.overlay import draw_overlay

if TYPE_CHECKING:
    from dashboard.coverage.places import Places
    from geodata.coverage.now import LiveCoverage
    from live.orders.order import Order

FONT, LATIN = "STSong-Light", "Helvetica"
INK, GREY, HAIR = HexColor("#15202B"), HexColor("#5A6875"), HexColor("#D5DCE2")
FILLS = {
    NOW: HexColor("#3FA99B"),
    PAPER: HexColor("#A9DAD3"),
    GAP: HexColor("#D873B8"),
    UNKNOWN: HexColor("#E3E8EC"),
    ASIDE: HexColor("#EEF1F4"),
}
MARGIN = 15 * mm
MAP_H = 122 * mm
ORDERS, GAP_ROWS = 4, 5
KINDS = 11
"""So many services fit the page; the one that is asked about leads."""


def split_runs(text: str) -> list[tuple[str, str]]:
    """Return a text in runs of one font each: Latin letters and figures have their own."""
    runs: list[tuple[str, str]] = []
    for char in text:
        font = LATIN if ord(char) < 256 or char in "–—…" else FONT
        if runs and runs[-1][0] == font:
            runs[-1] = (font, runs[-1][1] + char)
        else:
            runs.append((font, char))
    return runs


def measure(text: str, size: float) -> float:
    """Return the width of a text, points."""
    return float(sum(pdfmetrics.stringWidth(run, font, size) for font, run in split_runs(text)))


def write(canvas: Canvas, text: str, x: float, y: float, size: float) -> None:
    """Set a text in its fonts."""
    for font, run in split_runs(text):
        canvas.setFont(font, size)
        canvas.drawString(x, y, run)
        x += pdfmetrics.stringWidth(run, font, size)


class Page:
    """A page that is written from top to bottom.

    Args:
        words: In which language.
        title: Of the document.
    """

    def __init__(self, words: Words, title: str) -> None:
        if FONT not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(UnicodeCIDFont(FONT))
        self.words = words
        self.file = BytesIO()
        self.canvas = Canvas(self.file, pagesize=A4, pageCompression=1, lang=words.language)
        self.canvas.setTitle(title)
        self.width, self.height = A4
        self.y = self.height - MARGIN

    def text(
        self, text: str, x: float, size: float, colour: Color = INK, *, right: bool = False
    ) -> None:
        """Set one line at the present height."""
        self.canvas.setFillColor(colour)
        write(self.canvas, text, x - measure(text, size) if right else x, self.y, size)

    def clip(self, text: str, size: float, width: float) -> str:
        """Return a text cut to a width, with an ellipsis."""
        if measure(text, size) <= width:
            return text
        while text and measure(text + "...", size) > width:
            text = text[:-1]
        return text + "..."

    def down(self, points: float) -> None:
        """Go down the page."""
        self.y -= points

    def finish(self) -> bytes:
        """Return the document."""
        self.canvas.showPage()
        self.canvas.save()
        return self.file.getvalue()


def make_pack(
    live: LiveCoverage,
    question: Question,
    places: Places,
    words: Words,
    *,
    name: str,
    at: datetime,
    simulated: bool,
    orders: Sequence[Order] = (),
) -> bytes:
    """Return the page as PDF.

    Args:
        live: The coverage.
        question: Which service leads.
        places: Names and places of the world.
        words: In which language.
        name: Of the community.
        at: When, by the community's clock.
        simulated: Whether what it says is simulated; the page then says so.
        orders: What people asked for; only its numbers are printed.
    """
    view = draw_view(live, question, places, orders, at.timestamp())
    kind = words(f"kind.{question.service}")
    page = Page(words, f"{name} · {words('coverage.pack.title')}")
    left, right = MARGIN, page.width - MARGIN
    page.down(6 * mm)
    page.text(words("coverage.pack.title"), left, 20)
    page.text(name, right, 12, GREY, right=True)
    page.down(7 * mm)
    page.text(words("coverage.pack.asked", kind=kind, at=f"{at:%Y-%m-%d %H:%M}"), left, 10.5, GREY)
    page.down(4 * mm)
    _draw_map(page, live, question, places, view)
    page.down(6 * mm)
    _draw_legend(page, view["radius_m"])
    page.down(8 * mm)
    row = next(each for each in view["kinds"] if each["kind"] == question.service)
    for line in _sentences(words, kind, row, view, at):
        page.text(page.clip(line, 11.5, right - left), left, 11.5)
        page.down(6 * mm)
    page.down(2 * mm)
    _draw_columns(page, view)
    _draw_notes(page, view, simulated=simulated)
    return page.finish()


def _sentences(
    words: Words, kind: str, row: dict[str, Any], view: dict[str, Any], at: datetime
) -> list[str]:
    """Return what the page has to say first, in plain words."""
    unit = words(f"coverage.n.{row['unit']}", n="{n}")
    who = words(f"coverage.group.{row['group']}")
    if row["now"] is None:
        return [words("coverage.nobody")]
    shares = {"now": f"{row['now']:.0%}", "paper": f"{row['paper']:.0%}"}
    form = "coverage.pack.now"
    if row["shut"] and row["next"]:
        opens = datetime.fromtimestamp(row["next"], at.tzinfo)
        form = "coverage.pack.shut"
        shares["opens"] = f"{opens:%H:%M}" if opens.date() == at.date() else f"{opens:%m-%d %H:%M}"
    said = [
        words(form, who=who, kind=kind, m=row["radius_m"], **shares),
        words("coverage.pack.gap", gap=unit.format(n=_number(row["gap"])),
              lost=unit.format(n=_number(row["lost"])), of=unit.format(n=_number(row["of"]))),
    ]  # fmt: skip
    if view["why"]:
        first = view["why"][0]
        said.append(
            words("coverage.pack.why",
                  why=words(f"coverage.why.{first['reason']}", name=first["name"]),
                  people=unit.format(n=_number(first["people"])))
        )  # fmt: skip
    most = view["demand"]["areas"][:1]
    if most and most[0]["asked"]:
        asked = most[0]
        said.append(
            words("coverage.pack.asked_most" if asked["without"] else "coverage.pack.asked_only",
                  area=asked["name"], n=asked["asked"],
                  people=unit.format(n=_number(asked["unserved"])))
        )  # fmt: skip
    alone = [each for each in view["suppliers"] if each["all"]]
    if alone:
        who_runs = words(f"supplier_kind.{alone[0]['supplier']}") if alone[0][
            "supplier"] != "unknown" else words("coverage.supplier.unknown")  # fmt: skip
        said.append(words("coverage.pack.alone", supplier=who_runs))
    return said


def _draw_map(
    page: Page, live: LiveCoverage, question: Question, places: Places, view: dict[str, Any]
) -> None:
    """Draw the buildings in the colours of their state, the ways under them, the services over."""
    canvas, scene = page.canvas, places.scene
    left, width = MARGIN, page.width - 2 * MARGIN
    bottom = page.y - MAP_H
    west, south, east, north = scene.extent_m
    scale = min(width / max(east - west, 1), MAP_H / max(north - south, 1)) * 0.96
    dx = left + (width - (east - west) * scale) / 2 - west * scale
    dy = bottom + (MAP_H - (north - south) * scale) / 2 - south * scale

    def trace(shape: Any, *, close: bool) -> None:
        path = canvas.beginPath()
        for part in shapely.get_parts(shape):
            lines = [part.exterior, *part.interiors] if part.geom_type == "Polygon" else [part]
            for line in lines:
                spots = shapely.get_coordinates(line)
                path.moveTo(dx + spots[0][0] * scale, dy + spots[0][1] * scale)
                for x, y in spots[1:]:
                    path.lineTo(dx + x * scale, dy + y * scale)
        canvas.drawPath(path, stroke=0 if close else 1, fill=1 if close else 0, fillMode=0)

    canvas.saveState()
    frame = canvas.beginPath()
    frame.roundRect(left, bottom, width, MAP_H, 6)
    canvas.clipPath(frame, stroke=0)
    canvas.setFillColor(HexColor("#F6F8FA"))
    canvas.rect(left, bottom, width, MAP_H, stroke=0, fill=1)
    canvas.setStrokeColor(HexColor("#DCE3E8"))
    canvas.setLineWidth(max(0.6, 4 * scale))
    for shape in scene.to_metres(scene.community["roads"].geometry.to_numpy()):
        if shapely.get_dimensions(shape) == 1:
            trace(shape, close=False)
    overlay = draw_overlay(
        live, question.service, group=question.group, radius_m=question.radius_m(live)
    )
    states = to_states(overlay, places).tolist()
    shapes = scene.to_metres(scene.community["buildings"].geometry.to_numpy())
    for state, shape in zip(states, shapes, strict=True):
        canvas.setFillColor(FILLS[state])
        trace(shape, close=True)
    for service in view["services"][:200]:
        x, y = dx + service["at"][0] * scale, dy + service["at"][1] * scale
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(1.2)
        canvas.setFillColor(INK if service["state"] == "open" else HexColor("#FFFFFF"))
        canvas.circle(x, y, 3.2, stroke=1, fill=1)
    canvas.setFillColor(INK)
    for gap in [each for each in view["gaps"] if isinstance(each["people"], int)][:6]:
        x, y = dx + gap["at"][0] * scale, dy + gap["at"][1] * scale
        label = f"{gap['name']} {gap['people']:,}"
        wide = measure(label, 8)
        canvas.setFillColor(HexColor("#FFFFFF"))
        canvas.roundRect(x - wide / 2 - 3, y - 6, wide + 6, 12, 3, stroke=0, fill=1)
        canvas.setFillColor(INK)
        write(canvas, label, x - wide / 2, y - 3, 8)
    canvas.restoreState()
    page.y = bottom


def _draw_legend(page: Page, radius_m: int) -> None:
    words, canvas = page.words, page.canvas
    x = MARGIN
    for state, key in ((NOW, "now"), (PAPER, "paper"), (GAP, "gap")):
        canvas.setFillColor(FILLS[state])
        canvas.rect(x, page.y - 1, 12, 8, stroke=0, fill=1)
        label = words(f"coverage.legend.{key}")
        page.text(label, x + 16, 9)
        x += 26 + measure(label, 9)
    for is_open in (True, False):
        canvas.setStrokeColor(INK)
        canvas.setFillColor(INK if is_open else HexColor("#FFFFFF"))
        canvas.circle(x + 4, page.y + 3, 3, stroke=1, fill=1)
        label = words("coverage.state.open" if is_open else "coverage.state.closed")
        page.text(label, x + 11, 9)
        x += 22 + measure(label, 9)
    page.text(words("coverage.pack.radius", n=radius_m), page.width - MARGIN, 9, GREY, right=True)


def _draw_columns(page: Page, view: dict[str, Any]) -> None:
    """Draw all services on the left and the places without this one on the right."""
    words = page.words
    gutter = 8 * mm
    column = (page.width - 2 * MARGIN - gutter) / 2
    top = page.y
    kinds = sorted(
        (each for each in view["kinds"] if each["now"] is not None),
        key=lambda each: (each["kind"] != view["service"], each["now"]),
    )
    page.text(words("coverage.pack.kinds"), MARGIN, 12)
    page.text(words("coverage.pack.shares"), MARGIN + column, 9, GREY, right=True)
    for each in kinds[:KINDS]:
        page.down(6.2 * mm)
        page.text(page.clip(words(f"kind.{each['kind']}"), 10, column - 80), MARGIN, 10)
        now = words("coverage.pack.shut.short") if each["shut"] else f"{each['now']:.0%}"
        share = f"{now} / {each['paper']:.0%}"
        page.text(share, MARGIN + column, 10, right=True)
        _rule(page, MARGIN, column)
    low = page.y
    page.y = top
    x = MARGIN + column + gutter
    page.text(words("coverage.gaps.title"), x, 12)
    for gap in view["gaps"][:GAP_ROWS]:
        page.down(6.2 * mm)
        page.text(page.clip(gap["name"], 10, column - 80), x, 10)
        count = words(f"coverage.n.{view['unit']}", n=_number(gap["people"]))
        page.text(count, x + column, 10, right=True)
        _rule(page, x, column)
    if not view["gaps"]:
        page.down(6.2 * mm)
        page.text(words("coverage.gaps.none"), x, 10, GREY)
    page.down(10 * mm)
    _draw_demand(page, view, x, column)
    page.y = min(low, page.y)


def _draw_demand(page: Page, view: dict[str, Any], x: float, column: float) -> None:
    """Draw what is asked for, by grid, and who supplies, with what people think of it."""
    words = page.words
    page.text(words("coverage.pack.orders"), x, 12)
    page.text(words("coverage.pack.orders.head"), x + column, 9, GREY, right=True)
    for each in view["demand"]["areas"][:ORDERS]:
        page.down(6.2 * mm)
        page.text(page.clip(each["name"], 10, column - 90), x, 10)
        liked = f"{each['satisfied']:.0%}" if each["rated"] else "–"
        page.text(f"{each['open']} / {liked}", x + column, 10, right=True)
        _rule(page, x, column)
    if not view["demand"]["areas"]:
        page.down(6.2 * mm)
        page.text(words("coverage.demand.none"), x, 10, GREY)


def _rule(page: Page, x: float, width: float) -> None:
    page.canvas.setStrokeColor(HAIR)
    page.canvas.setLineWidth(0.5)
    page.canvas.line(x, page.y - 5, x + width, page.y - 5)


def _draw_notes(page: Page, view: dict[str, Any], *, simulated: bool) -> None:
    words = page.words
    page.y = MARGIN + 9 * mm
    source = words("note.simulated") if simulated else words("note.live")
    page.text(words("coverage.pack.ask"), MARGIN, 10.5)
    page.down(5 * mm)
    page.text(words("coverage.pack.method", version=view["rules"]["version"]), MARGIN, 8, GREY)
    page.down(4 * mm)
    page.text(
        f"{words('coverage.pack.small')}{words('coverage.pack.and')}{source}", MARGIN, 8, GREY
    )


def _number(count: int | str) -> str:
    return count if isinstance(count, str) else f"{count:,}"
