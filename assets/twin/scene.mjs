// Tables and a theme to deck.gl layers. Geometry is handed over once; what moves is buffers.

import { SIZES } from "./marks.mjs";
import { overlayLayers } from "./overlays.mjs";
import { responseLayers } from "./response-layers.mjs";
import { silentReach } from "./sensing.mjs";
import { mix, noise, THEMES } from "./style.mjs";

const METRES = "meter-offsets";

/** Binary data of a SolidPolygonLayer from a table made by layers/polygons.py. */
export function polygonData(table, colours) {
  const c = table.columns;
  return {
    length: table.length,
    startIndices: c.starts,
    attributes: {
      getPolygon: { value: c.positions, size: 3 },
      indices: { value: c.indices, size: 1 },
      instanceVertexValid: { value: c.valid, size: 1 },
      getElevation: { value: c.elevations, size: 1 },
      // bytes, or a buffer of them that somebody else writes
      getFillColor: ArrayBuffer.isView(colours) ? { value: colours, size: 4 }
        : { buffer: colours, size: 4, type: "unorm8" },
    },
  };
}

/** Per-vertex colours from a rule by row. */
function vertexColours(table, colourOf) {
  const starts = table.columns.starts;
  const out = new Uint8ClampedArray((starts[table.length] ?? 0) * 4);
  for (let row = 0; row < table.length; row++) {
    const [r, g, b] = colourOf(row);
    for (let v = starts[row]; v < starts[row + 1]; v++) {
      out[v * 4] = r;
      out[v * 4 + 1] = g;
      out[v * 4 + 2] = b;
      out[v * 4 + 3] = 255;
    }
  }
  return out;
}

export function buildingColours(table, theme) {
  const walls = THEMES[theme].walls;
  return vertexColours(table, (row) => {
    const wall = walls[table.columns.tones[row]] ?? walls[0];
    const jitter = (noise(row) - 0.5) * 12;
    return wall.map((v) => v + jitter);
  });
}

export function contextColours(table, theme) {
  const style = THEMES[theme];
  return vertexColours(table, (row) => {
    const jitter = (noise(row) - 0.5) * 8;
    const wall = style.context.wall.map((v) => v + jitter);
    return mix(style.background, wall, table.columns.fog[row]);
  });
}

/** Roof boxes (stair heads, heaters) as little extruded blocks. */
function roofBoxes(table, theme) {
  const boxes = table.columns.boxes ?? new Float32Array(0);
  const kinds = table.columns.box_kinds ?? new Float32Array(0);
  const n = kinds.length;
  const positions = new Float32Array(n * 15);
  const elevations = new Float32Array(n * 5);
  const starts = new Uint32Array(n + 1);
  const valid = new Uint16Array(n * 5).fill(1);
  const indices = new Uint32Array(n * 6);
  const colours = new Uint8ClampedArray(n * 20);
  const corners = [[-1, -1], [-1, 1], [1, 1], [1, -1], [-1, -1]];
  for (let i = 0; i < n; i++) {
    const [x, y, z, hl, hw, height, bearing] = boxes.subarray(i * 7, i * 7 + 7);
    const cos = Math.cos(bearing);
    const sin = Math.sin(bearing);
    const colour = THEMES[theme].boxes[kinds[i]];
    corners.forEach(([a, b], k) => {
      const v = i * 5 + k;
      positions[v * 3] = x + a * hl * cos - b * hw * sin;
      positions[v * 3 + 1] = y + a * hl * sin + b * hw * cos;
      positions[v * 3 + 2] = z;
      elevations[v] = height;
      colours.set([...colour, 255], v * 4);
    });
    valid[i * 5 + 4] = 0;
    starts[i + 1] = (i + 1) * 5;
    indices.set([0, 1, 2, 0, 2, 3].map((k) => i * 5 + k), i * 6);
  }
  return {
    length: n,
    startIndices: starts,
    attributes: {
      getPolygon: { value: positions, size: 3 },
      indices: { value: indices, size: 1 },
      instanceVertexValid: { value: valid, size: 1 },
      getElevation: { value: elevations, size: 1 },
      getFillColor: { value: colours, size: 4 },
    },
  };
}

