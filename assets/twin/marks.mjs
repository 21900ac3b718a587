// Marks on the map: one ScatterplotLayer a layer, its colours and shapes in a GPU buffer of our own
// that is written whole when something changed. deck.gl is not asked to rebuild anything.

import { markStyle, SHAPE } from "./style.mjs";

// Draws a shape inside the unit disc of ScatterplotLayer; the shape's number rides in the alpha byte.
// What is wrong is drawn larger, so that it is seen from across the room.
const inject = {
  "vs:#decl": "float markScale;",
  "vs:#main-start": `
  float markShape = floor(instanceFillColors.a * 255.0 + 0.5);
  markScale = markShape == ${SHAPE.octagon}.0 ? 2.6 : markShape == ${SHAPE.triangle}.0 ? 2.0
    : markShape == ${SHAPE.doorHeld}.0 ? 1.9 : markShape == ${SHAPE.hatch}.0 ? 1.45
    : markShape == ${SHAPE.doorOpen}.0 ? 1.35 : 1.0;
`,
  "vs:DECKGL_FILTER_SIZE": "size *= markScale;",
  "fs:#decl": `
float boxDistance(vec2 p, vec2 b) {
  vec2 d = abs(p) - b;
  return length(max(d, 0.0)) + min(max(d.x, d.y), 0.0);
}
`,
  "fs:#main-start": `
  int shape = int(vFillColor.a * 255.0 + 0.5);
  vec2 at = unitPosition;
  float aa = max(fwidth(at.x), 0.004);
  float d;
  float inner = 1.0;
  if (shape == ${SHAPE.ring}) { d = abs(length(at) - 0.62) - 0.16; }
  else if (shape == ${SHAPE.doorHeld}) {
    // a frame with the hands of a clock: the time it has stood open
    float frame = abs(boxDistance(at, vec2(0.56, 0.78))) - 0.14;
    float hands = min(boxDistance(at - vec2(0.0, 0.24), vec2(0.1, 0.3)),
      boxDistance(at - vec2(0.16, 0.0), vec2(0.24, 0.1)));
    d = min(frame, hands);
  }
  else if (shape == ${SHAPE.triangle}) {
    vec2 p = vec2(abs(at.x), at.y + 0.12);
    d = max(dot(p, vec2(0.866, 0.5)) - 0.45, -p.y - 0.5);
  }
  else if (shape == ${SHAPE.octagon}) {
    vec2 p = abs(at);
    d = max(max(p.x, p.y) - 0.82, (p.x + p.y) * 0.7071 - 0.82);
    float cross = max(abs(p.x - p.y) * 0.7071 - 0.1, max(p.x, p.y) - 0.4);
    inner = 1.0 - smoothstep(aa, -aa, cross);
  }
  else if (shape == ${SHAPE.door}) {
    d = boxDistance(at, vec2(0.46, 0.78)) - 0.06;
    inner = smoothstep(-aa, aa, length(at - vec2(0.24, 0.0)) - 0.12);
  }
  else if (shape == ${SHAPE.doorOpen}) {
    float frame = abs(boxDistance(at, vec2(0.5, 0.78))) - 0.13;
    float leaf = boxDistance(at - vec2(-0.2, 0.0), vec2(0.22, 0.72));
    d = min(frame, leaf);
  }
  else if (shape == ${SHAPE.square}) { d = boxDistance(at, vec2(0.66)) - 0.1; }
  else if (shape == ${SHAPE.bracket}) {
    float frame = abs(boxDistance(at, vec2(0.62, 0.52))) - 0.12;
    d = min(frame, length(at) - 0.26);
  }
  else if (shape == ${SHAPE.hatch}) {
    d = length(at) - 0.86;
    float stripe = abs(fract((at.x + at.y) * 1.25) - 0.5) * 2.0;
    float outline = smoothstep(aa * 2.0, 0.0, abs(length(at) - 0.74) - 0.10);
    inner = max(outline, smoothstep(0.42, 0.58, stripe)) ;
  }
  else { d = length(at) - 0.74; }
  float cover = smoothstep(aa, -aa, d);
  float halo = smoothstep(aa, -aa, d - 0.2) * 0.72;
`,
  "fs:#main-end": `
  if (!bool(picking.isActive)) {
    vec3 ink = mix(vec3(marks.ink), vFillColor.rgb, cover * inner);
    float alpha = max(cover * mix(0.82, 1.0, inner), halo);
    if (alpha < 0.02) discard;
    vec4 shown = vec4(mix(vec3(marks.ink), ink, cover), alpha * marks.opacity);
    fragColor = picking_filterHighlightColor(shown);
  }
`,
};

