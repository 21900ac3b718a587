// The plain map for browsers without WebGL: the same tables and the same rules on a 2D canvas.

import { toLngLat } from "./camera.mjs";
import { MarkColours, SIZES } from "./marks.mjs";
import { SHAPE, THEMES } from "./style.mjs";

export class FlatMap {
  constructor(host, options) {
    Object.assign(this, options);
    this.host = host;
    this.tables = {};
    this.colours = {};
    this.rows = {};
    this.view = { theme: options.theme, hidden: new Set(), selection: null };
    this.camera = { padding: { left: 0, right: 0, top: 0, bottom: 0 }, held: false, home: null,
      hold() {}, drift() {}, fly: () => false };
    this.zoomBy = 1;
    this.shift = [0, 0];
    this.frames = 0;
    this.healed = 0;
    this.flat = true;
    this.canvas = document.createElement("canvas");
    this.canvas.className = "twin-canvas flat";
    this.canvas.setAttribute("aria-hidden", "true");
    host.prepend(this.canvas);
    this.#listen();
  }

  get palette() {
    return THEMES[this.view.theme].marks;
  }

  get viewport() {
    return {
      zoom: 15.5 + Math.log2(this.zoomBy),
      unproject: ([x, y]) => {
        const t = this.#transform();
        return toLngLat(this.origin, (x - t.x) / t.scale, (t.y - y) / t.scale);
      },
    };
  }

  setTable(table) {
    this.tables[table.layer] = table;
    if (table.layer in SIZES) {
      this.colours[table.layer] = new MarkColours(table);
      this.colours[table.layer].paintAll(this.rows[table.layer], this.palette);
    }
    this.draw();
  }

  setPicture() {}

  setSun() {}

  holdFrames() {}

  setRows(rows) {
    this.rows = rows;
    for (const [layer, c] of Object.entries(this.colours)) c.paintAll(rows[layer], this.palette);
    this.draw();
  }

  patchRows(rows, changed) {
    this.rows = rows;
    let touched = false;
    for (const [layer, ids] of Object.entries(changed)) {
      if (this.colours[layer]) {
        this.colours[layer].paint(ids, rows[layer], this.palette);
        touched = true;
      }
    }
    if (touched) this.draw();
  }

  setTheme(theme) {
    this.view.theme = theme;
    this.setRows(this.rows);
  }

  show(layer, visible) {
    if (visible) this.view.hidden.delete(layer);
    else this.view.hidden.add(layer);
    this.draw();
  }

  /** Buildings in colours of somebody else's, or in their own. @param {object|null} paint */
  setPaint(paint) {
    this.view.paint = paint;
    this.draw();
  }

  /** Flat areas, or none, as on the map. */
  setPatches(patches) {
    this.view.patches = patches;
    this.draw();
  }

  redraw() {
    this.draw();
  }

  /** A plan has no floors to open. */
  openFloors() {}

  select(selection) {
    this.view.selection = selection;
    this.draw();
  }

  fit(padding) {
    this.camera.padding = padding;
    this.zoomBy = 1;
    this.shift = [0, 0];
    this.draw();
  }

  flyTo() {}

