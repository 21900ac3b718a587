// Where somebody is, as the part of an address after #: what is chosen, the camera, layers, the day.
// `at=buildings/b1&cam=119.29654,26.08468,17.2,50,-22&off=parking,services&day=2026-11-23`; with
// `t=1795432836` the page shows that past moment.

const NUMBERS = 5;

/**
 * @typedef {{at: {layer: string, id: string}|null, camera: object|null, off: string[]|null,
 *   day: string|null, t: number|null}} Place
 */

/** Reads an address; what it does not say, or says wrongly, is null. @returns {Place} */
export function readPlace(hash, search = "") {
  const said = new URLSearchParams(hash.replace(/^#/, ""));
  const at = said.get("at") ?? (hash.length > 1 ? null : new URLSearchParams(search).get("at"));
  const slash = at?.indexOf("/") ?? -1;
  const numbers = said.get("cam")?.split(",").map(Number) ?? [];
  const whole = numbers.length === NUMBERS && numbers.every(Number.isFinite);
  const [longitude, latitude, zoom, pitch, bearing] = numbers;
  const day = said.get("day");
  const t = said.get("t");
  return {
    // a name that every object has is no layer's
    at: slash > 0 && !(at.slice(0, slash) in {}) ? { layer: at.slice(0, slash), id: at.slice(slash + 1) } : null,
    camera: whole ? { longitude, latitude, zoom, pitch, bearing } : null,
    off: said.has("off") ? said.get("off").split(",").filter(Boolean) : null,
    day: /^\d{4}-\d{2}-\d{2}$/.test(day ?? "") ? day : null,
    t: /^\d{9,10}$/.test(t ?? "") ? Number(t) : null,
  };
}

/** Writes an address that `readPlace` reads back. @param {Partial<Place>} place */
export function writePlace({ at, camera, off, day, t }) {
  const parts = [];
  if (at) parts.push(`at=${encodeURIComponent(at.layer)}/${encodeURIComponent(at.id)}`);
  if (camera) {
    const { longitude, latitude, zoom, pitch, bearing } = camera;
    parts.push(`cam=${[longitude.toFixed(6), latitude.toFixed(6), zoom.toFixed(2),
      pitch.toFixed(1), bearing.toFixed(1)].join(",")}`);
  }
  if (off?.length) parts.push(`off=${off.join(",")}`);
  if (t) parts.push(`t=${Math.round(t)}`);
  else if (day) parts.push(`day=${day}`);
  return parts.length ? `#${parts.join("&")}` : "";
}
