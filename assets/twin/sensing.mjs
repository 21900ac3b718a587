// The sensing view: not what things say but whether they are heard. Silence is the subject here.

import { SHAPE } from "./style.mjs";

const HEARD = ["accent", SHAPE.disc];
const LATE = ["normal", SHAPE.ring];
const SILENT = ["silent", SHAPE.hatch];
const FAINT = ["faint", SHAPE.disc];
const REACH_M = 16;

/** What a mark looks like by its hearing alone; what has no rhythm of its own stays faint. */
export function sensingStyle(layer, row) {
  if (layer === "parking" || layer === "services") return row?.t ? FAINT : SILENT;
  if (!row || row.h === "silent" || row.t === null) return SILENT;
  return row.h === "late" ? LATE : HEARD;
}

/** Where nobody hears anything now: a pale disc around every silent thing. */
export function silentReach(kit, rows, palette, local) {
  const points = [];
  for (const layer of ["entrances", "gates", "plate_cameras", "devices"]) {
    const table = kit.tables[layer];
    table?.meta.ids.forEach((id, row) => {
      if (sensingStyle(layer, rows[layer]?.[id]) === SILENT) {
        points.push([...table.columns.positions.subarray(row * 3, row * 3 + 2), 0.3]);
      }
    });
  }
  return new kit.deck.ScatterplotLayer({
    id: "silent-reach",
    data: points,
    getPosition: (p) => p,
    getRadius: REACH_M,
    getFillColor: [...palette.silent, 110],
    stroked: true,
    getLineColor: [...palette.silent, 230],
    getLineWidth: 0.6,
    lineWidthMinPixels: 1,
    ...local,
    parameters: { depthCompare: "always" },
  });
}
