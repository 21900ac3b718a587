// An opened building as deck.gl layers: slabs and blocks lifted apart, its neighbours stepped back.

import { markStyle, mix } from "./style.mjs";

/** Metres from slab to slab once a building has opened. */
export const PITCH_M = 5.4;
const [SLAB, BLOCK, ROOF] = [0, 1, 2];
const DIM = { dark: 0.6, day: 0.45 };

// blocks by tenure (geodata/schema.py TENURES), what nobody told last; alike where none is given
const PALETTE = {
  dark: {
    glow: 0.66, slab: [112, 122, 138], roof: [88, 98, 114], alike: [76, 88, 110],
    tenures: [[74, 88, 114], [38, 74, 92], [30, 35, 44], [96, 90, 78]],
  },
  day: {
    glow: 0.86, slab: [164, 170, 178], roof: [132, 142, 156], alike: [106, 119, 140],
    tenures: [[102, 117, 143], [62, 101, 122], [84, 90, 99], [136, 125, 104]],
  },
};
// more ambient than on the street: a block's side must tell its tone too
const MATERIAL = { ambient: 0.86, diffuse: 0.42, shininess: 12, specularColor: [12, 14, 18] };

/** How far a floor is lifted, metres. @param {number} open 0 closed, 1 open */
export function liftOf(meta, floor, open) {
  return (floor - 1) * Math.max(0, PITCH_M - meta.storey_m) * open;
}

/** Height of a floor's underside above ground, metres; one above the top is the roof. */
export function heightOf(meta, floor, open = 1) {
  return meta.base_m + (floor - 1) * meta.storey_m + liftOf(meta, floor, open);
}

/** Binary data of the floors. @param {(floor: number) => number} openOf how far each has opened */
export function floorData(table, theme, selection, openOf, jade) {
  const c = table.columns;
  const palette = PALETTE[theme];
  const accent = jade.map((v) => v * palette.glow);
  const positions = new Float32Array(c.positions);
  const colours = new Uint8ClampedArray((positions.length / 3) * 4);
  const [, floor, ...block] = selection?.layer === "floors" ? selection.id.split("/") : [];
  const chosen = floor && table.meta.ids.some((id) => id === selection.id) ? Number(floor) : null;
  for (let row = 0; row < table.length; row++) {
    const at = c.floors[row];
    const lift = liftOf(table.meta, at, openOf(at));
    let colour = palette.alike;
    if (c.kinds[row] === SLAB) colour = palette.slab;
    else if (c.kinds[row] === ROOF) colour = palette.roof;
    else if (c.tenures) colour = palette.tenures[Math.min(3, c.tenures[row])];
    if (chosen !== null && c.kinds[row] !== ROOF) {
      if (table.meta.ids[row] === selection.id && (block.length || c.kinds[row] === SLAB)) {
        colour = accent;
      } else if (at !== chosen) colour = mix(colour, theme === "dark" ? [9, 13, 18] : [232, 237, 241], 0.34);
      else if (!block.length) colour = mix(colour, accent, 0.22);
    }
    for (let v = c.starts[row]; v < c.starts[row + 1]; v++) {
      positions[v * 3 + 2] += lift;
      colours[v * 4] = colour[0];
      colours[v * 4 + 1] = colour[1];
      colours[v * 4 + 2] = colour[2];
      colours[v * 4 + 3] = 255;
    }
  }
  return {
    length: table.length,
    startIndices: c.starts,
    attributes: {
      getPolygon: { value: positions, size: 3 },
      indices: { value: c.indices, size: 1 },
      instanceVertexValid: { value: c.valid, size: 1 },
      getElevation: { value: c.elevations, size: 1 },
      getFillColor: { value: colours, size: 4 },
    },
  };
}

/** Outer ring of a row as x, y, z. */
function ringOf(table, row, z) {
  const { starts, positions, valid } = table.columns;
  const ring = [];
  for (let v = starts[row]; v < starts[row + 1]; v++) {
    ring.push([positions[v * 3], positions[v * 3 + 1], z]);
    if (!valid[v]) break;
  }
  return ring;
}

