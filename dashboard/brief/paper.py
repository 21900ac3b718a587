"""A brief as PDF, set in the font that PDF readers bring along (see `dashboard.coverage.pack`)."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from dashboard.brief.model import Brief, Figure, Part
from dashboard.words import Words

FONT = "STSong-Light"
INK, GREY, HAIR, PALE = "#15202B", "#5A6875", "#D5DCE2", "#F3F6F8"
MARGIN_MM = 16
FRAME_PT = 6
"""What a page's frame keeps free by itself."""
KEPT_ROWS = 6
"""A table of so many rows stays on one page with its heading."""


def print_brief(words: Words, brief: Brief) -> bytes:
    """Return a brief as PDF."""
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.units import mm
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont
    from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer

    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    style = _styles()
    body = BytesIO()
    width = A4[0] - 2 * MARGIN_MM * mm - 2 * FRAME_PT
    page = SimpleDocTemplate(
        body,
        pagesize=A4,
        leftMargin=MARGIN_MM * mm,
        rightMargin=MARGIN_MM * mm,
        topMargin=14 * mm,
        bottomMargin=16 * mm,
        title=f"{brief.name} · {brief.title}",
        lang=words.language,
    )
    flow: list[Any] = [
        Paragraph(to_text(brief.title), style["title"]),
        Paragraph(to_text(f"{brief.name} · {brief.span}"), style["under"]),
        Paragraph(to_text(" · ".join(filter(None, (brief.made, brief.simulated)))), style["under"]),
        Spacer(1, 4 * mm),
    ]
    for part in brief.parts:
        flow += _part(part, style, width)
    foot = to_plain(f"{brief.name} · {brief.title} · {brief.made}")

    def draw_foot(canvas: Any, doc: Any) -> None:
        canvas.saveState()
        canvas.setFont(FONT, 8)
        canvas.setFillColor(GREY)
        canvas.drawString(MARGIN_MM * mm + FRAME_PT, 9 * mm, foot)
        number = words("brief.page", n=doc.page)
        canvas.drawRightString(A4[0] - MARGIN_MM * mm - FRAME_PT, 9 * mm, number)
        canvas.restoreState()

    page.build(flow, onFirstPage=draw_foot, onLaterPages=draw_foot)
    return body.getvalue()


def to_text(text: str) -> str:
    """Return a text as the PDF's paragraphs want it; its font has no middle dot."""
    return escape(to_plain(text))


def to_plain(text: str) -> str:
    """Return a text without what the PDF's font lacks."""
    return text.replace(" · ", " | ").replace("·", "-").replace("–", "-")


def _styles() -> dict[str, Any]:
    from reportlab.lib.colors import HexColor
    from reportlab.lib.styles import ParagraphStyle

    def style(name: str, size: float, colour: str, **more: Any) -> ParagraphStyle:
        return ParagraphStyle(
            name, fontName=FONT, fontSize=size, leading=size * 1.45, wordWrap="CJK",
            textColor=HexColor(colour), **more,
        )  # fmt: skip

    return {
        "title": style("title", 20, INK, spaceAfter=3),
        "under": style("under", 9.5, GREY),
        "head": style("head", 12.5, INK, spaceBefore=11, spaceAfter=1, keepWithNext=1),
        "source": style("source", 8, GREY, spaceAfter=4, keepWithNext=1),
        "cell": style("cell", 9, INK),
        "cell_head": style("cell_head", 8.5, GREY),
        "number": style("number", 17, INK),
        "label": style("label", 8.5, GREY),
        "text": style("text", 10, INK, spaceBefore=3),
    }


def _part(part: Part, style: dict[str, Any], width: float) -> list[Any]:
    from reportlab.platypus import KeepTogether, Paragraph

    top = [
        Paragraph(to_text(part.title), style["head"]),
        Paragraph(to_text(part.source), style["source"]),
    ]
    flow: list[Any] = []
    if part.figures:
        flow.append(_figures(part.figures, style, width))
    if part.rows:
        flow.append(_table(part, style, width))
    elif part.head and part.none:
        flow.append(Paragraph(to_text(part.none), style["text"]))
    flow += [
        Paragraph(to_text(line).replace("\n", "<br/>"), style["text"]) for line in part.text
    ]  # fmt: skip
    if len(part.rows) > KEPT_ROWS:  # a long table may break, and its head is set again
        return [*top, *flow]
    return [KeepTogether([*top, *flow[:1]]), *flow[1:]]


def _figures(figures: list[Figure], style: dict[str, Any], width: float) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import Paragraph, Table

    cells = [
        [
            Paragraph(to_text(each.label), style["label"]),
            Paragraph(to_text(each.value), style["number"]),
            Paragraph(to_text(each.under), style["label"]),
        ]
        for each in figures
    ]
    table = Table(
        [cells], colWidths=[width / len(figures)] * len(figures), spaceAfter=5, hAlign="LEFT"
    )
    table.setStyle(
        [
            ("BACKGROUND", (0, 0), (-1, -1), HexColor(PALE)),
            ("LINEAFTER", (0, 0), (-2, -1), 0.6, HexColor("#FFFFFF")),
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LEFTPADDING", (0, 0), (-1, -1), 8),
            ("TOPPADDING", (0, 0), (-1, -1), 5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
        ]
    )
    return table


def _table(part: Part, style: dict[str, Any], width: float) -> Any:
    from reportlab.lib.colors import HexColor
    from reportlab.platypus import Paragraph, Table

    head = [Paragraph(to_text(text), style["cell_head"]) for text in part.head]
    rows = [[Paragraph(to_text(text), style["cell"]) for text in row] for row in part.rows]
    table = Table([head, *rows], colWidths=_widths(part, width), repeatRows=1, hAlign="LEFT")
    table.setStyle(
        [
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("LINEBELOW", (0, 0), (-1, -1), 0.5, HexColor(HAIR)),
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 8),
            ("TOPPADDING", (0, 0), (-1, -1), 2.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 3.5),
        ]
    )
    return table


def _widths(part: Part, width: float) -> list[float]:
    """Return widths of columns: short ones get what they want, long ones share the rest."""
    from reportlab.pdfbase import pdfmetrics

    wanted = []
    for column in range(len(part.head)):
        texts = [part.head[column], *(row[column] for row in part.rows)]
        longest = max(pdfmetrics.stringWidth(text, FONT, 9) for text in texts)
        wanted.append(longest + 10)
    found, left = [0.0] * len(wanted), width
    for done, column in enumerate(sorted(range(len(wanted)), key=wanted.__getitem__)):
        found[column] = min(wanted[column], left / (len(wanted) - done))
        left -= found[column]
    return [each * width / sum(found) for each in found]
