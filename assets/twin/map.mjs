// One deck.gl canvas for the page's life: builds it, heals it, picks from it.

import { Camera, fitStop } from "./camera.mjs";
import { makeFacadeExtension } from "./facade.mjs";
import { Floors } from "./floors.mjs";
import { makeMarksExtension, MarkColours, SIZES } from "./marks.mjs";
import { sensingStyle } from "./sensing.mjs";
import { buildLayers, geoData, lightingEffect } from "./scene.mjs";
import { markStyle, THEMES } from "./style.mjs";
import { tileMatrix } from "./wall-screen.mjs";

export class TwinMap {
  /**
   * @param {HTMLElement} host
   * @param {object} options
   * @param {any} options.deck the bundle's deck global
   * @param {any} options.luma
   * @param {object[]} options.specs layer descriptions from the server (pydeck's JSON, no data)
   * @param {[number, number]} options.origin longitude and latitude that metres count from
   * @param {number[][]} options.outline x, y, z in metres of what the overview must show
   * @param {number[]} options.extent west, south, east, north in metres
   * @param {object} options.stop pitch and bearing of the overview
   * @param {(picked: object|null) => void} options.onPick
   * @param {(hover: object|null) => void} options.onHover
   * @param {object[]} options.areas grids and compounds: layer, id, rings in metres
   * @param {() => void} options.onMove after a person or a flight moved the camera
   * @param {string} options.api URL prefix of the world
   * @param {import("./words.mjs").Words} options.words
   * @param {() => boolean} options.tellsFlats whether the page may ask what flats are
   * @param {() => void} options.onView after the view changed or a frame was drawn
   * @param {object} [options.tile] which part of a wall this screen shows (wall-screen.mjs)
   * @param {Function} [options.makeCamera] makes another camera than the usual one
   */
  constructor(host, options) {
    Object.assign(this, options);
    this.host = host;
    this.tables = {};
    this.pictures = {};
    this.colours = {};
    this.rows = {};
    this.view = {
      theme: options.theme, hidden: new Set(), selection: null, opacity: {}, sensing: false,
      clustered: false, overlay: null, paint: null, patches: null, response: null,
      pixelScale: options.pixelScale ?? 1,
    };
    this.made = new Map();
    this.frames = 0;
    this.frameMs = 0;
    this.healed = 0;
    this.sun = null;
    this.FacadeExtension = makeFacadeExtension(this.deck);
    this.MarksExtension = makeMarksExtension(this.deck);
    const apply = (view) => this.#apply(view);
    this.camera = options.makeCamera?.(this.deck, apply) ?? new Camera(this.deck, apply);
    this.floors = new Floors(this);
    this.camera.onCut = () => this.onMove?.();
    this.#create();
  }

