// Where a page is and how its map is framed: camera stops, the clear window between the panels.

const STOPS = {
  wall: { pitch: 54, bearing: -24 },
  wide: { pitch: 54, bearing: -22 },
  manage: { pitch: 50, bearing: -22 },
  demo: { pitch: 56, bearing: -24 },
  coverage: { pitch: 53, bearing: -24 },
  phone: { pitch: 50, bearing: -30 },
};

export function stopOf({ name }, { width, height } = { width: innerWidth, height: innerHeight }) {
  if (width < 700) return STOPS.phone;
  if (name === "wall" && width / height > 2.6) return STOPS.wide;
  return STOPS[name] ?? STOPS.manage;
}

/** Which page an address shows, as far as it can be known before Dash has drawn it. */
export function placeOf(page) {
  if (page) {
    const { page: name, api, lang } = page.dataset;
    return { name, api, lang, office: name.startsWith("office-") };
  }
  const name = {
    "/wall": "wall", "/manage": "manage", "/demo": "demo", "/manage/coverage": "coverage",
  }[location.pathname];
  if (!name) return null;
  const asked = new URLSearchParams(location.search).get("lang");
  return {
    name, api: name === "demo" ? "/demo" : "", lang: asked === "en" ? "en" : "zh", office: false,
  };
}

/** Where panels will be, before they are there; the page's own measure follows. */
export function guessedWindow({ name }, screen = null) {
  if (screen) {
    const { base: em, layout, wall } = screen;
    const [left, right] = { wide: [41.3, 42.3], standard: [20.4, 21.6], tall: [0, 0] }[layout];
    const bottom = layout === "tall" ? em * 49.1 : em * 9;
    return { left: em * left, right: em * right, top: em * 4, bottom };
  }
  if (innerWidth < 760) return { left: 0, right: 0, top: 64, bottom: innerHeight * 0.48 };
  if (name === "manage" || name === "coverage") return { left: 276, right: 398, top: 52, bottom: 88 };
  if (name === "demo") return { left: 0, right: 440, top: 64, bottom: 90 };
  return { left: 0, right: 0, top: 0, bottom: 0 };
}

/** How far panels reach into the picture from each side, in pixels. */
export function clearWindow(page) {
  const padding = { left: 0, right: 0, top: 0, bottom: 0 };
  // of the page, which on a tiled wall is larger than the screen
  const { left: x, top: y, width, height } = page.getBoundingClientRect();
  const box = (name) => {
    const node = page.querySelector(name);
    const rect = node?.getBoundingClientRect();
    return rect && rect.width && rect.height
      ? new DOMRect(rect.x - x, rect.y - y, rect.width, rect.height) : null;
  };
  const [left, right, top, bottom] = [".rail-left", ".rail-right", ".top", ".bottom"].map(box);
  const full = (rect) => rect.width > width * 0.7;
  // upright, panels stand side by side below the picture
  const below = [left, right].filter((rect) => rect && rect.top > height * 0.3 && !full(rect));
  if (below.length === 2 || (below.length === 1 && height > width)) {
    padding.bottom = height - Math.min(...below.map((rect) => rect.top));
    if (top) padding.top = top.bottom;
    return padding;
  }
  if (left && !full(left)) padding.left = left.right;
  if (right && !full(right)) padding.right = width - right.left;
  if (top) padding.top = top.bottom;
  if (bottom && bottom.top > height / 2) padding.bottom = height - bottom.top;
  for (const sheet of [left, right]) {
    if (sheet && full(sheet) && sheet.top > height * 0.25) padding.bottom = Math.max(padding.bottom, height - sheet.top);
  }
  return padding;
}
