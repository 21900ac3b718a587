"""What was chosen, as its panel: one builder a kind of thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dashboard.access.reveal import may_reveal
from dashboard.access.scope import is_within
from dashboard.access.viewer import current_viewer
from dashboard.chain import find_row
from dashboard.detail import build_detail, build_missing
from dashboard.detail_floor import build_floor, floor_bars
from dashboard.dwellings import describe_floors, may_see_dwellings
from dashboard.features import FeatureNotFoundError, describe_feature, describe_vehicle
from dashboard.incident_panel import build_incident
from dashboard.incidents_api import describe
from dashboard.reveal_panel import build_question, build_watermark
from dashboard.words import Words, load_words
from dashboard.world import World
from live.incidents.errors import MissingError


@dataclass(frozen=True)
class Picked:
    """What a page says was chosen; nothing in it is to be trusted.

    Attributes:
        layer: Layer id.
        id: Id within the layer.
        words: The page's language.
        api: URL prefix of its world; whatever is not the house's own is the visitors'.
        page: Name of the page.
        day: The day whose past is shown, or None.
    """

    layer: str
    id: str
    words: Words
    api: str = ""
    page: str = ""
    day: str | None = None

    @classmethod
    def read(cls, data: dict[str, Any]) -> Picked:
        """Return what the browser's store says."""
        return cls(
            str(data.get("layer")),
            str(data.get("id")),
            load_words(str(data.get("lang"))),
            "/demo" if data.get("api") else "",
            str(data.get("page") or ""),
            str(data["day"]) if data.get("day") else None,
        )

    @property
    def by_manager(self) -> bool:
        """Whether the managers' own page asks."""
        return self.page == "manage" and self.api == ""


def _dwellings(world: World, picked: Picked, building: str) -> list[Any]:
    """Return what is put below the floors: the question for what flats are, or the mark over it."""
    viewer = current_viewer()
    if not (picked.by_manager and may_reveal(viewer)):
        return []
    if world.reveals.until(viewer, "buildings", building) is not None:
        now = world.twin.clock().astimezone(world.timezone)
        return [build_watermark(f"{viewer.name} {now:%Y-%m-%d %H:%M}")]
    if may_see_dwellings(world, building):
        return []
    return [build_question(picked.words, "buildings", building)]


def build_panel(world: World, picked: Picked) -> Any:
    """Return the panel of what was chosen in a world; blocking, as it reads the store."""
    words = picked.words
    try:
        if picked.layer == "floors":
            building = picked.id.partition("/")[0]
            facts = describe_floors(world, building, detail=picked.by_manager)
            panel = build_floor(words, facts, picked.id)
            if panel is None:
                return build_missing(words)
            panel.children.extend(_dwellings(world, picked, building))
            return panel
        if picked.layer == "incidents":
            return _incident(world, picked)
        if picked.layer == "vehicles":
            if not is_within(world.twin, "vehicles", picked.id):
                return build_missing(words)
            plate = world.vehicles.find(picked.id)
            feature = describe_vehicle(world.twin, picked.id, plate)
            if may_reveal(current_viewer()):
                extra = [build_question(words, "vehicles", picked.id)]
                return build_detail(words, feature, api=picked.api, day=picked.day, more=extra)
        else:
            feature = describe_feature(world.twin, picked.layer, picked.id)
        more = []
        if picked.layer == "buildings":
            facts = describe_floors(world, picked.id)
            more = [floor_bars(words, facts)] if len(facts["floors"]) > 1 else []
        return build_detail(words, feature, api=picked.api, day=picked.day, more=more)
    except (FeatureNotFoundError, KeyError, MissingError):
        return build_missing(words)


def _incident(world: World, picked: Picked) -> Any:
    """Return the panel of an incident; names and notes for staff on their own pages alone."""
    trusted = picked.page in ("manage", "office-incidents") and current_viewer().is_staff
    told = describe(world, picked.id, trusted=trusted and picked.api == "")
    layer, key = (told["l"], told["i"]) if told["l"] else tuple(told["a"] or ("", ""))
    row = find_row(world.community, layer, key) if layer else None
    place = picked.words("incidents.somewhere") if row is None else str(row["name"] or key)
    names = {"chain": world.community.name_in(picked.words.language), "place": place}
    if world.simulated:
        names["simulated"] = "yes"
    for cause in told["causes"]:
        found = find_row(world.community, cause["layer"], cause["id"]) if "id" in cause else None
        if found is not None:
            names[f"{cause['layer']}.{cause['id']}"] = str(found["name"] or cause["id"])
    names["desk"] = "yes" if picked.page == "office-incidents" else ""
    return build_incident(picked.words, told, names, world.timezone)
