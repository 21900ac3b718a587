// Colours, shapes and light by theme: the design language's rules, and nowhere else.

export const THEMES = {
  dark: {
    background: [9, 13, 18],
    // by building tone: slab, old, tower, public (layers/buildings.py TONES)
    walls: [[104, 112, 122], [104, 104, 106], [108, 118, 132], [122, 124, 124]],
    roofGain: 1.1,
    foot: 0.5,
    windows: { unlit: [40, 50, 64], lit: 0.27 },
    context: { wall: [42, 50, 60], roofGain: 1.36 },
    boxes: [[150, 160, 172], [44, 66, 104]],
    trees: [[22, 50, 42], [38, 76, 62]],
    boundary: [94, 209, 192, 120],
    edge: [176, 186, 198, 150],
    light: {
      ambient: [[186, 200, 220], 1.22],
      key: [[220, 230, 248], 1.42, [0.85, 0.45, -1.1]],
      fill: [[255, 186, 120], 0.42, [-0.7, 0.6, -0.3]],
    },
    material: { ambient: 0.62, diffuse: 0.55, shininess: 24, specularColor: [26, 32, 40] },
    marks: {
      normal: [182, 194, 206],
      accent: [94, 209, 192],
      held: [244, 211, 94],
      forced: [255, 90, 79],
      fault: [255, 154, 61],
      silent: [119, 132, 143],
      parking: [159, 179, 200],
      faint: [86, 96, 106],
      outline: [9, 13, 18],
    },
    severity: { 1: [255, 90, 79], 2: [255, 154, 61], 3: [244, 211, 94], 4: [134, 182, 255] },
  },
  day: {
    background: [232, 237, 241],
    walls: [[236, 233, 227], [226, 219, 208], [240, 242, 244], [240, 229, 214]],
    roofGain: 1.04,
    foot: 0.8,
    windows: { unlit: [164, 182, 198], lit: 0 },
    context: { wall: [226, 231, 235], roofGain: 1.02 },
    boxes: [[246, 246, 244], [120, 142, 176]],
    trees: [[128, 172, 118], [164, 202, 150]],
    boundary: [11, 117, 107, 150],
    edge: [255, 255, 255, 190],
    light: {
      ambient: [[236, 241, 252], 1.18],
      key: [[255, 243, 222], 1.05, [-0.6, 0.75, -1.15]],
      fill: [[220, 235, 255], 0.15, [0.8, -0.3, -0.4]],
    },
    material: { ambient: 0.62, diffuse: 0.55, shininess: 24, specularColor: [20, 20, 20] },
    marks: {
      normal: [90, 104, 117],
      accent: [11, 117, 107],
      held: [168, 132, 0],
      forced: [179, 20, 14],
      fault: [198, 95, 0],
      silent: [138, 151, 163],
      parking: [90, 104, 117],
      faint: [176, 186, 196],
      outline: [255, 255, 255],
    },
    severity: { 1: [179, 20, 14], 2: [198, 95, 0], 3: [168, 132, 0], 4: [31, 95, 191] },
  },
};

// Shapes that the marks' fragment shader draws (assets/twin/marks.mjs); sent in the alpha byte.
export const SHAPE = {
  disc: 0,
  ring: 1,
  doorHeld: 2,
  triangle: 3,
  octagon: 4,
  door: 5,
  doorOpen: 6,
  hatch: 7,
  square: 8,
  bracket: 9,
};

const DOOR = {
  closed: ["normal", SHAPE.door],
  open: ["accent", SHAPE.doorOpen],
  held: ["held", SHAPE.doorHeld],
  forced: ["forced", SHAPE.octagon],
  offline: ["silent", SHAPE.hatch],
};

// made once: thousands of marks are styled in a single update
const PARKING = ["parking", SHAPE.square];
const SERVICE_UNKNOWN = ["normal", SHAPE.ring];
const SERVICE_OPEN = ["accent", SHAPE.disc];
const SILENT = ["silent", SHAPE.hatch];
const ALARM = ["forced", SHAPE.octagon];
const FAULT = ["fault", SHAPE.triangle];
const CAMERA = ["normal", SHAPE.bracket];
const DEVICE = ["normal", SHAPE.disc];

/**
 * What a mark looks like. Silence is hatched whatever was last said; unknown counts as silent.
 *
 * @param {string} layer
 * @param {{s?: string, h?: string, free?: number}|undefined} row live row, if any was heard
 * @returns {[string, number]} key of the theme's `marks` colours, shape; the same array for the
 *   same look, so that who draws it may keep what it made of it
 */
export function markStyle(layer, row) {
  if (layer === "parking") return PARKING;
  if (layer === "services") return row?.s === "open" ? SERVICE_OPEN : SERVICE_UNKNOWN;
  if (!row || row.h === "silent" || row.s === "offline") return SILENT;
  if (layer === "entrances" || layer === "gates") return DOOR[row.s] ?? DOOR.offline;
  if (row.s === "alarm") return ALARM;
  if (row.s === "fault") return FAULT;
  return layer === "plate_cameras" ? CAMERA : DEVICE;
}

/** Repeatable noise in 0..1 for a whole number. */
export function noise(n) {
  const x = Math.sin(n * 12.9898 + 4.1414) * 43758.5453;
  return x - Math.floor(x);
}

/** Mixes two RGB colours; t = 0 gives a. */
export function mix(a, b, t) {
  return [0, 1, 2].map((k) => a[k] + (b[k] - a[k]) * t);
}
