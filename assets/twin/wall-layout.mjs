// The wall's layout: sizes as custom properties, panels that fit and no others, text that no bezel cuts.

/** What goes first when there is no room, by its class. */
const LEAST_FIRST = [
  "card-legend", "card-places", "card-kinds", "card-overview", "card-vehicles", "card-projects", "card-feed",
  "card-attention", "card-doors",
];
const COLUMN_EM = { left: 19.1, right: 20.3 };
const GAP_EM = 0.65;
const MARGIN_EM = 1.3;
const FIT_MS = 120;

/**
 * Columns of a wing that no vertical bezel cuts: each within one cabinet where cabinets are wide enough.
 *
 * @param {{width: number, lines: number[], em: number, side: "left"|"right", count: number}} wing
 * @returns {{left: number, width: number}[]} pixels from the wall's left edge, left to right
 */
export function columnsOf({ width, lines, em, side, count }) {
  const wanted = COLUMN_EM[side] * em;
  const [gap, margin] = [GAP_EM * em, MARGIN_EM * em];
  const edges = [0, ...lines, width];
  const cells = edges.slice(1).map((edge, k) => [edges[k], edge]);
  if (side === "right") cells.reverse();
  const half = 0.5 * em;
  const fits = lines.length > 0 && cells[0][1] - cells[0][0] >= wanted * 0.86 + margin + half;
  const columns = [];
  if (!fits) {
    for (let k = 0; k < count; k++) {
      const x = margin + k * (wanted + gap);
      columns.push({ left: side === "left" ? x : width - x - wanted, width: wanted });
    }
  } else {
    for (const [k, [from, to]] of cells.entries()) {
      // the outer edge keeps the margin, a bezel half a unit on each side; a wide cabinet holds several
      const outer = k === 0 ? margin : half;
      const room = to - from - margin - half; // alike in every cabinet
      const many = Math.max(1, Math.min(count - columns.length, Math.floor((room + gap) / (wanted + gap))));
      const each = Math.min(wanted * 1.25, (room - (many - 1) * gap) / many);
      for (let n = 0; n < many && columns.length < count; n++) {
        const x = outer + n * (each + gap);
        columns.push({ left: side === "left" ? from + x : to - x - each, width: each });
      }
      if (columns.length >= count || each < wanted * 0.86) break;
    }
  }
  return columns.sort((a, b) => a.left - b.left);
}

export class WallLayout {
  /** @param {import("./wall.mjs").Wall} wall */
  constructor(wall) {
    this.wall = wall;
    this.prepare();
  }

  /** Before Dash has drawn anything: sizes that the style sheet counts with. */
  prepare() {
    const { screen } = this.wall;
    const root = document.documentElement;
    root.dataset.wall = screen.layout;
    if (screen.tiled) root.dataset.tile = screen.tile;
    const set = (name, value) => root.style.setProperty(name, value);
    set("--base", `${screen.base.toFixed(2)}px`);
    set("--wall-w", `${screen.wall.width}px`);
    set("--wall-h", `${screen.wall.height}px`);
    set("--tile-x", `${screen.x}px`);
    set("--tile-y", `${screen.y}px`);
    set("--tile-w", `${screen.width}px`);
    set("--tile-h", `${screen.height}px`);
    for (const side of ["left", "right"]) this.#columns(side);
  }

  #columns(side) {
    const { screen } = this.wall;
    if (screen.layout === "tall") return;
    const columns = columnsOf({
      width: screen.wall.width, lines: screen.lines.x, em: screen.base, side,
      count: screen.layout === "wide" ? 2 : 1,
    });
    const [first, last] = [columns[0], columns.at(-1)];
    const root = document.documentElement.style;
    const gap = columns.length > 1 ? columns[1].left - first.left - first.width : 0;
    root.setProperty(`--${side}-x`, `${first.left.toFixed(1)}px`);
    root.setProperty(`--${side}-w`, `${(last.left + last.width - first.left).toFixed(1)}px`);
    root.setProperty(`--${side}-column`, `${first.width.toFixed(1)}px`);
    root.setProperty(`--${side}-gap`, `${Math.max(gap, 0).toFixed(1)}px`);
  }

  attach(page) {
    this.detach();
    this.page = page;
    this.rails = [...page.querySelectorAll(".rail")];
    this.observer = new ResizeObserver(() => this.#soon());
    for (const rail of this.rails) {
      this.observer.observe(rail);
      for (const card of rail.children) this.observer.observe(card);
    }
    this.fitted = new MutationObserver(() => this.#soon());
    this.fitted.observe(page, { attributes: true, attributeFilter: ["class"] });
    this.fit();
  }

  detach() {
    this.observer?.disconnect();
    this.fitted?.disconnect();
    clearTimeout(this.timer);
  }

  #soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.fit(), FIT_MS);
  }

  /** Leaves out panels, least first, until the others fit whole. */
  fit() {
    for (const rail of this.rails ?? []) {
      const cards = [...rail.children];
      rail.classList.remove("tight", "short");
      for (const card of cards) {
        card.classList.remove("no-room");
        card.style.marginTop = "";
      }
      const leave = LEAST_FIRST.map((name) => cards.find((card) => card.classList.contains(name)))
        .filter((card) => card?.offsetHeight);
      this.#clearLines(rail, cards);
      // a little less air, then shorter lists, before a panel goes
      const ways = [
        () => rail.classList.add("tight"), () => rail.classList.add("short"),
        ...leave.map((card) => () => card.classList.add("no-room")),
      ];
      while (this.#overflows(rail) && ways.length) {
        ways.shift()();
        this.#place(rail, cards);
      }
      // what went for a larger one may fit after all
      for (const card of leave.filter((one) => one.classList.contains("no-room")).reverse()) {
        card.classList.remove("no-room");
        this.#place(rail, cards);
        if (!this.#overflows(rail)) continue;
        card.classList.add("no-room");
        this.#place(rail, cards);
      }
    }
    this.wall.measured();
  }

  #place(rail, cards) {
    for (const card of cards) card.style.marginTop = "";
    this.#clearLines(rail, cards);
  }

  #overflows(rail) {
    const box = rail.getBoundingClientRect();
    return [...rail.children].some((card) => {
      const own = card.getBoundingClientRect();
      return own.height > 0 &&
        (own.bottom > box.bottom + 1.5 || own.right > box.right + 1.5 || own.left < box.left - 1.5);
    });
  }

  /** A card that a horizontal bezel would cut goes below it. */
  #clearLines(rail, cards) {
    const { screen } = this.wall;
    if (!screen.lines.y.length || screen.layout === "tall") return;
    const top = this.page.getBoundingClientRect().top;
    const pad = 0.4 * screen.base;
    for (const card of cards) {
      const box = card.getBoundingClientRect();
      if (!box.height) continue;
      const line = screen.lines.y.find((y) => box.top - top < y + pad && box.bottom - top > y - pad);
      // what is higher than a cabinet has to be cut somewhere
      if (line === undefined || box.height > screen.wall.height / (screen.lines.y.length + 1)) continue;
      card.style.marginTop = `${(line + pad - (box.top - top)).toFixed(1)}px`;
    }
  }
}
