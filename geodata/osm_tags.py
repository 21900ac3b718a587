"""What OpenStreetMap tags mean here: the layers a feature belongs to, and its columns there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Tags = Mapping[str, str]
Found = list[tuple[str, dict[str, Any]]]

KEYS = (
    *("building", "building:part", "highway", "entrance", "barrier", "man_made", "amenity", "shop"),
    *("healthcare", "social_facility", "leisure", "landuse", "natural", "waterway", "office"),
    *("emergency", "craft", "tourism", "sport"),
)
"""Keys that decide; a table with columns of these names is read by its tags."""

_GREEN = {
    "landuse": {"grass", "forest", "meadow", "recreation_ground", "village_green", "flowerbed",
                "orchard", "allotments", "greenery"},
    "leisure": {"park", "garden", "nature_reserve", "dog_park"},
    "natural": {"wood", "scrub", "grassland", "heath", "shrubbery"},
}  # fmt: skip
_NOT_ROADS = {
    *("construction", "proposed", "platform", "raceway", "elevator", "bus_stop", "rest_area"),
    *("services", "abandoned", "razed", "disused", "planned", "crossing", "street_lamp"),
}
_GATES = {
    "gate": "both", "lift_gate": "vehicle", "swing_gate": "vehicle", "sliding_gate": "vehicle",
    "turnstile": "pedestrian", "full-height_turnstile": "pedestrian", "kissing_gate": "pedestrian",
    "wicket_gate": "pedestrian", "sally_port": "both", "hampshire_gate": "both",
}  # fmt: skip

_SERVICES: dict[str, dict[str, str]] = {
    "amenity": {
        "community_centre": "service_centre", "townhall": "service_centre",
        "nursing_home": "elderly_care", "kindergarten": "kindergarten", "school": "school",
        "childcare": "childcare", "clinic": "health_station", "doctors": "health_station",
        "hospital": "health_station", "dentist": "health_station", "pharmacy": "pharmacy",
        "fire_station": "fire_station", "police": "police", "library": "culture",
        "arts_centre": "culture", "theatre": "culture", "cinema": "culture",
        "public_bookcase": "culture", "marketplace": "market", "toilets": "toilet",
        "post_office": "convenience", "bank": "convenience", "parcel_locker": "convenience",
        "atm": "other", "college": "school", "university": "school", "music_school": "school",
        "language_school": "school", "restaurant": "other", "cafe": "other", "fast_food": "other",
        "bar": "other", "pub": "other", "ice_cream": "other", "food_court": "canteen",
        "canteen": "canteen", "social_centre": "service_centre", "veterinary": "other",
        "place_of_worship": "other", "bicycle_rental": "other", "car_sharing": "other",
        "car_rental": "other", "fuel": "other", "courthouse": "other", "embassy": "other",
        "nightclub": "other", "studio": "other", "events_venue": "culture",
        "exhibition_centre": "culture", "internet_cafe": "other", "driving_school": "other",
        "conference_centre": "other", "bureau_de_change": "convenience", "casino": "other",
    },
    "healthcare": {"pharmacy": "pharmacy"},
    "leisure": {
        "sports_centre": "sports", "fitness_centre": "sports", "fitness_station": "sports",
        "pitch": "sports", "playground": "sports", "stadium": "sports", "swimming_pool": "sports",
        "ice_rink": "sports", "sports_hall": "sports", "dance": "sports", "sauna": "sports",
        "track": "sports",
    },
    "shop": {
        "convenience": "shop", "hairdresser": "convenience", "laundry": "convenience",
        "dry_cleaning": "convenience", "tailor": "convenience", "locksmith": "convenience",
        "shoe_repair": "convenience", "chemist": "pharmacy", "greengrocer": "market",
    },
    "social_facility": {
        "nursing_home": "elderly_care", "assisted_living": "elderly_care",
        "day_care": "elderly_care", "food_bank": "canteen", "soup_kitchen": "canteen",
    },
    "tourism": {"museum": "culture", "gallery": "culture"},
}  # fmt: skip
# any value of these keys is a service; what the table above does not know is of this kind
_ANY = {"healthcare": "health_station", "shop": "shop", "social_facility": "other"}
_NO_SHOP = {"no", "vacant", "disused"}

_WIDTHS = {
    "motorway": 15.0, "trunk": 14.0, "primary": 12.0, "secondary": 10.0, "tertiary": 8.0,
    "residential": 6.0, "unclassified": 6.0, "living_street": 5.0, "service": 4.0,
    "pedestrian": 6.0, "track": 3.0, "cycleway": 2.5, "footway": 2.0, "path": 1.5, "steps": 2.0,
    "corridor": 2.0, "bridleway": 2.0, "road": 6.0,
}  # fmt: skip
_NO_FOOT = {"motorway", "motorway_link", "cycleway", "busway", "bus_guideway"}


def to_layers(tags: Tags, shape: str) -> Found:
    """Return the layers of a feature with its columns there; a feature may be in two.

    A school's building with its own outline is both a building and a service. Columns of buildings
    are the raw ones that `geodata.heights.to_heights` reads.

    Args:
        tags: Its tags.
        shape: "point", "line" or "area".

    Example:
        >>> to_layers({"building": "yes", "building:levels": "6"}, "area")[0][0]
        'buildings'
    """
    found: Found = []
    if shape == "area":
        found += _to_areas(tags)
    elif shape == "line":
        return _to_roads(tags)
    else:
        found += _to_points(tags)
    service = _to_service(tags)
    if service:
        columns = {"kind": service, "hours": tags.get("opening_hours")}
        columns |= {"supplier": tags.get("operator"), "capacity": tags.get("capacity")}
        found.append(("services", columns))
    if tags.get("amenity") == "parking":
        columns = {"kind": tags.get("parking"), "capacity": tags.get("capacity")}
        found.append(("parking", columns))
    return [(layer, {"name": to_name(tags), **columns}) for layer, columns in found]


def to_name(tags: Tags) -> str | None:
    """Return the name, Chinese where there is one."""
    return tags.get("name:zh") or tags.get("name") or tags.get("addr:housename")


def _to_areas(tags: Tags) -> Found:
    building, part = tags.get("building"), tags.get("building:part")
    found: Found = []
    if building and building != "no":
        found.append(("buildings", _to_building(tags, building)))
    if part and part != "no":
        # with both tags the outline is one of its own parts
        found.append(("building_parts", _to_building(tags, part)))
    if found:
        return found
    if tags.get("natural") == "water" or tags.get("waterway") in ("riverbank", "dock"):
        return [("water", {"kind": tags.get("water") or tags.get("waterway") or "water"})]
    if tags.get("landuse") in ("reservoir", "basin"):
        return [("water", {"kind": tags["landuse"]})]
    for key, values in _GREEN.items():
        if tags.get(key) in values:
            return [("green", {"kind": tags[key]})]
    return []


def _to_building(tags: Tags, use: str) -> dict[str, Any]:
    if use == "yes":
        use = tags.get("building:use") or tags.get("amenity") or tags.get("shop") or "yes"
    street, number = tags.get("addr:street"), tags.get("addr:housenumber")
    parts = [part for part in (street, number) if part]
    return {
        "use": use,
        "height": tags.get("height") or tags.get("building:height"),
        "storeys": tags.get("building:levels"),
        "base": tags.get("min_height") or tags.get("building:min_height"),
        "min_level": tags.get("building:min_level"),
        "households": tags.get("building:flats"),
        "year": tags.get("start_date"),
        "address": tags.get("addr:full") or " ".join(parts) or None,
    }


def _to_points(tags: Tags) -> Found:
    found: Found = []
    entrance = tags.get("entrance") or tags.get("building")
    if tags.get("entrance") not in (None, "no") or entrance == "entrance":
        found.append(("entrances", {"unit": tags.get("addr:unit") or tags.get("ref")}))
    if tags.get("barrier") in _GATES:
        hours = tags.get("opening_hours")
        found.append(("gates", {"access": _GATES[tags["barrier"]], "hours": hours}))
    if tags.get("man_made") == "surveillance":
        bearing = tags.get("camera:direction") or tags.get("direction")
        if tags.get("surveillance:type") == "ALPR":
            found.append(("plate_cameras", {"bearing_deg": bearing}))
        else:
            found.append(("devices", {"kind": "camera", "bearing_deg": bearing}))
    return found


def _to_service(tags: Tags) -> str | None:
    for key, kinds in _SERVICES.items():
        if tags.get(key) in kinds:
            return kinds[tags[key]]
    for key, kind in _ANY.items():
        if tags.get(key) and tags[key] not in _NO_SHOP:
            return kind
    return None


def _to_roads(tags: Tags) -> Found:
    kind = tags.get("highway")
    if not kind or kind in _NOT_ROADS:
        return []
    columns = {
        "name": to_name(tags),
        "kind": kind,
        "width_m": tags.get("width"),
        "foot": is_walkable(tags),
        "steps": kind == "steps",
    }
    return [("roads", columns)]


def is_walkable(tags: Tags) -> bool:
    """Return whether people may walk there: by `foot`, else by access and class."""
    foot = tags.get("foot")
    if foot:
        return foot not in ("no", "private", "use_sidepath")
    if tags.get("access") in ("no", "private"):
        return False
    return tags.get("highway") not in _NO_FOOT


def assumed_width(kind: str | None) -> float:
    """Return a usual width of a class of road, metres."""
    return _WIDTHS.get(str(kind).removesuffix("_link"), 4.0)
