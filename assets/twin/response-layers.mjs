// The picture of an incident on the ground: whom it may harm, the clock as a ring, the way of those
// who come; the same once more faintly over the buildings, so that nothing of it is lost behind them.

const DASH_M = 3.2;
const REST_M = 2.4;
const RING_M = 20;
export const BEAM_M = 34;
const PULSE_M = [14, 26, 40];
export const PULSE_S = 2.4;
const HIDDEN = 0.34;

/** Lengths along a line from its start, metres. */
function measure(path) {
  const along = [0];
  for (let k = 1; k < path.length; k++) {
    along.push(along[k - 1] + Math.hypot(path[k][0] - path[k - 1][0], path[k][1] - path[k - 1][1]));
  }
  return along;
}

/** The part of a line between two lengths. @returns {number[][]} */
export function cut(path, from, to) {
  const along = measure(path);
  const at = (s) => {
    let k = 1;
    while (k < along.length - 1 && along[k] < s) k++;
    const share = Math.min(1, Math.max(0, (s - along[k - 1]) / Math.max(1e-6, along[k] - along[k - 1])));
    return [0, 1].map((axis) => path[k - 1][axis] + share * (path[k][axis] - path[k - 1][axis]));
  };
  const inner = path.filter((_, k) => along[k] > from && along[k] < to);
  return [at(from), ...inner, at(to)];
}

/** A line as dashes from a length on. @returns {number[][][]} */
export function dashes(path, from) {
  const whole = measure(path).at(-1);
  const found = [];
  for (let s = from; s < whole - 0.4; s += DASH_M + REST_M) {
    found.push(cut(path, s, Math.min(whole, s + DASH_M)));
  }
  return found;
}

/** Where somebody is after so many metres of a line. @returns {[number[], number]} the spot, the rest */
export function walk(path, metres) {
  const whole = measure(path).at(-1);
  const done = Math.min(whole, Math.max(0, metres));
  return [cut(path, 0, done).at(-1), whole - done];
}

function arc([x, y], radius, share) {
  const steps = Math.max(2, Math.ceil(72 * share));
  return Array.from({ length: steps + 1 }, (_, k) => {
    const turn = (2 * Math.PI * share * k) / steps; // clockwise from north
    return [x + radius * Math.sin(turn), y + radius * Math.cos(turn), 0.4];
  });
}

/**
 * @param {{at: number[], severity: number, area: number, share: number|null, path: number[][]|null,
 *   walked: number}} model metres from the origin; `share` of the clock that is left
 * @param {number|null} pulse seconds into the pulse; null draws none, a number beyond it two still rings
 * @returns {{ground: object[], above: object[]}} before and after the buildings
 */
export function responseLayers(kit, model, style, local, pulse) {
  const colour = style.severity[model.severity];
  const { accent, outline } = style.marks;
  const flat = { depthCompare: "always", depthWriteEnabled: false };
  const lift = (line) => line.map(([x, y]) => [x, y, 0.35]);
  const spot = model.path ? walk(model.path, model.walked)[0] : null;
  const make = (suffix, strength) => {
    const layers = [];
    const path = (id, data, rgb, alpha, width, more = {}) => layers.push(new kit.deck.PathLayer({
      id: `response-${id}${suffix}`, data, getPath: (line) => line,
      getColor: [...rgb, Math.round(alpha * strength)], getWidth: width, widthMinPixels: 1.5,
      parameters: flat, ...local, ...more,
    }));
    if (model.area > 0) {
      layers.push(new kit.deck.ScatterplotLayer({
        id: `response-area${suffix}`, data: [model.at], getPosition: ([x, y]) => [x, y, 0.3],
        getRadius: model.area, getFillColor: [...colour, Math.round(44 * strength)], stroked: true,
        getLineColor: [...colour, Math.round(150 * strength)], lineWidthUnits: "meters",
        getLineWidth: 0.6, parameters: flat, ...local,
      }));
    }
    if (model.share !== null) {
      path("track", [arc(model.at, RING_M, 1)], outline, 120, 2.2);
      if (model.share > 0) path("clock", [arc(model.at, RING_M, model.share)], colour, 255, 2.2);
    }
    if (model.path) {
      const round = { capRounded: true, jointRounded: true };
      path("casing", [lift(model.path)], style.background, 235, 4.4, round);
      if (model.walked > 0.5) {
        path("walked", [lift(cut(model.path, 0, model.walked))], accent, 255, 2.2, round);
      }
      path("dashes", dashes(model.path, model.walked).map(lift), accent, 255, 2.2);
    }
    return layers;
  };
  const above = make("-above", HIDDEN);
  if (spot) {
    above.push(new kit.deck.ScatterplotLayer({
      id: "response-dot", data: [spot], getPosition: ([x, y]) => [x, y, 0.6], getRadius: 2.3,
      radiusMinPixels: 6, radiusMaxPixels: 16, getFillColor: [...accent, 255], stroked: true,
      getLineColor: [...style.background, 255], lineWidthUnits: "pixels", getLineWidth: 3,
      parameters: flat, ...local,
    }));
  }
  if (model.severity === 1) {
    above.push(new kit.deck.LineLayer({
      id: "response-beam", data: [model.at], getSourcePosition: ([x, y]) => [x, y, 0],
      getTargetPosition: ([x, y]) => [x, y, BEAM_M], getColor: [...colour, 230], getWidth: 2.5,
      widthUnits: "pixels", parameters: flat, ...local,
    }));
  }
  return { ground: [...make("", 1), ...pulseLayer(kit, model, colour, local, flat, pulse)], above };
}

function pulseLayer(kit, model, colour, local, parameters, pulse) {
  if (pulse === null) return [];
  const still = pulse > PULSE_S;
  const share = still ? 0.5 : pulse / PULSE_S;
  const rings = still ? PULSE_M.slice(1) : PULSE_M.map((radius) => radius * (0.35 + 0.65 * share));
  return [new kit.deck.ScatterplotLayer({
    id: "response-pulse", data: rings.map((radius) => ({ at: model.at, radius })),
    getPosition: ({ at: [x, y] }) => [x, y, 0.3], getRadius: ({ radius }) => radius,
    filled: false, stroked: true, lineWidthUnits: "meters", getLineWidth: 1.1,
    getLineColor: [...colour, Math.round(255 * 0.47 * (1 - share))], parameters, ...local,
  })];
}
