"""The ground: streets, green, water, ambient occlusion, shadows and lamplight baked into pictures.

Baked once for a community and theme, so that shadows cost nothing at run time (design language,
section 6). Two pictures: `inner`, the community with a margin; `outer`, what surrounds it.
"""

from __future__ import annotations

import io
import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from layers.columns import ColumnTable
from layers.context import FOG_FULL_M
from layers.scene import Scene, floats, texts

MARGIN_M = 120.0
OUTER_MARGIN_M = FOG_FULL_M + 160.0
INNER_PX = 4096
OUTER_PX = 2048
LARGEST_M = 6000.0
Image.MAX_IMAGE_PIXELS = None

MAIN_KINDS = frozenset({"motorway", "trunk", "primary", "secondary", "tertiary"})
LAMP_SPACING_M = 27.0


@dataclass(frozen=True)
class GroundStyle:
    """Colours (RGB 0..255) and strengths of one theme."""

    bg: tuple[int, int, int]
    soil: tuple[int, int, int]
    road: tuple[int, int, int]
    lane: tuple[int, int, int]
    path: tuple[int, int, int]
    green: tuple[int, int, int]
    water: tuple[int, int, int]
    parking: tuple[int, int, int]
    line: tuple[int, int, int]
    shadow: float
    occlusion: float
    lamps: float
    moon: tuple[float, float] | None
    """Azimuth and altitude, degrees, of a key light that never moves; None where the sun rules."""


STYLES: dict[str, GroundStyle] = {
    "dark": GroundStyle(
        bg=(9, 13, 18),
        soil=(27, 32, 40),
        road=(52, 56, 62),
        lane=(45, 50, 57),
        path=(39, 45, 52),
        green=(20, 46, 37),
        water=(9, 42, 56),
        parking=(38, 43, 50),
        line=(72, 78, 86),
        shadow=0.40,
        occlusion=0.42,
        lamps=0.55,
        moon=(242.0, 49.0),
    ),
    "day": GroundStyle(
        bg=(232, 237, 241),
        soil=(221, 224, 226),
        road=(240, 241, 241),
        lane=(236, 238, 238),
        path=(231, 233, 233),
        green=(186, 212, 183),
        water=(158, 201, 216),
        parking=(228, 230, 231),
        line=(252, 252, 252),
        shadow=0.34,
        occlusion=0.30,
        lamps=0.0,
        moon=None,
    ),
}


@dataclass(frozen=True)
class Sheet:
    """A square picture of the ground: its edges in metres and its size in pixels."""

    west: float
    south: float
    side_m: float
    px: int

    @property
    def scale(self) -> float:
        """Pixels a metre."""
        return self.px / self.side_m

    def pixels(self, coords: npt.NDArray[np.float64]) -> list[tuple[float, float]]:
        """Return pixel positions, y down, of metres (n, 2)."""
        x = (coords[:, 0] - self.west) * self.scale
        y = self.px - (coords[:, 1] - self.south) * self.scale
        return list(zip(x.tolist(), y.tolist(), strict=True))


def sheets(scene: Scene) -> dict[str, Sheet]:
    """Return the inner and outer sheet of a community; both are square."""
    west, south, east, north = scene.extent_m
    side = max(east - west, north - south)
    result = {}
    for name, margin, px in (
        ("outer", OUTER_MARGIN_M, OUTER_PX),
        ("inner", MARGIN_M, INNER_PX),
    ):
        full = side + 2 * margin
        if name == "inner" and full > LARGEST_M:
            continue  # the outer sheet is as fine as it gets
        middle_x, middle_y = (west + east) / 2, (south + north) / 2
        result[name] = Sheet(middle_x - full / 2, middle_y - full / 2, full, px)
    return result


def bake(scene: Scene, theme: str, sheet: Sheet) -> Image.Image:
    """Return the picture of one sheet; what is far from the community melts into the background.

    Args:
        scene: The community.
        theme: A key of `STYLES`.
        sheet: What the picture covers.
    """
    style = STYLES[theme]
    community = scene.community
    image = Image.new("RGB", (sheet.px, sheet.px), style.soil)
    draw = ImageDraw.Draw(image)
    for layer, colour in (("green", style.green), ("water", style.water)):
        _fill(draw, sheet, scene.to_metres(community[layer].geometry.to_numpy()), colour)
    parking = community["parking"].geometry
    areas = parking[parking.geom_type == "Polygon"].to_numpy()
    _fill(draw, sheet, scene.to_metres(areas), style.parking, outline=style.line)
    _roads(draw, sheet, scene, style)

    footprints, heights = blocks(scene, sheet)
    shade = _occlusion(sheet, footprints, heights, style.occlusion)
    if style.moon is not None:
        cast = shadow_mask(sheet, footprints, heights, *style.moon)
        shade = ImageChops.multiply(shade, cast.point(lambda v: int(255 - v * style.shadow)))
    image = ImageChops.multiply(image, Image.merge("RGB", (shade, shade, shade)))
    if style.lamps:
        glow = _lamplight(sheet, scene)
        warm = Image.merge(
            "RGB", [glow.point(lambda v, k=k: int(v * k)) for k in (1.0, 0.66, 0.36)]
        )
        image = ImageChops.add(image, warm.point(lambda v: int(v * style.lamps)))
    background = Image.new("RGB", image.size, style.bg)
    return Image.composite(image, background, _fade_mask(sheet, scene))


