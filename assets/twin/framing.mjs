// Where a camera must stand to see some places of the ground with the fewest buildings in the way.

import { closest, toLngLat } from "./camera.mjs";

export const BEARINGS = [38, -82, 158];
const PITCH = 57;
const CLOSEST = 18.7;
const FARTHEST = 17.1;

/** Footprints and heights of a table of buildings, metres. */
function solids(table) {
  const { positions: p, starts, elevations } = table.columns;
  return Array.from({ length: table.length }, (_, row) => {
    const ring = [];
    for (let v = starts[row]; v < starts[row + 1]; v++) ring.push([p[v * 3], p[v * 3 + 1]]);
    return { ring, height: elevations[starts[row]] };
  });
}

function crosses([ax, ay], [bx, by], [cx, cy], [dx, dy]) {
  const side = (px, py, qx, qy, rx, ry) => (qx - px) * (ry - py) - (qy - py) * (rx - px);
  return side(ax, ay, bx, by, cx, cy) * side(ax, ay, bx, by, dx, dy) < 0 &&
    side(cx, cy, dx, dy, ax, ay) * side(cx, cy, dx, dy, bx, by) < 0;
}

/**
 * How often a building stands between the camera and a place.
 *
 * @param {{ring: number[][], height: number}[]} buildings
 * @param {number[][]} points x, y in metres, on the ground
 * @param {number} bearing degrees @param {number} pitch degrees from straight down
 */
export function countOccluders(buildings, points, bearing, pitch) {
  const turn = (bearing * Math.PI) / 180;
  const rise = Math.tan(((90 - pitch) * Math.PI) / 180);
  let count = 0;
  for (const { ring, height } of buildings) {
    const reach = height / rise;
    for (const [x, y] of points) {
      // the camera looks towards its bearing, so it stands on the other side
      const end = [x - Math.sin(turn) * reach, y - Math.cos(turn) * reach];
      if (ring.some((corner, k) => crosses([x, y], end, corner, ring[(k + 1) % ring.length]))) count++;
    }
  }
  return count;
}

/**
 * The stop that shows some places, of three bearings the one with the fewest buildings in the way.
 *
 * @param {import("./map.mjs").TwinMap} map
 * @param {number[][]} points x, y in metres; the first is the one that matters most
 * @param {{left: number, right: number, top: number, bottom: number}} padding pixels under panels
 */
export function frameSpot(map, points, padding) {
  const buildings = map.tables.buildings ? solids(map.tables.buildings) : [];
  const sampled = points.filter((_, k) => k === 0 || k === points.length - 1 || k % 3 === 0);
  const counts = BEARINGS.map((bearing) => countOccluders(buildings, sampled, bearing, PITCH));
  const bearing = BEARINGS[counts.indexOf(Math.min(...counts))];
  const { clientWidth: width, clientHeight: height } = map.host;
  const around = points.length > 1 ? points : [-60, 60].map((d) => [points[0][0] + d, points[0][1] + d]);
  const ground = around.map(([x, y]) => [...toLngLat(map.origin, x, y), 0]);
  const stop = closest(map.deck, ground, {
    width, height, pitch: PITCH, bearing,
    clear: {
      width: Math.max(200, width - padding.left - padding.right) * 0.82,
      height: Math.max(200, height - padding.top - padding.bottom) * 0.72,
    },
  });
  if (stop.zoom > CLOSEST || stop.zoom < FARTHEST) {
    const [longitude, latitude] = toLngLat(map.origin, ...points[0]);
    // what is too far apart to be seen together: where it happens matters most
    return stop.zoom > CLOSEST ? { ...stop, zoom: CLOSEST }
      : { ...stop, longitude, latitude, zoom: FARTHEST + 0.5 };
  }
  return stop;
}
