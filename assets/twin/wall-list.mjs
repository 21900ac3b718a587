// The managers' list of walls: heard or not, mode, frames, age of the data, what is left out.

import { getJson } from "./loading.mjs";

const LOOK_MS = 5000;

export class WallList {
  /** @param {HTMLElement} list @param {{api: string, words: object}} twin */
  constructor(list, { api, words }) {
    Object.assign(this, { list, api, words });
    this.timer = setInterval(() => this.look(), LOOK_MS);
    this.look();
  }

  destroy() {
    clearInterval(this.timer);
  }

  async look() {
    let walls;
    try {
      ({ walls } = await getJson(`${this.api}/api/v1/walls`));
    } catch {
      return; // the connection says so already
    }
    const { words } = this;
    const rows = walls.flatMap((wall) => wall.screens.map((screen) => this.#row(wall, screen)));
    if (!rows.length) rows.push(this.#line("", words.t("walls.none")));
    this.list.replaceChildren(...rows);
  }

  #row(wall, screen) {
    const { words } = this;
    const said = [words.t(screen.alive ? "walls.alive" : "walls.gone")];
    if (!screen.alive) {
      const now = Date.now() / 1000;
      said.push(words.ago(now - screen.heard_s, now));
    } else {
      if (screen.mode) said.push(words.t(`walls.mode.${screen.mode}`));
      if (screen.fps !== undefined) said.push(words.t("walls.fps", { n: Math.round(screen.fps) }));
      if (screen.age_s !== undefined) said.push(words.t("walls.age", { s: Math.round(screen.age_s) }));
      if (screen.degraded && screen.degraded !== "none") {
        said.push(words.t("walls.degraded", { what: words.t(`walls.less.${screen.degraded}`) }));
      }
    }
    const name = screen.tile ? `${wall.wall} · ${words.t("walls.screen", { tile: screen.tile })}` : wall.wall;
    const row = this.#line(name, said.join(" · "));
    if (!screen.alive) {
      const hatch = document.createElement("i");
      hatch.className = "hatch";
      row.prepend(hatch);
    }
    return row;
  }

  #line(name, state) {
    const li = document.createElement("li");
    const title = document.createElement("span");
    title.className = "walls-name";
    title.textContent = name;
    title.hidden = !name;
    const text = document.createElement("span");
    text.className = "walls-state";
    text.textContent = state;
    li.append(title, text);
    return li;
  }
}
