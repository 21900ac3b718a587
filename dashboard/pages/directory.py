"""The directory of services (服务目录), as the community's public account groups them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import dcc, html

from dashboard import ids, parts
from dashboard.directory import plain_hours
from dashboard.office import office_page
from dashboard.words import Words

REFRESH_MS = 30_000
GLYPHS = {
    "convenience": "service",
    "parking": "parking",
    "everyone": "people",
    "childcare": "childcare",
}
MARKS = {"open": "open", "closed": "service", "full": "held", "unknown": "offline"}


def layout(words: Words, about: dict[str, Any]) -> html.Main:
    """Return the page; a callback fills in what changes."""
    return office_page(
        words,
        about,
        "directory",
        [
            html.P(words("directory.about"), className="office-about"),
            dcc.Store(id=ids.DIRECTORY_ASKED, data={"lang": words.language, "api": about["api"]}),
            dcc.Interval(id=ids.DIRECTORY_CLOCK, interval=REFRESH_MS),
            html.Div(id=ids.DIRECTORY, className="directory"),
        ],
    )


def build_directory(words: Words, found: dict[str, Any], zone: ZoneInfo) -> list[Any]:
    """Return the groups with their entries.

    Args:
        words: The language.
        found: The object of `GET /api/v1/directory`.
        zone: The place's clock.
    """
    sections: list[Any] = [_group(words, group, zone) for group in found["groups"]]
    at = datetime.fromtimestamp(found["at"], zone)
    source = html.P(words("directory.source", at=f"{at:%H:%M:%S}"), className="note")
    return [*sections, source]


def _group(words: Words, group: dict[str, Any], zone: ZoneInfo) -> html.Section:
    name, entries = group["group"], group["entries"]
    figures = [words("directory.count", n=f"{len(entries):,}")]
    if name == "parking":
        known = [entry["free"] for entry in entries if entry["free"] is not None]
        if known:
            figures.append(words("directory.free", n=f"{sum(known):,}"))
    elif entries:
        opened = sum(entry["state"] in ("open", "full") for entry in entries)
        figures.append(words("directory.open", n=opened))
    return html.Section(
        [
            html.Header(
                [
                    html.I(className="glyph", **parts.data(icon=GLYPHS[name])),
                    html.H3(words(f"directory.group.{name}"), className="card-title"),
                    html.Span(" · ".join(figures), className="muted"),
                ],
                className="directory-head",
            ),
            html.Ul([_entry(words, entry, zone) for entry in entries], className="directory-rows")
            if entries
            else html.P(words("directory.none"), className="note"),
        ],
        className=f"card directory-group directory-{name}",
    )


def _entry(words: Words, entry: dict[str, Any], zone: ZoneInfo) -> html.Li:
    suffix = "" if words.language == "zh" else f"&lang={words.language}"
    parking = entry["layer"] == "parking"
    return html.Li(
        [
            html.Div(
                [
                    dcc.Link(
                        html.Span(entry["name"], **parts.lang_of(entry["name"])),
                        href=f"/manage?at={entry['layer']}/{entry['id']}{suffix}",
                        className="entry-name",
                        title=words("directory.map"),
                    ),
                    None if parking else _about(words, entry),
                    None
                    if parking
                    else html.P(plain_hours(words, entry["hours"]), className="entry-hours"),
                ],
                className="entry-what",
            ),
            html.Div(
                [
                    html.P(
                        [
                            html.I(className=f"mark mark-{MARKS[entry['state']]}"),
                            html.B(words(_state_word(entry))),
                        ],
                        className="entry-state",
                    ),
                    html.P(_room(words, entry), className="entry-room"),
                    html.P(_source(words, entry, zone), className="entry-source"),
                ],
                className="entry-now",
            ),
        ],
        className="entry",
    )


def _state_word(entry: dict[str, Any]) -> str:
    area = "parking" if entry["layer"] == "parking" else "state"
    return f"directory.{area}.{entry['state']}"


def _about(words: Words, entry: dict[str, Any]) -> html.P:
    said: list[Any] = [words(f"kind.{entry['kind']}")]
    if entry["supplier"]:
        said += [" · ", html.Span(entry["supplier"], **parts.lang_of(entry["supplier"]))]
    if entry["supplier_kind"]:
        said += [" · ", words(f"supplier_kind.{entry['supplier_kind']}")]
    if entry["phone"]:
        said += [" · ", entry["phone"]]
    return html.P(said, className="entry-about")


def _room(words: Words, entry: dict[str, Any]) -> str:
    capacity, used, free = entry["capacity"], entry["used"], entry["free"]
    if entry["layer"] == "parking":
        if free is None:
            return words("directory.spaces.of", of=f"{capacity:,}") if capacity else ""
        return words("directory.spaces", n=f"{free:,}", of=f"{capacity:,}" if capacity else "–")
    if capacity is None:
        return ""
    if used is None or entry["state"] in ("closed", "unknown"):
        return words("directory.capacity", n=f"{capacity:,}")
    return words("directory.used", n=used, of=f"{capacity:,}")


def _source(words: Words, entry: dict[str, Any], zone: ZoneInfo) -> list[Any]:
    if entry["by"] is None:
        return [] if entry["layer"] == "parking" else [words("directory.by.none")]
    if entry["by"] == "live":
        ago = html.Span("–", **parts.data(ago=str(entry["t"])))
        return [words("directory.by.live"), " · ", ago]
    if entry["by"] == "manager":
        end = datetime.fromisoformat(entry["closed_until"]).astimezone(zone)
        return [
            words("directory.by.manager"),
            " · ",
            words("directory.until", at=f"{end:%m-%d %H:%M}"),
        ]
    said: list[Any] = [words("directory.by.hours")]
    if entry["changes_at"] is not None:
        at = datetime.fromtimestamp(entry["changes_at"], zone)
        key = "directory.closes" if entry["state"] == "open" else "directory.opens"
        said += [" · ", words(key, at=f"{at:%m-%d %H:%M}")]
    return said