/** Roof edges as paths: one closed line a building, at its top. */
function roofEdges(table) {
  const c = table.columns;
  const positions = new Float32Array(c.positions);
  for (let v = 0; v < c.elevations.length; v++) positions[v * 3 + 2] += c.elevations[v] + 0.15;
  return {
    length: table.length,
    startIndices: c.starts,
    attributes: { getPath: { value: positions, size: 3 } },
  };
}

function outline(flat, starts, z) {
  const n = starts.length - 1;
  const positions = new Float32Array((flat.length / 2) * 3);
  for (let v = 0; v < flat.length / 2; v++) {
    positions[v * 3] = flat[v * 2];
    positions[v * 3 + 1] = flat[v * 2 + 1];
    positions[v * 3 + 2] = z;
  }
  return { length: n, startIndices: starts, attributes: { getPath: { value: positions, size: 3 } } };
}

/**
 * Builds every layer. `kit` holds what outlives a rebuild: deck's classes, the extensions, the
 * colour buffers; `view` what the person chose: theme, switched-off layers, selection.
 */
export function buildLayers(kit, view) {
  const { deck, tables, specs, facade, marksExtension, colours, pictures, origin } = kit;
  const style = THEMES[view.theme];
  const shown = (name) => !view.hidden.has(name);
  const local = { coordinateSystem: METRES, coordinateOrigin: [origin[0], origin[1], 0] };
  const layers = [];

  for (const name of ["outer", "inner", "shadows"]) {
    const picture = pictures[`${name}:${view.theme}`];
    if (picture) {
      const [w, s, e, n] = picture.bounds;
      layers.push(
        new deck.BitmapLayer({
          id: `ground-${name}`,
          image: picture.image,
          bounds: [[w, s, 0], [w, n, 0], [e, n, 0], [e, s, 0]],
          ...local,
          parameters: { depthCompare: "always", depthWriteEnabled: false },
          textureParameters: { minFilter: "linear", mipmapFilter: "linear", magFilter: "linear",
            addressModeU: "clamp-to-edge", addressModeV: "clamp-to-edge", maxAnisotropy: 8 },
        }),
      );
    }
  }
  const ground = tables.ground;
  if (ground && ground.columns.boundary.length) {
    layers.push(
      new deck.PathLayer({
        id: "boundary",
        data: outline(ground.columns.boundary, ground.columns.boundary_starts, 0.2),
        getColor: style.boundary,
        getWidth: 1.1,
        widthMinPixels: 1,
        _pathType: "open",
        ...local,
        parameters: { depthCompare: "always", depthWriteEnabled: false },
      }),
    );
  }

  if (view.patches) {
    layers.push(new deck.SolidPolygonLayer({
      id: "patches",
      data: view.patches,
      getPolygon: (patch) => patch.rings.map((ring) => ring.map(([x, y]) => [x, y, 0.3])),
      getFillColor: (patch) => patch.colour,
      ...local,
      parameters: { depthCompare: "always", depthWriteEnabled: false },
    }));
  }
  const response = view.response
    ? responseLayers(kit, view.response.model, style, local, view.response.pulse) : null;
  if (response) layers.push(...response.ground);
  const converter = new deck.JSONConverter({
    configuration: {
      classes: {
        SolidPolygonLayer: deck.SolidPolygonLayer,
        ScatterplotLayer: deck.ScatterplotLayer,
        SimpleMeshLayer: deck.SimpleMeshLayer,
      },
      enumerations: { GEO: kit.data(view.theme) },
    },
  });
  for (const spec of specs) {
    if (!tables[spec.id]?.length) continue;
    const layer = converter.convert(spec);
    layers.push(layer.clone({ ...local, ...extraProps(spec.id, kit, view) }));
    if (spec.id === "buildings") {
      const visible = shown("buildings") && !kit.floors;
      const top = tables.buildings;
      layers.push(
        new deck.PathLayer({
          id: "roof-edges",
          data: kit.once("roof-edges", () => roofEdges(top)),
          getColor: style.edge,
          getWidth: 0.34,
          widthMinPixels: 0.5,
          _pathType: "open",
          visible,
          ...local,
        }),
        top.columns.box_kinds?.length && new deck.SolidPolygonLayer({
          id: "roof-boxes",
          data: kit.once(`roof-boxes:${view.theme}`, () => roofBoxes(top, view.theme)),
          extruded: true,
          _normalize: false,
          positionFormat: "XYZ",
          material: style.material,
          visible,
          extensions: [facade],
          facade: { lit: 0, foot: 0.9, roofGain: 1.15, windows: 0, unlit: [0, 0, 0] },
          ...local,
        }),
      );
      if (kit.floors) layers.push(...kit.floors.layers(kit, view, local, style));
      else if (view.selection?.layer === "buildings") layers.push(...selected(kit, view, local, style));
    }
  }
  if (view.sensing) layers.push(silentReach(kit, kit.rows, style.marks, local));
  if (response) layers.push(...response.above);
  if (view.overlay && !view.plain) layers.push(...overlayLayers(kit, view.overlay, style, local));
  const area = kit.areas.find((a) => a.layer === view.selection?.layer && a.id === view.selection.id);
  if (area) layers.push(outlined(kit, area, local, style));
  if (view.selection && view.selection.layer in SIZES) {
    layers.push(...ringed(kit, view, local, style));
  }
  return layers;

  function extraProps(id) {
    if (id === "buildings") {
      const walls = {
        lit: style.windows.lit,
        foot: style.foot,
        roofGain: style.roofGain,
        windows: 1,
        unlit: style.windows.unlit.map((v) => v / 255),
      };
      return {
        visible: shown("buildings"),
        opacity: view.opacity?.buildings ?? 1,
        material: style.material,
        extensions: [facade],
        facade: walls,
        ...kit.floors?.neighbours(kit, view, style, walls),
      };
    }
    if (id === "context") {
      return {
        material: style.material,
        extensions: [facade],
        facade: { lit: 0, foot: style.foot, roofGain: style.context.roofGain, windows: 0, unlit: [0, 0, 0] },
      };
    }
    if (id === "trees") {
      const { trees, fog } = tables.trees.columns;
      return {
        visible: shown("trees"),
        mesh: kit.once("sphere", () => new kit.luma.SphereGeometry({ nlat: 6, nlong: 9, radius: 1 })),
        data: kit.data(view.theme).trees,
        getPosition: (_, { index, target }) => {
          target[0] = trees[index * 4];
          target[1] = trees[index * 4 + 1];
          target[2] = trees[index * 4 + 3];
          return target;
        },
        getScale: (_, { index }) => {
          const r = trees[index * 4 + 2];
          return [r, r, r * 1.05];
        },
        getColor: (_, { index }) => {
          const leaf = mix(style.trees[0], style.trees[1], noise(index));
          return mix(style.background, leaf, fog[index]);
        },
        updateTriggers: { getColor: view.theme },
        material: style.material,
      };
    }
    const [metres, least, most] = SIZES[id];
    return {
      visible: shown(id) && !view.clustered,
      extensions: [marksExtension],
      marks: { ink: style.marks.outline.map((v) => v / 255), opacity: (view.opacity?.[id] ?? 1) * (kit.floors ? 0.3 : 1) },
      getRadius: metres,
      radiusMinPixels: least * view.pixelScale,
      radiusMaxPixels: most * view.pixelScale,
      stroked: false,
      data: kit.once(`marks:${id}`, () => markData(tables[id], colours[id], kit)),
    };
  }
}

