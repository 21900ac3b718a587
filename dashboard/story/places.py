"""Which things of a community the story and the scenarios are about, and who can be sent."""

from __future__ import annotations

from geodata.community import Community

POSTS: dict[str, tuple[str, ...]] = {
    "sos": ("fire_station", "police", "service_centre"),
    "fire_lane": ("fire_station", "police"),
}
"""Kinds of services from which somebody is sent, by scenario; guards at gates may go as well."""


def find_service(community: Community, kind: str) -> str:
    """Return the first service of a kind, or nothing."""
    services = community["services"]
    found = services.loc[services["kind"] == kind, "id"]
    return str(found.iloc[0]) if len(found) else ""


def find_devices_near(community: Community, kind: str, count: int) -> list[str]:
    """Return the devices of a kind that stand nearest to the middle, nearest first."""
    devices = community["devices"]
    found = devices[devices["kind"] == kind]
    lon, lat = community.centre
    far = (found.geometry.x - lon) ** 2 + (found.geometry.y - lat) ** 2
    return [str(id_) for id_ in found.loc[far.sort_values().index[:count], "id"]]


def find_sos(community: Community) -> str:
    """Return the pole of the story, or nothing."""
    return next(iter(find_devices_near(community, "sos_pole", 1)), "")


def find_gate(community: Community) -> str:
    """Return the gate nearest to the middle, of those without plate cameras if any; or nothing."""
    gates = community["gates"]
    if gates.empty:
        return ""
    quiet = gates[~gates["id"].isin(community["plate_cameras"]["gate_id"].dropna())]
    gates = gates if quiet.empty else quiet
    lon, lat = community.centre
    far = (gates.geometry.x - lon) ** 2 + (gates.geometry.y - lat) ** 2
    return str(gates.loc[far.idxmin(), "id"])


def find_busy_gate(community: Community) -> str:
    """Return the gate with the most plate cameras, or nothing."""
    gates = community["plate_cameras"]["gate_id"].dropna()
    return str(gates.value_counts().idxmax()) if len(gates) else ""


def posts_of(community: Community, scenario: str) -> list[tuple[str, tuple[float, float]]]:
    """Return who could be sent: a kind of service, or `guard` for a gate, and where they wait."""
    services = community["services"]
    found: list[tuple[str, tuple[float, float]]] = []
    for kind, point in zip(services["kind"], services.geometry, strict=True):
        if kind in POSTS[scenario]:
            spot = point.representative_point()
            found.append((str(kind), (float(spot.x), float(spot.y))))
    for point in community["gates"].geometry:
        spot = point.representative_point()
        found.append(("guard", (float(spot.x), float(spot.y))))
    return found
