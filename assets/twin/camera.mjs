// The camera: fits the community into the clear window, flies, drifts when nobody is there, and
// never moves while a person holds it.

const M_PER_DEGREE = 111194.9; // deck.gl's sphere of 40.03e6 m around
const HOLD_MS = 90_000;

/** Longitude and latitude of metres from an origin, well within a pixel over a community. */
export function toLngLat([lon, lat], x, y) {
  return [lon + x / (M_PER_DEGREE * Math.cos((lat * Math.PI) / 180)), lat + y / M_PER_DEGREE];
}

/**
 * The stop that shows the whole community in the clear part of the screen.
 *
 * @param {number[]} extent west, south, east, north, metres
 * @param {{left:number,right:number,top:number,bottom:number}} padding pixels under panels
 */
export function fitStop(deck, { origin, extent, width, height, padding, pitch, bearing }) {
  const clear = {
    width: Math.max(120, width - padding.left - padding.right),
    height: Math.max(120, height - padding.top - padding.bottom),
  };
  const [w, s, e, n] = extent;
  const corners = [[w, s], [w, n], [e, s], [e, n]].map(([x, y]) => toLngLat(origin, x, y));
  const middle = toLngLat(origin, (w + e) / 2, (s + n) / 2);
  let low = 10;
  let high = 21;
  for (let i = 0; i < 18; i++) {
    const zoom = (low + high) / 2;
    const view = new deck.WebMercatorViewport({
      width: clear.width, height: clear.height, longitude: middle[0], latitude: middle[1],
      zoom, pitch, bearing, fovy: 28,
    });
    const points = corners.map((c) => view.project(c));
    const xs = points.map((p) => p[0]);
    const ys = points.map((p) => p[1]);
    const fits = Math.min(...xs) >= 0 && Math.max(...xs) <= clear.width &&
      Math.min(...ys) >= clear.height * 0.06 && Math.max(...ys) <= clear.height;
    if (fits) low = zoom;
    else high = zoom;
  }
  return { longitude: middle[0], latitude: middle[1], zoom: low, pitch, bearing };
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
    if (reduced) this.apply(this.withPadding(this.view));
    else {
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