  #create() {
    const canvas = document.createElement("canvas");
    canvas.className = "twin-canvas";
    canvas.setAttribute("aria-hidden", "true");
    this.host.prepend(canvas);
    this.canvas = canvas;
    canvas.addEventListener("webglcontextlost", this.#onLost);
    const holdNow = () => this.camera.hold(true);
    canvas.addEventListener("pointerdown", holdNow);
    canvas.addEventListener("wheel", holdNow, { passive: true });
    let began = 0;
    this.deckgl = new this.deck.Deck({
      canvas,
      width: this.tile ? "var(--tile-w)" : "100%",
      height: this.tile ? "var(--tile-h)" : "100%",
      views: this.#views(),
      initialViewState: this.camera.view
        ? this.camera.withPadding(this.camera.view)
        : { longitude: this.origin[0], latitude: this.origin[1], zoom: 16, ...this.stop },
      controller: !this.tile && { doubleClickZoom: false, inertia: 200, keyboard: true, touchRotate: true },
      eventRecognizerOptions: { click: { interval: 0, time: 30_000 } },
      useDevicePixels: this.pixelRatio ?? Math.min(2, globalThis.devicePixelRatio || 1),
      pickingRadius: 6,
      layers: [],
      effects: [lightingEffect(this.deck, this.view.theme, this.sun)],
      getCursor: ({ isDragging, isHovering }) =>
        isDragging ? "grabbing" : isHovering ? "pointer" : "grab",
      onDeviceInitialized: (device) => {
        this.device = device;
        this.rebuild();
      },
      onBeforeRender: () => {
        began = performance.now();
      },
      onAfterRender: () => {
        this.frames++;
        this.frameMs = this.frameMs * 0.8 + (performance.now() - began) * 0.2;
        this.host.dataset.frames = String(this.frames);
        if (this.whole && !this.marked) {
          this.marked = true;
          performance.mark("twin-first-frame");
        }
        this.onView?.();
        this.floors.place();
      },
      onViewStateChange: ({ viewState }) => {
        const { longitude, latitude, zoom, pitch, bearing } = viewState;
        this.camera.view = { longitude, latitude, zoom, pitch, bearing };
        this.onView?.();
        this.onMove?.();
      },
      onClick: (info) => this.onPick?.(this.#toPicked(info)),
      onHover: (info) => this.onHover?.(this.#toPicked(info)),
      onError: (error) => console.warn("map:", error.message),
    });
  }

  #views(view = this.camera?.view) {
    const lens = { fovy: 28, padding: this.camera?.padding, nearZMultiplier: 0.1, farZMultiplier: 1.6 };
    if (!this.tile || !view) {
      return new this.deck.MapView({ id: "map", controller: !this.tile, ...lens });
    }
    const { width, height } = this.tile.wall;
    const whole = new this.deck.WebMercatorViewport({ width, height, ...view, ...lens });
    return new this.deck.MapView({
      id: "map", controller: false, ...lens,
      projectionMatrix: tileMatrix(whole.projectionMatrix, this.tile),
    });
  }

  #apply(view) {
    // a tile's projection follows the camera, as near and far do
    const more = this.tile ? { views: this.#views(view) } : {};
    this.deckgl?.setProps({ ...more, initialViewState: view });
  }

  // A lost context is healed by a new canvas and device; tables and state stay as they are.
  #onLost = (event) => {
    event.preventDefault();
    if (this.gone) return;
    this.healed++;
    this.host.dataset.healed = String(this.healed);
    const lost = this.deckgl;
    this.device = null;
    this.made.clear();
    for (const colours of Object.values(this.colours)) colours.buffer = null;
    this.canvas.removeEventListener("webglcontextlost", this.#onLost);
    this.canvas.remove();
    try {
      lost.finalize();
    } catch {
      // its device is gone already
    }
    this.#create();
  };

  /** Adds or replaces a layer's table. */
  setTable(table) {
    this.tables[table.layer] = table;
    for (const key of this.made.keys()) {
      if (key.includes(table.layer)) this.made.delete(key);
    }
    if (table.layer in SIZES) {
      this.colours[table.layer] = new MarkColours(table);
      this.colours[table.layer].rule = this.#rule;
      this.colours[table.layer].paintAll(this.rows[table.layer], this.palette);
    }
    this.rebuild();
  }

  /** Adds a picture of the ground, an ImageBitmap with its edges in metres. */
  setPicture(name, theme, image, bounds) {
    this.pictures[`${name}:${theme}`] = image ? { image, bounds } : null;
    this.rebuild();
  }

  get palette() {
    return THEMES[this.view.theme].marks;
  }

  /** Takes the whole live state: after a snapshot or a change of theme. */
  setRows(rows) {
    this.rows = rows;
    for (const [layer, colours] of Object.entries(this.colours)) {
      colours.paintAll(rows[layer], this.palette);
    }
    this.#flush();
    this.floors.refresh();
  }

  /** Takes what a patch changed: writes colours to the GPU, rebuilds nothing. */
  patchRows(rows, changed) {
    this.rows = rows;
    for (const [layer, ids] of Object.entries(changed)) {
      this.colours[layer]?.paint(ids, rows[layer], this.palette);
    }
    this.#flush();
    if (changed.entrances || changed.devices) this.floors.refresh();
  }

  #flush() {
    let wrote = false;
    for (const colours of Object.values(this.colours)) wrote = colours.flush() || wrote;
    if (wrote) this.deckgl?.layerManager?.setNeedsRedraw("live");
  }

  setTheme(theme) {
    if (theme === this.view.theme) return;
    this.view.theme = theme;
    for (const [layer, colours] of Object.entries(this.colours)) {
      colours.paintAll(this.rows[layer], this.palette);
    }
    this.#flush();
    this.deckgl?.setProps({ effects: [lightingEffect(this.deck, theme, this.sun)] });
    this.rebuild();
  }

