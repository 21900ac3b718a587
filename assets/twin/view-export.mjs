// Takes out what the map shows now: rows of its layers by what is in the picture, or the picture.

import { writePlace } from "./deeplink.mjs";

const LAYERS = ["buildings", "entrances", "gates", "plate_cameras", "devices", "services", "parking"];
const WIDEST = 2400;

/** Ids by layer of what is in the map's clear window. @param {import("./twin.mjs").Twin} twin */
export function inPicture(twin) {
  const { map } = twin;
  const hidden = map.view?.hidden ?? new Set();
  const frame = window_(twin);
  const found = {};
  for (const layer of LAYERS) {
    if (hidden.has(layer)) continue;
    const ids = (map.tables[layer]?.meta.ids ?? []).filter((id) => {
      const at = map.locate(layer, id);
      const spot = at && map.project(...at);
      return spot && spot[0] >= frame.left && spot[0] <= frame.right && spot[1] >= frame.top && spot[1] <= frame.bottom;
    });
    if (ids.length) found[layer] = [...new Set(ids)];
  }
  return found;
}

/** The part of the map that no panel covers. */
function window_(twin) {
  const { clientWidth: width, clientHeight: height } = twin.host;
  const rect = (name) => twin.page.querySelector(name)?.getBoundingClientRect();
  const [left, right, top, bottom] = [rect(".rail-left"), rect(".rail-right"), rect(".top"), rect(".bottom")];
  if (width < 1000) return { left: 0, right: width, top: 0, bottom: height };
  return {
    left: left?.width ? left.right : 0, right: right?.width ? right.left : width,
    top: top?.height ? top.bottom : 0, bottom: bottom?.height ? bottom.top : height,
  };
}

/** The map as it is drawn, cut to its clear window. @returns {HTMLCanvasElement} */
function picture(twin) {
  const canvas = twin.host.querySelector("canvas");
  // a canvas keeps nothing beyond the frame: it is read in the one that draws it
  twin.map.deckgl.redraw("export");
  const scale = canvas.width / twin.host.clientWidth;
  const frame = window_(twin);
  const size = [frame.right - frame.left, frame.bottom - frame.top].map((side) => Math.round(side * scale));
  const less = Math.min(1, WIDEST / size[0]);
  const out = document.createElement("canvas");
  [out.width, out.height] = size.map((side) => Math.round(side * less));
  const draw = out.getContext("2d");
  draw.fillStyle = getComputedStyle(document.body).getPropertyValue("--bg") || "#090d12";
  draw.fillRect(0, 0, out.width, out.height);
  draw.drawImage(canvas, frame.left * scale, frame.top * scale, ...size, 0, 0, out.width, out.height);
  return out;
}

function download(href, name) {
  const link = Object.assign(document.createElement("a"), { href, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
}

/** Writes what must be known below a picture. */
function caption(shot, notes) {
  const line = Math.max(18, Math.round(shot.width / 70));
  const out = document.createElement("canvas");
  out.width = shot.width;
  out.height = shot.height + line * (notes.length + 1);
  const draw = out.getContext("2d");
  draw.fillStyle = "#ffffff";
  draw.fillRect(0, 0, out.width, out.height);
  draw.drawImage(shot, 0, 0);
  draw.fillStyle = "#15202b";
  draw.font = `${Math.round(line * 0.72)}px ${getComputedStyle(document.body).fontFamily}`;
  notes.forEach((note, k) => draw.fillText(note, line / 2, shot.height + line * (k + 1)));
  return out;
}

/** @param {string} form csv, xlsx, gpkg, pdf or png @param {import("./twin.mjs").Twin} twin @returns {Promise<number>} */
export async function exportView(form, twin) {
  const past = twin.machine?.away;
  const shot = form === "pdf" || form === "png" ? picture(twin) : null;
  const response = await fetch(`${twin.api}/api/v1/views/export.${form}`, {
    method: "POST",
    cache: "no-store",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      ids: inPicture(twin), lang: twin.place.lang, place: writePlace(twin.way.place),
      ...(past ? { t: twin.store.now() } : {}),
      ...(form === "pdf" ? { picture: shot.toDataURL("image/jpeg", 0.85) } : {}),
    }),
  });
  if (!response.ok) throw new Error(String(response.status));
  if (form === "png") {
    const told = await response.json();
    download(caption(shot, told.notes).toDataURL("image/png"), told.name);
    return told.count;
  }
  const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1];
  const url = URL.createObjectURL(await response.blob());
  download(url, name ?? `view.${form}`);
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
  return Number(response.headers.get("x-exported"));
}