  #transform() {
    const { clientWidth: width, clientHeight: height } = this.host;
    const [w, s, e, n] = this.extent;
    const p = this.camera.padding;
    const clear = [Math.max(80, width - p.left - p.right), Math.max(80, height - p.top - p.bottom)];
    const scale = Math.min(clear[0] / (e - w), clear[1] / (n - s)) * 0.94 * this.zoomBy;
    return {
      scale, width, height,
      x: p.left + clear[0] / 2 - ((w + e) / 2) * scale + this.shift[0],
      y: p.top + clear[1] / 2 + ((s + n) / 2) * scale + this.shift[1],
    };
  }

  project(x, y) {
    const t = this.#transform();
    return [t.x + x * t.scale, t.y - y * t.scale, 0];
  }

  draw() {
    if (this.queued) return;
    this.queued = true;
    requestAnimationFrame(() => {
      this.queued = false;
      this.#paint();
      this.frames++;
      this.host.dataset.frames = String(this.frames);
      this.onView?.();
    });
  }

  #paint() {
    const t = this.#transform();
    const ratio = Math.min(2, globalThis.devicePixelRatio || 1);
    this.canvas.width = t.width * ratio;
    this.canvas.height = t.height * ratio;
    const ink = this.canvas.getContext("2d");
    const style = THEMES[this.view.theme];
    ink.scale(ratio, ratio);
    ink.fillStyle = css(style.background);
    ink.fillRect(0, 0, t.width, t.height);
    const day = this.view.theme === "day";
    const at = (x, y) => [t.x + x * t.scale, t.y - y * t.scale];
    const trace = (flat, from, to, stride) => {
      for (let v = from; v < to; v++) {
        const [x, y] = at(flat[v * stride], flat[v * stride + 1]);
        if (v === from) ink.moveTo(x, y);
        else ink.lineTo(x, y);
      }
    };
    const shapes = this.tables.roads?.columns;
    if (shapes) {
      for (const [name, colour] of [["green", day ? "#bad4b7" : "#142e25"], ["water", day ? "#9ec9d8" : "#092a38"]]) {
        const starts = shapes[`${name}_starts`];
        ink.fillStyle = colour;
        ink.beginPath();
        for (let i = 0; i + 1 < starts.length; i++) trace(shapes[name], starts[i], starts[i + 1], 2);
        ink.fill();
      }
      ink.strokeStyle = day ? "#ffffff" : "#2c343d";
      ink.lineCap = "round";
      ink.lineJoin = "round";
      for (let i = 0; i + 1 < shapes.road_starts.length; i++) {
        ink.lineWidth = Math.max(0.6, shapes.road_widths[i] * t.scale);
        ink.beginPath();
        trace(shapes.roads, shapes.road_starts[i], shapes.road_starts[i + 1], 2);
        ink.stroke();
      }
    }
    for (const name of ["context", "buildings"]) {
      const table = this.tables[name];
      if (!table || this.view.hidden.has(name)) continue;
      const { positions, starts, valid } = table.columns;
      ink.fillStyle = name === "context" ? (day ? "#dfe4e8" : "#161d25") : day ? "#c9ced3" : "#5d6875";
      ink.strokeStyle = css(style.background);
      ink.lineWidth = 0.5;
      ink.beginPath();
      for (let i = 0; i < table.length; i++) {
        let from = starts[i];
        for (let v = starts[i]; v < starts[i + 1]; v++) {
          if (!valid[v]) {
            trace(positions, from, v + 1, 3);
            from = v + 1;
          }
        }
      }
      ink.fill("evenodd");
      ink.stroke();
      if (name === "buildings") {
        this.#fillPatches(ink, at);
        if (this.view.paint) this.#fillPaint(ink, trace, style);
      }
      if (name === "buildings" && this.view.selection?.layer === "buildings") {
        const row = table.meta.ids.indexOf(this.view.selection.id);
        if (row >= 0) {
          ink.strokeStyle = css(style.marks.accent);
          ink.lineWidth = 2.5;
          ink.beginPath();
          trace(positions, starts[row], starts[row + 1], 3);
          ink.stroke();
        }
      }
    }
    for (const [layer, colours] of Object.entries(this.colours)) {
      if (this.view.hidden.has(layer)) continue;
      const { positions } = this.tables[layer].columns;
      const radius = SIZES[layer][1];
      for (let i = 0; i < this.tables[layer].length; i++) {
        const [x, y] = at(positions[i * 3], positions[i * 3 + 1]);
        drawMark(ink, x, y, radius, colours.bytes.subarray(i * 4, i * 4 + 4), style);
      }
    }
  }

  /** Each building in its own colour, striped or hatched as its roof would be. */
  #fillPaint(ink, trace, style) {
    const { bytes } = this.view.paint;
    const { positions, starts } = this.tables.buildings.columns;
    const dress = { 254: stripes(css(style.marks.accent)), 253: stripes("#77848f") };
    for (let i = 0; i < this.tables.buildings.length; i++) {
      const [r, g, b, look] = bytes.subarray(starts[i] * 4, starts[i] * 4 + 4);
      ink.beginPath();
      trace(positions, starts[i], starts[i + 1], 3);
      ink.fillStyle = `rgb(${r}, ${g}, ${b})`;
      ink.fill("evenodd");
      if (dress[look]) {
        ink.fillStyle = dress[look];
        ink.fill("evenodd");
      }
    }
  }

  #fillPatches(ink, at) {
    for (const { rings, colour } of this.view.patches ?? []) {
      const [r, g, b, alpha = 255] = colour;
      ink.fillStyle = `rgb(${r} ${g} ${b} / ${alpha / 255})`;
      ink.beginPath();
      for (const ring of rings) {
        ring.forEach(([x, y], k) => (k ? ink.lineTo(...at(x, y)) : ink.moveTo(...at(x, y))));
      }
      ink.fill("evenodd");
    }
  }

  #listen() {
    let from = null;
    let moved = false;
    this.canvas.addEventListener("pointerdown", (e) => {
      from = [e.clientX, e.clientY];
      moved = false;
      this.canvas.setPointerCapture(e.pointerId);
    });
    this.canvas.addEventListener("pointermove", (e) => {
      if (!from) return;
      const d = [e.clientX - from[0], e.clientY - from[1]];
      if (Math.hypot(...d) > 4) moved = true;
      if (moved) {
        this.shift = [this.shift[0] + d[0], this.shift[1] + d[1]];
        from = [e.clientX, e.clientY];
        this.draw();
      }
    });
    this.canvas.addEventListener("pointerup", (e) => {
      from = null;
      if (!moved) this.onPick?.(this.#pick(e.offsetX, e.offsetY));
    });
    this.canvas.addEventListener("wheel", (e) => {
      e.preventDefault();
      this.zoomBy = Math.min(24, Math.max(0.5, this.zoomBy * (e.deltaY < 0 ? 1.15 : 1 / 1.15)));
      this.draw();
    }, { passive: false });
  }

  #pick(px, py) {
    let best = null;
    for (const layer of Object.keys(this.colours)) {
      if (this.view.hidden.has(layer)) continue;
      const table = this.tables[layer];
      for (let row = 0; row < table.length; row++) {
        const [x, y] = this.project(table.columns.positions[row * 3], table.columns.positions[row * 3 + 1]);
        const d = Math.hypot(x - px, y - py);
        if (d < 9 && d < (best?.d ?? Infinity)) best = { d, layer, row };
      }
    }
    const buildings = this.tables.buildings;
    if (!best && buildings && !this.view.hidden.has("buildings")) {
      const { positions, starts } = buildings.columns;
      for (let row = 0; row < buildings.length && !best; row++) {
        let inside = false;
        for (let v = starts[row], u = starts[row + 1] - 1; v < starts[row + 1]; u = v++) {
          const a = this.project(positions[v * 3], positions[v * 3 + 1]);
          const b = this.project(positions[u * 3], positions[u * 3 + 1]);
          if (a[1] > py !== b[1] > py && px < ((b[0] - a[0]) * (py - a[1])) / (b[1] - a[1]) + a[0]) {
            inside = !inside;
          }
        }
        if (inside) best = { layer: "buildings", row };
      }
    }
    if (!best) return null;
    const { ids, names } = this.tables[best.layer].meta;
    return { layer: best.layer, id: ids[best.row], row: best.row, name: names?.[best.row] ?? "", x: px, y: py };
  }

  locate(layer, id) {
    const table = this.tables[layer];
    const row = table?.meta.ids?.indexOf(id) ?? -1;
    if (row < 0) return null;
    const v = table.columns.starts ? table.columns.starts[row] : row;
    return [...table.columns.positions.subarray(v * 3, v * 3 + 3)];
  }

  destroy() {
    this.canvas.remove();
  }
}

