// The wall's keys and the row of buttons that comes when a pointer moves.

import { hydrateIcons } from "./icons.mjs";

/** What a key does, by its name; letters whatever their case. */
const KEYS = {
  " ": "pause", ArrowLeft: "prev", ArrowRight: "next", Home: "home",
  f: "fullscreen", t: "tour", b: "blank", d: "theme", v: "visitors", q: "remote", m: "mute",
};
const BUTTONS = [
  ["tour", "play", "tour.play"], ["visitors", "people", "wall.visitors"],
  ["theme", "theme", "tool.theme"], ["remote", "phone", "wall.remote"],
  ["fullscreen", "expand", "wall.fullscreen"],
];

export class WallKeys {
  /** @param {import("./wall.mjs").Wall} wall */
  constructor(wall) {
    this.wall = wall;
    this.onKey = (event) => this.#key(event);
    // before the map takes arrows for its own: with Shift they are
    addEventListener("keydown", this.onKey, true);
    this.node = document.createElement("div");
    this.node.className = "wall-tools";
    this.node.setAttribute("role", "group");
    this.node.addEventListener("click", (event) => {
      const button = event.target.closest("[data-wall-tool]");
      if (button) this.wall.do(button.dataset.wallTool);
    });
  }

  destroy() {
    removeEventListener("keydown", this.onKey, true);
    this.node.remove();
  }

  attach(page) {
    const { words } = this.wall.twin;
    this.node.setAttribute("aria-label", words.t("wall.tools"));
    this.node.replaceChildren(...BUTTONS.map(([name, glyph, key]) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", className: "tool", title: words.t(key) });
      Object.assign(button.dataset, { wallTool: name, icon: glyph });
      button.setAttribute("aria-label", words.t(key));
      return button;
    }));
    page.append(this.node);
    hydrateIcons(this.node);
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || event.repeat) return;
    if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
    if (event.key === " " && event.target.closest?.("button, a, summary")) return;
    const name = KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
    if (event.key === "Escape") this.wall.pair.hide();
    if (!name || !this.wall.page) return;
    event.preventDefault();
    event.stopPropagation();
    this.wall.do(name);
  }
}