/** The opened building: its solids, its risers, its base line and what is chosen of it. */
export function floorLayers(kit, { table, theme, selection, openOf, live, marksExtension, facade }, local, style) {
  const accent = style.marks.accent;
  const { meta, columns } = table;
  const rows = (kind, floor) => [...columns.kinds.keys()]
    .filter((row) => columns.kinds[row] === kind && columns.floors[row] === floor);
  const chosen = selection?.layer === "floors" ? Number(selection.id.split("/")[1]) : null;
  const lines = rows(SLAB, 1).map((row) => ({ path: ringOf(table, row, meta.base_m + 0.2), width: 0.5 }));
  if (chosen) {
    const z = heightOf(meta, chosen, openOf(chosen)) + 0.4;
    for (const row of rows(SLAB, chosen)) lines.push({ path: ringOf(table, row, z), width: 0.35 });
  }
  const top = heightOf(meta, meta.storeys + 1, openOf(meta.storeys + 1));
  const through = { ...local, parameters: { depthCompare: "always" } };
  const unit = selection?.layer === "entrances" ? selection.id
    : meta.units.find((one) => one.unit === selection?.id.split("/")[2])?.door;
  return [
    new kit.deck.SolidPolygonLayer({
      id: "floors",
      data: floorData(table, theme, selection, openOf, accent),
      extruded: true,
      _normalize: false,
      positionFormat: "XYZ",
      pickable: true,
      material: MATERIAL,
      extensions: [facade],
      facade: { lit: 0, foot: 0.82, roofGain: 1.16, windows: 0, unlit: [0, 0, 0] },
      ...local,
    }),
    new kit.deck.PathLayer({
      id: "floor-lines",
      data: lines,
      getPath: (line) => line.path,
      getWidth: (line) => line.width,
      widthMinPixels: 2,
      getColor: [...accent, 255],
      ...local,
    }),
    new kit.deck.PathLayer({
      id: "floor-risers",
      data: meta.units.filter((one) => one.unit),
      getPath: (one) => [[...one.at, meta.base_m], [...one.at, top + 2.4]],
      getWidth: (one) => (one.door && one.door === unit ? 0.32 : 0.1),
      widthMinPixels: 1,
      getColor: (one) => (one.door && one.door === unit ? [...accent, 255] : [...style.marks.normal, 90]),
      updateTriggers: { getWidth: unit, getColor: [unit, theme] },
      ...through,
    }),
    new kit.deck.ScatterplotLayer({
      id: "floor-marks",
      data: ownMarks(kit.tables, table, live, openOf, style.marks),
      getPosition: (mark) => mark.at,
      getFillColor: (mark) => mark.colour,
      getRadius: 1.3,
      radiusMinPixels: 5,
      radiusMaxPixels: 15,
      billboard: true,
      stroked: false,
      extensions: [marksExtension],
      marks: { ink: style.marks.outline.map((v) => v / 255), opacity: 1 },
      ...local,
    }),
  ];
}

/** Doors at their wall, devices at their lifted floor; the shape rides in the alpha byte. */
function ownMarks(tables, { meta }, live, openOf, palette) {
  const doors = meta.units.filter((one) => one.door).map((one) => ["entrances", one.door, 1]);
  const things = meta.devices.map((one) => ["devices", one.id, one.floor]);
  return [...doors, ...things].flatMap(([layer, id, floor]) => {
    const row = tables[layer]?.meta.ids.indexOf(id) ?? -1;
    if (row < 0) return [];
    const [x, y, z] = tables[layer].columns.positions.subarray(row * 3, row * 3 + 3);
    const [colour, shape] = markStyle(layer, live[layer]?.[id]);
    return [{ at: [x, y, z + liftOf(meta, floor, openOf(floor))], colour: [...palette[colour], shape] }];
  });
}