  setSun(sun) {
    this.sun = sun;
    this.deckgl?.setProps({ effects: [lightingEffect(this.deck, this.view.theme, sun)] });
  }

  show(layer, visible) {
    if (visible) this.view.hidden.delete(layer);
    else this.view.hidden.add(layer);
    this.rebuild();
  }

  get #rule() {
    return this.view.sensing ? sensingStyle : markStyle;
  }

  /** Shows what is heard and what is silent, in place of what things say. */
  setSensing(on) {
    this.view.sensing = on;
    for (const [layer, colours] of Object.entries(this.colours)) {
      colours.rule = this.#rule;
      colours.paintAll(this.rows[layer], this.palette);
    }
    this.#flush();
    this.rebuild();
  }

  /** How clearly a layer is drawn, from 0 to 1. */
  setOpacity(layer, opacity) {
    this.view.opacity = { ...this.view.opacity, [layer]: opacity };
    this.rebuild();
  }

  /** Far out, marks give way to badges (clusters.mjs). */
  cluster(on) {
    this.view.clustered = on;
    this.rebuild();
  }

  /** Shows buildings in colours of somebody else's, or in their own. @param {object|null} paint */
  setPaint(paint) {
    this.view.paint = paint;
    this.rebuild();
  }

  /** Asks for a frame: a buffer was written. */
  redraw() {
    this.deckgl?.layerManager?.setNeedsRedraw("paint");
  }

  /** Draws lines over the ground, or none. @param {import("./overlays.mjs").Overlay|null} overlay */
  setOverlay(overlay) {
    this.view.overlay = overlay;
    this.rebuild();
  }

  /** Draws who comes to an incident, or nobody (response-layers.mjs); `pulse` in seconds or null. */
  setResponse(model, pulse = null) {
    if (!model && !this.view.response) return;
    this.view.response = model && { model, pulse };
    this.rebuild();
  }

  /** Keeps the middle of the picture clear of other panels than before; the overview stays as it is. */
  pad(padding) {
    this.camera.padding = padding;
    this.deckgl.setProps({ views: this.#views() });
  }

  /** Draws flat areas on the ground, or none. @param {{rings: number[][][], colour: number[]}[]|null} patches */
  setPatches(patches) {
    this.view.patches = patches;
    this.rebuild();
  }

  select(selection) {
    this.view.selection = selection;
    this.floors.follow(selection);
    this.rebuild();
  }

  /**
   * Opens a building floor by floor, its neighbours stepping back; null closes it. It closes by
   * itself when something else is chosen.
   *
   * @param {string|null} id
   * @param {{fly?: boolean}} [options] `fly: false` leaves the camera where it is
   */
  openFloors(id, options) {
    return this.floors.show(id, options);
  }

  /** While tables come in one after another, a frame for each would only be in their way. */
  holdFrames(on) {
    this.holding = on;
    if (!on) this.rebuild();
  }

  /** Asks for new layers; many wishes before the next frame are one. */
  rebuild() {
    if (this.rebuilding || this.holding) return;
    this.rebuilding = true;
    queueMicrotask(() => {
      this.rebuilding = false;
      this.#build();
    });
  }

  /** Gives deck.gl its layers anew; unchanged data keeps its identity, so nothing is uploaded twice. */
  #build() {
    if (!this.device || !this.tables.buildings || this.gone) return;
    const kit = {
      deck: this.deck,
      luma: this.luma,
      device: this.device,
      tables: this.tables,
      specs: this.specs,
      origin: this.origin,
      areas: this.areas ?? [],
      pictures: this.pictures,
      colours: this.colours,
      rows: this.rows,
      floors: this.floors.table ? this.floors : null,
      once: (key, make) => {
        if (!this.made.has(key)) this.made.set(key, make());
        return this.made.get(key);
      },
      facade: this.#extension("facade", this.FacadeExtension),
      marksExtension: this.#extension("marks-extension", this.MarksExtension),
    };
    const { paint } = this.view;
    kit.data = (theme) => geoData(this.tables, theme, kit.once, paint && {
      serial: paint.serial, attach: () => paint.attach(this.device, this.luma),
    });
    this.deckgl.setProps({ layers: buildLayers(kit, this.view) });
    // everything that does not change is in the next frame
    this.whole = Boolean(this.pictures[`inner:${this.view.theme}`] ?? this.pictures[`outer:${this.view.theme}`]) &&
      this.specs.every((spec) => spec.id in this.tables);
  }

  #extension(key, Extension) {
    this.extensions ??= {};
    this.extensions[key] ??= new Extension();
    return this.extensions[key];
  }

  /** Fits the community into the part of the screen that panels leave clear; `stay` only knows how. */
  fit(padding, { fly = false, byPerson = false, stay = false } = {}) {
    this.camera.padding = padding;
    this.deckgl.setProps({ views: this.#views() });
    const { clientWidth: width, clientHeight: height } = this.host;
    const stop = fitStop(this.deck, {
      origin: this.origin, outline: this.outline, width, height, padding, ...this.stop,
    });
    this.camera.home = stop;
    if (fly) this.camera.fly(stop, { byPerson });
    else if (!stay && !this.camera.held) this.camera.jump(stop);
  }

  get viewport() {
    return this.deckgl?.isInitialized ? this.deckgl.getViewports()[0] ?? null : null;
  }

  /** Pixel position of metres from the origin, or null before the first frame. */
  project(x, y, z = 0) {
    const viewport = this.viewport;
    if (!viewport) return null;
    const scales = this.scales ??= new this.deck.WebMercatorViewport({
      longitude: this.origin[0], latitude: this.origin[1], zoom: 1, width: 1, height: 1,
    }).getDistanceScales();
    const [ox, oy] = (this.common ??= viewport.projectPosition([...this.origin, 0]));
    const per = scales.unitsPerMeter;
    const world = [ox + x * per[0], oy + y * per[1], z * per[2]];
    const clip = transform(viewport.viewProjectionMatrix, world);
    if (clip[3] <= 0) return null;
    const { x: left, y: top } = this.tile ?? viewport;
    return [
      left + ((clip[0] / clip[3] + 1) / 2) * viewport.width,
      top + ((1 - clip[1] / clip[3]) / 2) * viewport.height,
      clip[2] / clip[3],
    ];
  }

  #toPicked(info) {
    // row 0 is a row: only -1 means nothing
    if (!info?.layer || info.index === undefined || info.index < 0) return null;
    const table = this.tables[info.layer.id];
    const id = table?.meta.ids?.[info.index];
    if (id === undefined) return null;
    return {
      layer: info.layer.id, id, row: info.index, name: table.meta.names?.[info.index] ?? "",
      x: info.x + (this.tile?.x ?? 0), y: info.y + (this.tile?.y ?? 0),
    };
  }

  /** Metres from the origin of a feature's mark or footprint, with a height to look at. */
  locate(layer, id) {
    const table = this.tables[layer];
    const row = table?.meta.ids?.indexOf(id) ?? -1;
    if (row < 0) return null;
    const p = table.columns.positions;
    if (!table.columns.starts) return [p[row * 3], p[row * 3 + 1], p[row * 3 + 2]];
    const [from, to] = [table.columns.starts[row], table.columns.starts[row + 1]];
    let x = 0;
    let y = 0;
    for (let v = from; v < to; v++) {
      x += p[v * 3];
      y += p[v * 3 + 1];
    }
    return [x / (to - from), y / (to - from), table.columns.elevations[from]];
  }

  /** Which way a camera must look to see a door's face, degrees, or null where that is unknown. */
  facing(layer, id) {
    const table = this.tables[layer];
    const outward = table?.columns.bearings?.[table.meta.ids?.indexOf(id)];
    return outward === undefined || Number.isNaN(outward) ? null : (outward + 180) % 360;
  }

  destroy() {
    this.gone = true;
    this.floors.destroy();
    this.canvas.removeEventListener("webglcontextlost", this.#onLost);
    this.deckgl.finalize();
    this.canvas.remove();
  }
}

function transform(m, [x, y, z]) {
  return [0, 1, 2, 3].map((k) => m[k] * x + m[4 + k] * y + m[8 + k] * z + m[12 + k]);
}