const uniforms = `\
layout(std140) uniform marksUniforms {
  vec3 ink;
  float opacity;
} marks;
`;
const marksModule = {
  name: "marks",
  vs: uniforms,
  fs: uniforms,
  uniformTypes: { ink: "vec3<f32>", opacity: "f32" },
};

export function makeMarksExtension(deck) {
  class MarksExtension extends deck.LayerExtension {
    getShaders() {
      return { modules: [marksModule], inject };
    }

    draw() {
      this.setShaderModuleProps({ marks: this.props.marks });
    }
  }
  MarksExtension.extensionName = "MarksExtension";
  MarksExtension.defaultProps = {
    marks: { type: "object", value: { ink: [0, 0, 0], opacity: 1 } },
  };
  return MarksExtension;
}

/** Radius in metres on the ground and least and most pixels on the screen, by layer. */
export const SIZES = {
  entrances: [1.3, 2.4, 15],
  gates: [2.4, 4.6, 20],
  plate_cameras: [2.2, 4.4, 18],
  devices: [1.5, 2.6, 16],
  services: [2, 2.8, 16],
  parking: [2, 3, 16],
};

/** The live colours of one layer: bytes for the GPU and which row an id is. */
export class MarkColours {
  constructor(table) {
    this.layer = table.layer;
    this.bytes = new Uint8Array(Math.max(1, table.length) * 4);
    // the same bytes, a mark at a time: one comparison tells whether it looks as before
    this.words = new Uint32Array(this.bytes.buffer);
    this.looks = new Map();
    this.palette = null;
    this.rowOf = new Map(table.meta.ids.map((id, row) => [id, row]));
    this.buffer = null;
    this.dirty = false;
    this.rule = markStyle;
  }

  /** Makes the GPU buffer on a (new) device. */
  attach(device, luma) {
    this.buffer = device.createBuffer({
      data: this.bytes,
      usage: luma.Buffer.VERTEX | luma.Buffer.COPY_DST,
    });
    this.dirty = false;
    return this.buffer;
  }

  /** Repaints every row: a new theme or a snapshot. */
  paintAll(rows, palette) {
    this.paint(this.rowOf.keys(), rows, palette);
    this.dirty = true;
  }

  /** Repaints the ids that a patch touched; most of them only spoke again and look as they did. */
  paint(ids, rows, palette) {
    if (palette !== this.palette) {
      this.palette = palette;
      this.looks.clear();
    }
    const { layer, looks, rowOf, rule, words } = this;
    for (const id of ids) {
      const row = rowOf.get(id);
      if (row === undefined) continue;
      const style = rule(layer, rows?.[id]);
      let look = looks.get(style);
      if (look === undefined) looks.set(style, look = pack(palette[style[0]], style[1]));
      if (words[row] !== look) {
        words[row] = look;
        this.dirty = true;
      }
    }
  }

  /** Writes the bytes to the GPU if they changed. @returns {boolean} whether it did */
  flush() {
    if (!this.dirty || !this.buffer) return false;
    this.buffer.write(this.bytes);
    this.dirty = false;
    return true;
  }
}

/** Colour and shape as the four bytes of a mark, in the order of this machine's memory. */
function pack(rgb, shape) {
  return new Uint32Array(Uint8Array.of(...rgb, shape).buffer)[0];
}
