"""One world: a community with its scene, its kept tables and its live twin.

What compiles, measures or transliterates is imported when it is first asked for, so that a server
is back soon after a restart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import astral
import astral.sun
import pandas as pd

from dashboard.static_layers import StaticLayers
from dashboard.views import ViewBook
from dashboard.words import LANGUAGES, load_words
from geodata.community import Community
from geodata.coverage.hours import Clock
from geodata.schema import METER_KINDS
from layers.catalogue import LAYER_NAMES, THEMES, describe_layers
from layers.scene import Scene
from live.history import PeopleBook, VehicleBook, read_places
from live.reception import Reception
from live.twin import Twin
from live.webhooks.book import Hooks
from live.webhooks.target import Network

if TYPE_CHECKING:
    from dashboard.access.reveal import Reveals
    from dashboard.coverage.desk import CoverageDesk
    from dashboard.doors.desk import Desk
    from dashboard.editing.desk import SettingsDesk
    from dashboard.search.index import SearchIndex
    from live.history.ways import Ways


@dataclass
class World:
    """What one door of the product looks into.

    Attributes:
        community: The fixed twin.
        twin: The changing twin.
        layers: Tables of what does not change.
        simulated: Whether its events are simulated; screens must say so.
        pseudonym_key: Secret that makes pseudonyms; empty for one of the store's own.
        reception: Where messages of devices come in; there once the doors are open.
        desk: What the doors share, likewise; a world without doors of its own has none.
        visitor_limit: How long a visitor's vehicle may stay.
        webhook_networks: Private networks that webhooks may go to.
    """

    community: Community
    twin: Twin
    layers: StaticLayers
    simulated: bool
    pseudonym_key: bytes = field(default=b"", init=False, repr=False)
    reception: Reception | None = field(default=None, init=False)
    desk: Desk | None = field(default=None, init=False, repr=False)
    visitor_limit: timedelta = field(default=timedelta(minutes=180), init=False)
    webhook_networks: tuple[Network, ...] = field(default=(), init=False)

    @property
    def scene(self) -> Scene:
        """The community with its local frame."""
        return self.layers.scene

    @property
    def timezone(self) -> ZoneInfo:
        """The community's own clock."""
        return ZoneInfo(str(self.community.meta.get("timezone") or "Asia/Shanghai"))

    @cached_property
    def hooks(self) -> Hooks:
        """Who hears of the steps of incidents and orders outside."""
        return Hooks(self.twin.store, self.webhook_networks, self.twin.clock)

    @cached_property
    def people(self) -> PeopleBook:
        """The one source of counts of people."""
        return PeopleBook(self.twin.store, read_places(self.community), self.pseudonym_key)

    @cached_property
    def views(self) -> ViewBook:
        """What people saved to come back to."""
        return ViewBook(self.twin.store, self.twin.clock)

    @cached_property
    def edits(self) -> SettingsDesk:
        """What managers edited; asked first before anything is edited, as it keeps what was."""
        from dashboard.editing.desk import SettingsDesk

        return SettingsDesk(self)

    @cached_property
    def hours(self) -> Clock:
        """Reads opening hours at this place."""
        return Clock(str(self.timezone), self.community.centre)

    @cached_property
    def vehicles(self) -> VehicleBook:
        """Finds vehicles by their opaque key."""
        return VehicleBook(self.twin.store, self.pseudonym_key)

    @cached_property
    def reveals(self) -> Reveals:
        """What is shown in clear to whom at present."""
        from dashboard.access.reveal import Reveals  # it needs the doors, which need worlds

        return Reveals(self.twin.store, self.twin.clock)

    @cached_property
    def coverage(self) -> CoverageDesk:
        """Who is served now; reads the ways when it is first asked."""
        from dashboard.coverage.desk import CoverageDesk

        return CoverageDesk(self)

    @cached_property
    def ways(self) -> Ways:
        """Ways on foot between gates and buildings; takes a moment to find."""
        from live.history.ways import Ways

        return Ways(self.community)

    def describe(self) -> dict[str, Any]:
        """Return what a browser needs to start: `GET /api/v1/community`."""
        meta = self.community.meta
        frame = self.scene.frame
        tables = {name: self.layers.get(name).etag for name in LAYER_NAMES if name != "ground"}
        return {
            "name": self.community.name,
            "name_en": self.community.name_in("en"),
            "timezone": str(self.timezone),
            "illustrative": bool(meta.get("illustrative")),
            "simulated": self.simulated,
            "source": meta.get("source"),
            "origin": [frame.lon, frame.lat],
            "outline": self.scene.outline_m,
            "extent": [round(v, 2) for v in self.scene.extent_m],
            "counts": self.counts,
            "residents": _number(meta.get("residents")),
            "households": _number(meta.get("households")),
            "heights": self.height_sources,
            "tables": tables,
            "ground": {theme: self.layers.get("ground", theme).etag for theme in THEMES},
            "areas": self.scene.areas_m,
            "layers": describe_layers(),
        }

    @property
    def counts(self) -> dict[str, int]:
        """Features by layer, of the layers that have any; meters in flats apart from devices."""
        counts = {name: len(gdf) for name, gdf in self.community.frames.items() if len(gdf)}
        inside = int(self.community["devices"]["kind"].isin(METER_KINDS).sum())
        if inside:
            counts["devices"] -= inside
            counts["meters"] = inside
        return counts

    @cached_property
    def search_index(self) -> SearchIndex:
        """What can be found in the community by name, address or id."""
        from dashboard.search.sources import build_index

        catalogues = [load_words(language).entries for language in LANGUAGES]
        kinds = {key for words in catalogues for key in words if key.startswith("kind.")}
        return build_index(
            self.community,
            {key[5:]: tuple(w[key] for w in catalogues if key in w) for key in kinds},
        )

    @cached_property
    def areas(self) -> list[dict[str, Any]]:
        """Grids, or else compounds: `layer`, `id`, `name`, `buildings`, `households` or None."""
        links = {"grids": "grid_id", "compounds": "compound_id"}
        layer = next((name for name in links if len(self.community[name])), None)
        if layer is None:
            return []
        by = self.community["buildings"].groupby(links[layer])["households"]
        size, homes = by.size(), by.sum(min_count=1)
        return [
            {
                "layer": layer,
                "id": str(key),
                "name": str(key if pd.isna(name) else name),
                "buildings": int(size.get(key, 0)),
                "households": None if pd.isna(homes.get(key)) else int(homes[key]),
            }
            for key, name in zip(
                self.community[layer]["id"], self.community[layer]["name"], strict=True
            )
        ]

    @property
    def height_sources(self) -> dict[str, int]:
        """Buildings by where their height comes from."""
        counts = self.community["buildings"]["height_source"].value_counts()
        return {str(source): int(count) for source, count in counts.items()}

    def sun(self, at: datetime) -> dict[str, float]:
        """Return the sun's azimuth (from north, clockwise) and altitude in degrees.

        Source: the NOAA solar calculator's equations, by astral.
        """
        lon, lat = self.community.centre
        observer = astral.Observer(lat, lon)
        return {
            "azimuth": round(astral.sun.azimuth(observer, at), 2),
            "altitude": round(astral.sun.elevation(observer, at), 2),
        }


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, int | float) else None