def blocks(scene: Scene, sheet: Sheet) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.float64]]:
    """Return footprints in metres and heights of all that stands on or near a sheet."""
    names = ("buildings", "context")
    community = scene.community
    shapes = np.concatenate([scene.to_metres(community[n].geometry.to_numpy()) for n in names])
    heights = np.concatenate([floats(community[n]["height_m"], 6.0) for n in names])
    west, south, east, north = shapely.bounds(shapes).T if len(shapes) else np.zeros((4, 0))
    reach = 150.0
    keep = (
        (east > sheet.west - reach)
        & (west < sheet.west + sheet.side_m + reach)
        & (north > sheet.south - reach)
        & (south < sheet.south + sheet.side_m + reach)
    )
    return shapes[keep], heights[keep]


def _fill(
    draw: ImageDraw.ImageDraw,
    sheet: Sheet,
    shapes: npt.NDArray[np.object_],
    colour: tuple[int, int, int] | int,
    outline: tuple[int, int, int] | None = None,
) -> None:
    for polygon in shapely.get_parts(shapes):
        if polygon.geom_type != "Polygon" or polygon.is_empty:
            continue
        ring = sheet.pixels(np.asarray(polygon.exterior.coords)[:, :2])
        draw.polygon(ring, fill=colour, outline=outline, width=max(1, round(0.25 * sheet.scale)))


def _roads(draw: ImageDraw.ImageDraw, sheet: Sheet, scene: Scene, style: GroundStyle) -> None:
    gdf = scene.community["roads"]
    kinds = texts(gdf["kind"])
    widths = floats(gdf["width_m"], 4.0)
    lines = scene.to_metres(gdf.geometry.to_numpy())
    order = np.argsort(widths, kind="stable")
    for i in order:
        colour = (
            style.path if widths[i] < 3 else style.road if kinds[i] in MAIN_KINDS else style.lane
        )
        points = sheet.pixels(shapely.get_coordinates(lines[i]))
        width = max(1, round(widths[i] * sheet.scale))
        draw.line(points, fill=colour, width=width, joint="curve")
        radius = width / 2
        for x, y in (points[0], points[-1]):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
    if sheet.scale < 2:
        return
    for i in order:
        if kinds[i] in MAIN_KINDS and widths[i] >= 9:
            for start in np.arange(0, lines[i].length, 9.0):
                dash = shapely.ops.substring(lines[i], start, start + 4.0)
                if dash.geom_type == "LineString":
                    draw.line(
                        sheet.pixels(shapely.get_coordinates(dash)),
                        fill=style.line,
                        width=max(1, round(0.18 * sheet.scale)),
                    )


