// The camera: fits the community into the clear window, flies, drifts when nobody is there, and
// never moves while a person holds it.

const M_PER_DEGREE = 111194.9; // deck.gl's sphere of 40.03e6 m around
const HOLD_MS = 90_000;

/** Longitude and latitude of metres from an origin, well within a pixel over a community. */
export function toLngLat([lon, lat], x, y) {
  return [lon + x / (M_PER_DEGREE * Math.cos((lat * Math.PI) / 180)), lat + y / M_PER_DEGREE];
}

const TURNS = [0, -6, 6, -12, 12, -18, 18, -24, 24];

/**
 * The stop that shows the whole community in the clear part of the screen, turned a little from the
 * bearing asked for where that lets it be larger.
 *
 * @param {number[][]} outline x, y, z in metres of what must be seen
 * @param {{left:number,right:number,top:number,bottom:number}} padding pixels under panels
 */
export function fitStop(deck, { origin, outline, width, height, padding, pitch, bearing }) {
  const clear = {
    width: Math.max(120, width - padding.left - padding.right),
    height: Math.max(120, height - padding.top - padding.bottom),
  };
  const points = outline.map(([x, y, z]) => [...toLngLat(origin, x, y), z]);
  let best = null;
  for (const turn of TURNS) {
    const stop = closest(deck, points, { ...clear, pitch, bearing: bearing + turn });
    // a turn has to be worth it
    if (!best || stop.zoom > best.zoom + 0.04) best = stop;
  }
  return best;
}

/**
 * The nearest stop at which every point is in view; the middle of the picture is put in the middle.
 * `clear` is how much of the picture they may take, all of it where it is not given.
 */
export function closest(deck, points, { width, height, pitch, bearing, clear = { width, height } }) {
  const mean = (k) => points.reduce((sum, p) => sum + p[k], 0) / points.length;
  let [longitude, latitude] = [mean(0), mean(1)];
  let zoom = 15;
  for (let round = 0; round < 6; round++) {
    const view = new deck.WebMercatorViewport({
      width, height, longitude, latitude, zoom, pitch, bearing, fovy: 28,
    });
    const seen = points.map((p) => view.project(p));
    const low = [0, 1].map((k) => Math.min(...seen.map((p) => p[k])));
    const high = [0, 1].map((k) => Math.max(...seen.map((p) => p[k])));
    const middle = view.unproject([(low[0] + high[0]) / 2, (low[1] + high[1]) / 2]);
    const room = Math.min(
      (clear.width * 0.98) / (high[0] - low[0]), (clear.height * 0.96) / (high[1] - low[1]),
    );
    // a point behind the camera has no place in the picture: further away, then
    if (![...middle, room].every(Number.isFinite)) {
      zoom -= 1;
      continue;
    }
    [longitude, latitude] = middle;
    zoom = Math.min(20, Math.max(10, zoom + Math.log2(room)));
  }
  return { longitude, latitude, zoom, pitch, bearing };
}

export class Camera {
  /**
   * @param {any} deck
   * @param {(view: object) => void} apply hands a view state to the Deck
   */
  constructor(deck, apply, { calm = false } = {}) {
    this.deck = deck;
    this.apply = apply;
    this.calm = calm;
    this.heldUntil = 0;
    this.home = null;
    this.view = null;
    this.padding = { left: 0, right: 0, top: 0, bottom: 0 };
  }

  /** A person took the camera: nothing else moves it for a while. */
  hold() {
    this.heldUntil = performance.now() + HOLD_MS;
  }

  get held() {
    return performance.now() < this.heldUntil;
  }

  /** The view state with its padding, as deck.gl wants it. */
  withPadding(view) {
    return { ...view, padding: this.padding, maxPitch: 80, minZoom: 12, maxZoom: 22 };
  }

  jump(stop) {
    this.view = { ...this.view, ...stop };
    this.apply(this.withPadding(this.view));
  }

  /** Flies to a stop; a person's own wish may override their hold, the machine's never does. */
  fly(stop, { ms = 1100, byPerson = false } = {}) {
    if (this.held && !byPerson) return false;
    this.view = { ...this.view, ...stop };
    const reduced = this.calm || matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (reduced) {
      this.apply(this.withPadding(this.view));
      this.onCut?.(); // deck.gl tells of flights alone
    } else {
      this.apply({
        ...this.withPadding(this.view),
        transitionDuration: ms,
        transitionInterpolator: new this.deck.LinearInterpolator([
          "longitude", "latitude", "zoom", "pitch", "bearing",
        ]),
        transitionEasing: (t) => (t < 0.5 ? 4 * t * t * t : 1 - (-2 * t + 2) ** 3 / 2),
      });
    }
    return true;
  }

  /** The slow swing of an idle wall: one degree in 40 s, six degrees either way. */
  drift(nowMs) {
    if (this.held || !this.home || !this.view) return;
    const period = 24 * 40_000;
    const phase = (nowMs % period) / period;
    const swing = 6 * Math.sin(phase * 2 * Math.PI);
    this.jump({ bearing: this.home.bearing + swing });
  }
}