function css([r, g, b]) {
  return `rgb(${r} ${g} ${b})`;
}

const DOORS = [SHAPE.door, SHAPE.doorOpen, SHAPE.doorHeld];
const HOLLOW = [SHAPE.hatch, SHAPE.ring, SHAPE.doorOpen, SHAPE.doorHeld];

const patterns = {};

/** Stripes of a colour, to be laid over another; made once. */
function stripes(colour) {
  if (!patterns[colour]) {
    const tile = Object.assign(document.createElement("canvas"), { width: 6, height: 6 });
    const ink = tile.getContext("2d");
    ink.strokeStyle = colour;
    ink.lineWidth = 2;
    ink.beginPath();
    for (const shift of [-6, 0, 6]) {
      ink.moveTo(shift - 1, 7);
      ink.lineTo(shift + 7, -1);
    }
    ink.stroke();
    patterns[colour] = ink.createPattern(tile, "repeat");
  }
  return patterns[colour];
}

function drawMark(ink, x, y, r, [red, green, blue, shape], style) {
  ink.beginPath();
  if (shape === SHAPE.triangle) {
    ink.moveTo(x, y - r * 1.2);
    ink.lineTo(x + r * 1.1, y + r * 0.8);
    ink.lineTo(x - r * 1.1, y + r * 0.8);
    ink.closePath();
  } else if (shape === SHAPE.octagon) {
    for (let k = 0; k < 8; k++) {
      const turn = ((k + 0.5) * Math.PI) / 4;
      ink.lineTo(x + r * 1.1 * Math.cos(turn), y + r * 1.1 * Math.sin(turn));
    }
    ink.closePath();
  } else if (DOORS.includes(shape)) ink.rect(x - r * 0.55, y - r, r * 1.1, r * 2);
  else if (shape === SHAPE.square) ink.rect(x - r * 0.8, y - r * 0.8, r * 1.6, r * 1.6);
  else ink.arc(x, y, r, 0, 7);
  ink.lineWidth = 2;
  ink.strokeStyle = css(style.marks.outline);
  ink.stroke();
  if (HOLLOW.includes(shape)) {
    ink.fillStyle = css(style.marks.outline);
    ink.fill();
    ink.strokeStyle = `rgb(${red} ${green} ${blue})`;
    ink.lineWidth = 1.4;
    ink.setLineDash(shape === SHAPE.hatch ? [2, 1.6] : []);
    ink.stroke();
    ink.setLineDash([]);
    if (shape === SHAPE.doorHeld) {
      ink.beginPath();
      ink.moveTo(x, y - r * 0.6);
      ink.lineTo(x, y);
      ink.lineTo(x + r * 0.4, y);
      ink.stroke();
    }
  } else {
    ink.fillStyle = `rgb(${red} ${green} ${blue})`;
    ink.fill();
  }
}
