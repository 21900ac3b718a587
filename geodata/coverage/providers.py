"""What serves people on foot: services, and the devices that one walks to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

if TYPE_CHECKING:
    from geodata.community import Community

WALKED_DEVICES = ("sos_pole", "waste_bin", "charging_pile", "mailbox")
"""Kinds of devices that people walk to: their reach is measured as a service's is."""


@dataclass(frozen=True)
class Provider:
    """One provider.

    Attributes:
        id: Its id in `services` or `devices`.
        kind: Kind of service or device.
        lon: Degrees.
        lat: Degrees.
        name: For people.
        capacity: Places at a time; None where it says nothing, and for devices.
        hours: OSM opening_hours; None where unknown, and for devices.
        supplier_kind: Who runs it.
        layer: "services" or "devices".
    """

    id: str
    kind: str
    lon: float
    lat: float
    name: str | None = None
    capacity: float | None = None
    hours: str | None = None
    supplier_kind: str | None = None
    layer: str = "services"

    @property
    def supply(self) -> float:
        """Return the places it gives on paper; 0 where that is not known."""
        return float(self.capacity or 0)


def read_providers(community: Community) -> list[Provider]:
    """Return the services of a community, and the devices that people walk to."""
    found = []
    for layer in ("services", "devices"):
        gdf = community[layer]
        if layer == "devices":
            gdf = gdf[gdf["kind"].isin(WALKED_DEVICES).to_numpy(bool)]
        spots = shapely.get_coordinates(gdf.geometry.to_numpy())
        for row, (lon, lat) in zip(gdf.to_dict("records"), spots, strict=True):
            found.append(
                Provider(
                    str(row["id"]),
                    str(row["kind"]),
                    float(lon),
                    float(lat),
                    _known(row.get("name")),
                    _known(row.get("capacity")),
                    _known(row.get("hours")),
                    _known(row.get("supplier_kind")),
                    layer,
                )
            )
    return found


def supplies(providers: list[Provider]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Return the places that providers give on paper, (providers,)."""
    return np.array([provider.supply for provider in providers], float)


def _known(value: Any) -> Any:
    return None if value is None or pd.isna(value) else value