function markData(table, colours, kit) {
  const buffer = colours.attach(kit.device, kit.luma);
  return {
    length: table.length,
    attributes: {
      getPosition: { value: table.columns.positions, size: 3 },
      getFillColor: { buffer, size: 4, type: "unorm8" },
    },
  };
}

function selected(kit, view, local, style) {
  const table = kit.tables.buildings;
  const c = table.columns;
  const rows = table.meta.ids.flatMap((id, row) => (id === view.selection.id ? [row] : []));
  const paths = [];
  for (const row of rows) {
    for (const lift of [0.25, c.elevations[c.starts[row]] + 0.4]) {
      const path = [];
      for (let v = c.starts[row]; v < c.starts[row + 1]; v++) {
        path.push([c.positions[v * 3], c.positions[v * 3 + 1], c.positions[v * 3 + 2] + lift]);
        if (!c.valid[v]) break;
      }
      paths.push(path);
    }
  }
  return [
    new kit.deck.PathLayer({
      id: "selection",
      data: paths,
      getPath: (path) => path,
      getColor: [...style.marks.accent, 255],
      getWidth: 0.7,
      widthMinPixels: 2,
      ...local,
      parameters: { depthCompare: "always" },
    }),
  ];
}

/** The edge of a chosen area, seen through walls. */
function outlined(kit, area, local, style) {
  return new kit.deck.PathLayer({
    id: "area",
    data: area.rings,
    getPath: (ring) => ring.map(([x, y]) => [x, y, 0.4]),
    getColor: [...style.marks.accent, 235],
    getWidth: 1.6,
    widthMinPixels: 2,
    ...local,
    parameters: { depthCompare: "always" },
  });
}