/** Where the eye is, metres: deck.gl's camera over a view's middle. @param {number} height pixels */
export function eyeOf(origin, view, height) {
  const lat = (view.latitude * Math.PI) / 180;
  const perMetre = (512 * 2 ** view.zoom) / (40.03e6 * Math.cos(lat));
  const away = height / 2 / Math.tan((14 * Math.PI) / 180) / perMetre;
  const [a, p] = [view.bearing, view.pitch].map((degrees) => (degrees * Math.PI) / 180);
  const perDegree = 111194.9;
  const x = (view.longitude - origin[0]) * perDegree * Math.cos((origin[1] * Math.PI) / 180);
  const y = (view.latitude - origin[1]) * perDegree;
  return [
    x - away * Math.sin(p) * Math.sin(a), y - away * Math.sin(p) * Math.cos(a), away * Math.cos(p),
  ];
}

/**
 * Rows of buildings that hide some of an opened one from an eye: nearer, overlapping it across the
 * line of sight, and so high that their shadow, seen from the eye, reaches its foot.
 *
 * @param {number[]} eye x, y, z in metres
 */
export function rowsInFront(buildings, id, [ex, ey, ez]) {
  const { starts, positions, elevations } = buildings.columns;
  const rows = [...buildings.meta.ids.keys()];
  const own = rows.filter((row) => buildings.meta.ids[row] === id);
  if (!own.length) return [];
  const first = starts[own[0]];
  const ahead = Math.atan2(positions[first * 3 + 1] - ey, positions[first * 3] - ex);
  const spanOf = (row, span = { near: Infinity, far: 0, left: Infinity, right: -Infinity, top: 0 }) => {
    for (let v = starts[row]; v < starts[row + 1]; v++) {
      const [dx, dy] = [positions[v * 3] - ex, positions[v * 3 + 1] - ey];
      const turn = Math.atan2(dy, dx) - ahead;
      const across = Math.atan2(Math.sin(turn), Math.cos(turn));
      const away = Math.hypot(dx, dy);
      span.near = Math.min(span.near, away);
      span.far = Math.max(span.far, away);
      span.left = Math.min(span.left, across);
      span.right = Math.max(span.right, across);
      span.top = Math.max(span.top, positions[v * 3 + 2] + elevations[v]);
    }
    return span;
  };
  let mine;
  for (const row of own) mine = spanOf(row, mine);
  return rows.filter((row) => {
    if (buildings.meta.ids[row] === id) return false;
    const span = spanOf(row);
    if (span.left > mine.right || span.right < mine.left) return false;
    if (span.near + span.far > mine.near + mine.far) return false;
    return span.top >= ez || (span.far * ez) / (ez - span.top) > mine.near;
  });
}

/** The other buildings' data while one is open: it is gone, those in front are gone, the rest dim. */
export function steppedBack(buildings, data, id, fronts, theme, background) {
  const gone = new Set(fronts);
  buildings.meta.ids.forEach((other, row) => other === id && gone.add(row));
  const { starts, indices, valid } = buildings.columns;
  const vertexGone = new Uint8Array(valid.length);
  const kept = new Uint16Array(valid);
  for (const row of gone) {
    vertexGone.fill(1, starts[row], starts[row + 1]);
    kept.fill(0, starts[row], starts[row + 1]);
  }
  const left = new Uint32Array(indices.length);
  let n = 0;
  for (let i = 0; i < indices.length; i += 3) {
    if (vertexGone[indices[i]]) continue;
    left[n++] = indices[i];
    left[n++] = indices[i + 1];
    left[n++] = indices[i + 2];
  }
  const colours = new Uint8ClampedArray(data.attributes.getFillColor.value);
  for (let v = 0; v < colours.length; v += 4) {
    for (let k = 0; k < 3; k++) colours[v + k] += (background[k] - colours[v + k]) * DIM[theme];
  }
  return {
    ...data,
    attributes: {
      ...data.attributes,
      indices: { value: left.slice(0, n), size: 1 },
      instanceVertexValid: { value: kept, size: 1 },
      getFillColor: { value: colours, size: 4 },
    },
  };
}

/** Footprints of what steps aside in front, as lines on the ground. */
export function frontOutlines(kit, buildings, fronts, local, style) {
  return new kit.deck.PathLayer({
    id: "floor-fronts",
    data: fronts.map((row) => ringOf(buildings, row, 0.3)),
    getPath: (ring) => ring,
    getColor: [...style.edge.slice(0, 3), 110],
    getWidth: 0.3,
    widthMinPixels: 1,
    ...local,
  });
}
