// Flat areas of coverage on the ground: what devices see or reach, blind spots, circles as the crow
// flies drawn in dashes. All are rings in metres, which the map and the plan fill alike.

const COLOURS = {
  seen: { dark: [94, 209, 192, 70], day: [11, 117, 107, 60] },
  blind: { dark: [226, 131, 198, 90], day: [176, 48, 143, 80] },
  circle: { dark: [94, 209, 192, 190], day: [11, 117, 107, 200] },
};
const DASH_M = 7;
const WIDE_M = 1.6;
const MOST_CIRCLES = 24;

/** Areas of an answer about devices. */
export function deviceAreas(told, theme) {
  return [
    ...told.blind.map((rings) => ({ rings, colour: COLOURS.blind[theme] })),
    ...told.seen.map((rings) => ({ rings, colour: COLOURS.seen[theme] })),
  ];
}

/**
 * Circles around services, each dash a narrow four-sided area.
 *
 * @param {number[][]} spots metres
 * @param {number} radius metres
 * @param {"dark"|"day"} theme
 */
export function circleAreas(spots, radius, theme) {
  const dashes = Math.max(12, Math.round((2 * Math.PI * radius) / (2 * DASH_M)));
  const found = [];
  for (const [x, y] of spots.slice(0, MOST_CIRCLES)) {
    for (let k = 0; k < dashes; k++) {
      const [from, to] = [k, k + 0.55].map((part) => (part / dashes) * 2 * Math.PI);
      const at = (angle, r) => [x + Math.cos(angle) * r, y + Math.sin(angle) * r];
      const [inner, outer] = [radius - WIDE_M / 2, radius + WIDE_M / 2];
      found.push({
        rings: [[at(from, inner), at(to, inner), at(to, outer), at(from, outer), at(from, inner)]],
        colour: COLOURS.circle[theme],
      });
    }
  }
  return found;
}
