// What a wall's screen is: which part of the wall it shows, how large type must be, which layout fits.
// `?tile=c,r&of=CxR&bezel=..&distance=8&height=2.4&bezels=CxR&wall=NAME` (docs/wall.md).

const DISTANCE_M = 8;
const HEIGHT_M = 2.4;
/** Base unit for 8 m in front of 2.4 m: 22 px of 1080 (design language, distance rule). */
const SHARE = 22 / 1080;
const TALL_SHARE = 0.0228; // of the width: nobody stands eight metres from an upright screen
const WIDE_EM = 150;
const LEAST_PX = 11;

function pair(text, form) {
  const found = form.exec(text ?? "");
  return found ? [Number(found[1]), Number(found[2])] : null;
}

function positive(text, low, high) {
  const value = Number.parseFloat(text ?? "");
  return value >= low && value <= high ? value : null;
}

/** Gaps between screens in pixels, from `12`, `12,20`, `3mm` or `3mm,5mm`. */
function readBezel(text, rows, tileHeight, wallHeightM) {
  const parts = (text ?? "").split(",").filter(Boolean);
  const [x = 0, y = x] = parts.map((part) => {
    const value = Math.min(500, Math.max(0, Number.parseFloat(part) || 0));
    if (!part.trim().endsWith("mm")) return value;
    const glassMm = Math.max(1, wallHeightM * 1000 - (rows - 1) * value);
    return value * ((rows * tileHeight) / glassMm);
  });
  return [x, y].map((v) => Math.round(v));
}

/**
 * @param {string} search the address's query
 * @param {number} width of this screen, pixels @param {number} height
 * @returns {{name: string, tile: string, tiled: boolean, x: number, y: number, width: number,
 *   height: number, wall: {width: number, height: number}, base: number, layout: string,
 *   lines: {x: number[], y: number[]}, near: boolean}} `lines` are where bezels cross the wall
 */
export function readScreen(search, width, height) {
  const said = new URLSearchParams(search);
  const tile = pair(said.get("tile"), /^(\d{1,2}),(\d{1,2})$/);
  const of = pair(said.get("of"), /^(\d{1,2})x(\d{1,2})$/) ?? [1, 1];
  const tiled = Boolean(tile && of[0] * of[1] > 1 && tile[0] < of[0] && tile[1] < of[1]);
  const heightM = positive(said.get("height"), 0.2, 40);
  const distance = positive(said.get("distance"), 0.3, 200);
  const [columns, rows] = tiled ? of : [1, 1];
  const [c, r] = tiled ? tile : [0, 0];
  const bezel = tiled ? readBezel(said.get("bezel"), rows, height, heightM ?? HEIGHT_M) : [0, 0];
  const wall = {
    width: columns * width + (columns - 1) * bezel[0],
    height: rows * height + (rows - 1) * bezel[1],
  };
  const told = pair(said.get("bezels"), /^(\d{1,2})x(\d{1,2})$/);
  const [across, down] = told ?? [columns, rows];
  const base = baseOf(wall, { distance, heightM });
  return {
    name: /^[a-z0-9][a-z0-9-]{0,31}$/.test(said.get("wall") ?? "") ? said.get("wall") : "main",
    tile: tiled ? `${c},${r}` : "",
    tiled,
    x: c * (width + bezel[0]),
    y: r * (height + bezel[1]),
    width,
    height,
    wall,
    base,
    layout: layoutOf(wall, base),
    lines: { x: linesOf(wall.width, across), y: linesOf(wall.height, down) },
  };
}

function linesOf(length, parts) {
  return Array.from({ length: Math.max(0, parts - 1) }, (_, k) => (length * (k + 1)) / parts);
}

/** Pixels of one base unit: readable at the distance, on a wall of that height in metres. */
export function baseOf({ width, height }, { distance = null, heightM = null } = {}) {
  const upright = height > width;
  const share = upright && !distance && !heightM
    ? (TALL_SHARE * width) / height
    : SHARE * ((distance ?? DISTANCE_M) / DISTANCE_M) * (HEIGHT_M / (heightM ?? HEIGHT_M));
  const most = Math.min(width, height) / (upright ? 30 : 22);
  return Math.max(LEAST_PX, Math.min(most, share * height));
}

/** Wings on a wall with room for them, panels below the picture where it is upright. */
export function layoutOf({ width, height }, base) {
  if (height > width) return "tall";
  return width / base >= WIDE_EM ? "wide" : "standard";
}

/**
 * The projection of one tile of a picture: rows of the whole picture's matrix, shifted and stretched
 * so that the tile fills its screen (research: off-axis projection, no limit of size, no seams).
 *
 * @param {number[]} whole column-major projection matrix of the whole wall
 * @param {{x: number, y: number, width: number, height: number, wall: object}} screen
 */
export function tileMatrix(whole, { x, y, width, height, wall }) {
  const matrix = Array.from(whole);
  const [sx, sy] = [wall.width / width, wall.height / height];
  const dx = (wall.width - 2 * x - width) / width;
  const dy = (height - wall.height + 2 * y) / height;
  for (let k = 0; k < 16; k += 4) {
    matrix[k] = sx * whole[k] + dx * whole[k + 3];
    matrix[k + 1] = sy * whole[k + 1] + dy * whole[k + 3];
  }
  // deck.gl counts the camera's distance in heights of the screen
  matrix[14] *= sy;
  return matrix;
}
