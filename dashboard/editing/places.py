"""Services and the counts of buildings: laid over the community's file, which stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import geopandas as gpd
import pandas as pd

from dashboard.editing.fields import Fault, FaultsError, Field, Here
from dashboard.editing.topic import Item, Topic
from geodata.schema import SERVICE_KINDS, SUPPLIER_KINDS
from live.edits.book import Present

MOST_PLACES = 100_000

SERVICE_FIELDS = (
    Field("name", required=True, most=60),
    Field("kind", "choice", required=True, values=SERVICE_KINDS, words="kind"),
    Field("supplier", most=80),
    Field("supplier_kind", "choice", values=SUPPLIER_KINDS, words="supplier_kind"),
    Field("hours", "hours", most=200),
    Field("capacity", "int", least=0, most=MOST_PLACES),
    Field("phone", "phone", most=40),
    Field("closed_until", "moment"),
)
HOME_FIELDS = tuple(
    Field(name, "int", least=0, most=MOST_PLACES)
    for name in ("households", "residents", "residents_60plus", "residents_under15")
)


class _OfLayer(Topic):
    """Rows of a layer of the community, some of whose columns are edited."""

    layer = ""
    columns: tuple[Field, ...] = ()

    def __init__(self, world: Any) -> None:
        super().__init__(world)
        self.frame = world.community[self.layer]
        self.fields = {one.name: one for one in self.columns}

    def items(self) -> dict[str, Item]:
        """Return the rows of the file; their names as they are edited."""
        names = self.world.community[self.layer]["name"]
        found = {}
        for row, name in zip(_records(self.frame), names, strict=True):
            key = str(row["id"])
            shown = key if pd.isna(name) else str(name)
            base = {one: row.get(one) for one in self.fields}
            found[key] = Item(key, shown, base, self.fields, self.group_of(row), self.about(row))
        return found

    def group_of(self, row: dict[str, Any]) -> str:
        """Return what a row is listed under."""
        return ""

    def about(self, row: dict[str, Any]) -> dict[str, Any]:
        """Return what a list shows besides."""
        return {"building_id": row.get("building_id")} if row.get("building_id") else {}

    def apply(self, present: Present) -> None:
        """Put another frame in the place of the file's, and let all who read it read again."""
        self.world.community.frames[self.layer] = lay_over(self.frame, present, self.fields)
        for kept in ("search_index", "areas"):
            self.world.__dict__.pop(kept, None)


class Services(_OfLayer):
    """Services: name, kind, supplier, hours, places, telephone, closed until."""

    name = layer = "services"
    columns = SERVICE_FIELDS

    def __init__(self, world: Any) -> None:
        super().__init__(world)
        self._ends: list[float] = []

    def apply(self, present: Present) -> None:
        """See `_OfLayer`; besides, what is closed is closed on every screen."""
        super().apply(present)
        world = self.world
        world.layers.refresh("services", "labels")
        world.twin.incidents.response.reread("services")
        now = world.twin.clock().timestamp()
        until = {
            key: end
            for key, fields in present.items()
            if (end := _epoch(fields.get("closed_until"))) is not None and end > now
        }
        self._ends = sorted(until.values())
        with world.twin.lock:
            world.twin.state.shut_services(until)

    def is_due(self) -> bool:
        """Say whether one opens again."""
        return bool(self._ends) and self._ends[0] <= self.world.twin.clock().timestamp()


class Homes(_OfLayer):
    """Counts of homes and people by building."""

    name, layer = "homes", "buildings"
    columns = HOME_FIELDS
    secret = frozenset({"residents", "residents_60plus", "residents_under15"})

    def check(self, item: Item, values: dict[str, Any], here: Here) -> None:
        """Refuse more old or young people than people.

        Raises:
            FaultsError: There are.
        """
        whole = values.get("residents")
        parts = [values.get("residents_60plus"), values.get("residents_under15")]
        if whole is None:
            return
        for name, part in zip(("residents_60plus", "residents_under15"), parts, strict=True):
            if part is not None and part > whole:
                raise FaultsError([Fault(name, "crosses", {"got": part, "limit": whole})])
        if None not in parts and sum(parts) > whole:  # type: ignore[arg-type]
            told = {"got": sum(parts), "limit": whole}  # type: ignore[arg-type]
            raise FaultsError([Fault("residents", "crosses", told)])


def lay_over(frame: gpd.GeoDataFrame, present: Present, fields: Iterable[str]) -> gpd.GeoDataFrame:
    """Return a frame with edited values in their places; the frame itself stays as it is."""
    edited = {name: {} for name in fields}  # type: dict[str, dict[str, Any]]
    for key, values in present.items():
        for name, value in values.items():
            if name in edited:
                edited[name][key] = value
    laid = frame.copy()
    ids = frame["id"].astype(str)
    for name, values in edited.items():
        if not values:
            continue
        if name not in laid:
            laid[name] = pd.Series([None] * len(laid), index=laid.index, dtype="string")
        whole = laid[name].astype("object")
        mine = ids.isin(values)
        whole[mine] = ids[mine].map(values.get)
        laid[name] = whole.where(whole.notna(), pd.NA).astype(laid[name].dtype)
    return laid


def closed_until(row: Any, now: datetime) -> datetime | None:
    """Return until when managers closed a service, None where they did not."""
    end = _epoch(row.get("closed_until"))
    if end is None or end <= now.timestamp():
        return None
    return datetime.fromtimestamp(end, now.tzinfo)


def _epoch(text: Any) -> float | None:
    if not isinstance(text, str) or not text:
        return None
    return datetime.fromisoformat(text).timestamp()


def _records(frame: gpd.GeoDataFrame) -> list[dict[str, Any]]:
    plain = pd.DataFrame(frame.drop(columns="geometry")).astype("object")
    rows: Any = plain.where(plain.notna(), None).to_dict("records")
    return [
        {key: value.item() if hasattr(value, "item") else value for key, value in row.items()}
        for row in rows
    ]