def _blurred(mask: Image.Image, sheet: Sheet, metres: float) -> Image.Image:
    """Return a mask blurred by a radius in metres, worked out at a size where that is cheap."""
    small = max(1, int(metres * sheet.scale / 3))
    size = (max(1, mask.width // small), max(1, mask.height // small))
    reduced = mask.resize(size, Image.Resampling.BOX)
    reduced = reduced.filter(ImageFilter.GaussianBlur(metres * sheet.scale / small))
    return reduced.resize(mask.size, Image.Resampling.BICUBIC)


def _occlusion(
    sheet: Sheet,
    shapes: npt.NDArray[np.object_],
    heights: npt.NDArray[np.float64],
    strength: float,
) -> Image.Image:
    """Return how much sky light the ground keeps, 0..255: darker between and under tall walls."""
    mask = Image.new("L", (sheet.px, sheet.px), 0)
    draw = ImageDraw.Draw(mask)
    for shape, height in zip(shapes, heights, strict=True):
        _fill(draw, sheet, np.array([shape]), int(min(255, 120 + height * 5)))
    near = _blurred(mask, sheet, 2.4)
    far = _blurred(mask, sheet, 9.0)
    both = ImageChops.add(near, far, scale=2.0)
    return both.point(lambda v: int(255 * (1 - strength * min(1.0, v / 200))))


def shadow_mask(
    sheet: Sheet,
    shapes: npt.NDArray[np.object_],
    heights: npt.NDArray[np.float64],
    azimuth_deg: float,
    altitude_deg: float,
) -> Image.Image:
    """Return where blocks cast shadow on flat ground, 255 in full shadow, softly edged.

    A block's shadow is its footprint swept by height / tan(altitude) away from the light.

    Args:
        sheet: What the picture covers.
        shapes: Footprints in metres.
        heights: Metres above ground, shape (n,).
        azimuth_deg: Where the light stands, clockwise from north.
        altitude_deg: Its height above the horizon.
    """
    away = math.radians(azimuth_deg + 180)
    reach = 1 / math.tan(math.radians(max(altitude_deg, 6.0)))
    step = np.array([math.sin(away), math.cos(away)]) * reach
    mask = Image.new("L", (sheet.px, sheet.px), 0)
    draw = ImageDraw.Draw(mask)
    for shape, height in zip(shapes, heights, strict=True):
        ring = shapely.get_coordinates(shape.exterior)
        cast = ring + step * min(height, 120.0)
        for i in range(len(ring) - 1):
            quad = np.array([ring[i], ring[i + 1], cast[i + 1], cast[i]])
            draw.polygon(sheet.pixels(quad), fill=255)
        draw.polygon(sheet.pixels(cast), fill=255)
        draw.polygon(sheet.pixels(ring), fill=255)
    return _blurred(mask, sheet, 0.9)


def _lamplight(sheet: Sheet, scene: Scene) -> Image.Image:
    """Return pools of street light, 0..255."""
    gdf = scene.community["roads"]
    mask = Image.new("L", (sheet.px, sheet.px), 0)
    draw = ImageDraw.Draw(mask)
    lines = scene.to_metres(gdf.geometry.to_numpy())
    for line, kind, width in zip(
        lines, texts(gdf["kind"]), floats(gdf["width_m"], 4.0), strict=True
    ):
        if width < 3:
            continue
        radius = (3.2 if kind in MAIN_KINDS else 2.2) * sheet.scale
        spots = line.interpolate(np.arange(LAMP_SPACING_M / 2, line.length, LAMP_SPACING_M))
        for x, y in sheet.pixels(shapely.get_coordinates(spots)):
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=150)
    return ImageChops.add(_blurred(mask, sheet, 3.0), _blurred(mask, sheet, 8.0), scale=1.6)


def _fade_mask(sheet: Sheet, scene: Scene) -> Image.Image:
    """Return how much of the ground shows, by distance from the community's extent."""
    west, south, east, north = scene.extent_m
    side = 256
    at = (np.arange(side) + 0.5) / side * sheet.side_m
    x = sheet.west + at
    y = sheet.south + sheet.side_m - at
    dx = np.maximum(np.maximum(west - x, x - east), 0)[None, :]
    dy = np.maximum(np.maximum(south - y, y - north), 0)[:, None]
    t = np.clip((np.hypot(dx, dy) - 60) / (FOG_FULL_M - 20), 0, 1)
    shown = (255 * (1 - t * t * (3 - 2 * t))).astype(np.uint8)
    return Image.fromarray(shown).resize((sheet.px, sheet.px), Image.Resampling.BICUBIC)


SHADOW_PX = 2048


def build_shadows(scene: Scene, azimuth_deg: float, altitude_deg: float) -> ColumnTable:
    """Return the sun's shadows on the inner sheet as a picture of its own, black with alpha.

    Column `inner` uint8 (WebP); meta `bounds` as of the ground; no picture while the sun is down.
    """
    sheet = sheets(scene).get("inner")
    if sheet is None or altitude_deg <= 2:
        return ColumnTable("shadows", 0, {}, {"bounds": {}})
    sheet = Sheet(sheet.west, sheet.south, sheet.side_m, SHADOW_PX)
    mask = shadow_mask(sheet, *blocks(scene, sheet), azimuth_deg, altitude_deg)
    # a low sun is a weak one
    strength = STYLES["day"].shadow * min(1.0, 0.45 + altitude_deg / 45)
    black = Image.new("L", mask.size, 0)
    alpha = mask.point(lambda v: int(v * strength))
    picture = Image.merge("RGBA", (black, black, black, alpha))
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=70, method=2, alpha_quality=60)
    columns = {"inner": np.frombuffer(buffer.getvalue(), np.uint8)}
    bounds = [sheet.west, sheet.south, sheet.west + sheet.side_m, sheet.south + sheet.side_m]
    return ColumnTable("shadows", 1, columns, {"bounds": {"inner": bounds}})


def build_columns(scene: Scene, theme: str) -> ColumnTable:
    """Return both pictures as WebP bytes with their edges, and the boundary's outline.

    Columns: `inner`, `outer` uint8 (WebP); `boundary` float32 (v, 2) metres, rings one after
    another, with `boundary_starts`. Meta: `bounds` {picture: [west, south, east, north]} metres.
    """
    columns: dict[str, npt.NDArray[np.generic]] = {}
    bounds = {}
    for name, sheet in sheets(scene).items():
        picture = bake(scene, theme, sheet)
        buffer = io.BytesIO()
        picture.save(buffer, "WEBP", quality=84, method=2)
        columns[name] = np.frombuffer(buffer.getvalue(), np.uint8)
        bounds[name] = [
            sheet.west,
            sheet.south,
            sheet.west + sheet.side_m,
            sheet.south + sheet.side_m,
        ]
    rings = shapely.get_rings(scene.to_metres(scene.community["boundary"].geometry.to_numpy()))
    coords, ring = shapely.get_coordinates(rings, return_index=True)
    columns["boundary"] = coords.astype(np.float32).reshape(-1, 2)
    columns["boundary_starts"] = np.searchsorted(ring, np.arange(len(rings) + 1)).astype(np.uint32)
    return ColumnTable("ground", len(bounds), columns, {"bounds": bounds, "theme": theme})
