"""pydeck layers without data, guarded against misspelt properties."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pydeck as pdk

KNOWN_PROPS: dict[str, frozenset[str]] = {
    "SolidPolygonLayer": frozenset({"extruded", "position_format", "_normalize", "filled"}),
    "BitmapLayer": frozenset({"bounds", "image"}),
    "PathLayer": frozenset(
        {"width_units", "width_min_pixels", "joint_rounded", "cap_rounded", "position_format"}
    ),
    "ScatterplotLayer": frozenset(
        {"radius_units", "radius_min_pixels", "radius_max_pixels", "billboard", "stroked"}
    ),
    "SimpleMeshLayer": frozenset({"size_scale"}),
}
COMMON_PROPS = frozenset({"pickable", "visible", "opacity", "auto_highlight"})


def layer_spec(kind: str, layer_id: str, **props: Any) -> pdk.Layer:
    """Return a pydeck layer whose data the browser fills in from `/api/v1/layers/{layer_id}`.

    pydeck itself takes any keyword and ships it, so a slip of the pen would be drawn as a default.

    Raises:
        TypeError: A property that this kind of layer does not have.
    """
    import pydeck as pdk  # slow to load, and asked for once

    known = KNOWN_PROPS[kind] | COMMON_PROPS
    for name in props:
        if name not in known:
            close = difflib.get_close_matches(name, known, 1)
            hint = f"; did you mean {close[0]!r}?" if close else ""
            raise TypeError(f"{kind} {layer_id!r} has no property {name!r}{hint}")
    # pydeck reads plain strings as expressions
    quoted = {k: pdk.types.String(v) if isinstance(v, str) else v for k, v in props.items()}
    return pdk.Layer(kind, id=layer_id, data=f"@@#GEO.{layer_id}", **quoted)