/** A ring around a chosen mark, seen through walls. */
function ringed(kit, view, local, style) {
  const table = kit.tables[view.selection.layer];
  const row = table?.meta.ids.indexOf(view.selection.id) ?? -1;
  if (row < 0) return [];
  const at = [...table.columns.positions.subarray(row * 3, row * 3 + 3)];
  return [
    new kit.deck.ScatterplotLayer({
      id: "selection-ring",
      data: [at],
      getPosition: (p) => p,
      getRadius: 3.2,
      radiusMinPixels: 12 * view.pixelScale,
      radiusMaxPixels: 34 * view.pixelScale,
      billboard: true,
      filled: false,
      stroked: true,
      lineWidthUnits: "pixels",
      getLineWidth: 2.5 * view.pixelScale,
      getLineColor: [...style.marks.accent, 255],
      ...local,
      parameters: { depthCompare: "always" },
    }),
  ];
}

/** What JSONConverter puts where a spec says `@@#GEO.name`. */
export function geoData(tables, theme, once, paint) {
  return {
    buildings: paint
      ? once(`buildings:paint:${paint.serial}`, () => polygonData(tables.buildings, paint.attach()))
      : once(`buildings:${theme}`, () =>
        polygonData(tables.buildings, buildingColours(tables.buildings, theme))),
    context: tables.context && once(`context:${theme}`, () =>
      polygonData(tables.context, contextColours(tables.context, theme))),
    trees: tables.trees && once("trees", () => ({ length: tables.trees.length })),
    ...Object.fromEntries(Object.keys(SIZES).map((name) => [name, []])),
  };
}

/** Lights of a theme; in daylight the key light stands where the sun stands. */
export function lightingEffect(deck, theme, sun) {
  const { ambient, key, fill } = THEMES[theme].light;
  const direction = theme === "day" && sun && sun.altitude > 5 ? sunDirection(sun) : key[2];
  return new deck.LightingEffect({
    ambient: new deck.AmbientLight({ color: ambient[0], intensity: ambient[1] }),
    key: new deck.DirectionalLight({ color: key[0], intensity: key[1], direction }),
    fill: new deck.DirectionalLight({ color: fill[0], intensity: fill[1], direction: fill[2] }),
  });
}

/** Direction in which sunlight travels, from azimuth (clockwise from north) and altitude, degrees. */
export function sunDirection({ azimuth, altitude }) {
  const a = (azimuth * Math.PI) / 180;
  const h = (Math.max(altitude, 12) * Math.PI) / 180;
  return [-Math.sin(a) * Math.cos(h), -Math.cos(a) * Math.cos(h), -Math.sin(h)];
}
