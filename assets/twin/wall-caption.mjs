// The card that says what the tour shows: title, one line, the thing's name, a few figures.

import { tellLanguage } from "./words.mjs";

export class Caption {
  /** @param {import("./wall.mjs").Wall} wall */
  constructor(wall) {
    this.wall = wall;
    this.node = document.createElement("section");
    this.node.className = "wall-caption card";
    this.node.hidden = true;
    this.node.setAttribute("aria-live", "polite");
  }

  attach(page) {
    page.append(this.node);
    this.shown = null;
    this.refresh();
  }

  destroy() {
    this.node.remove();
  }

  refresh() {
    const { tour, twin, page } = this.wall;
    const { state } = tour;
    const scene = state.on ? tour.sceneOf(state.scene) : null;
    this.node.hidden = !scene;
    page?.classList.toggle("on-tour", Boolean(scene));
    if (!scene) return;
    const { words } = twin;
    const waits = tour.interrupted ? words.t("tour.waits") : state.paused ? words.t("tour.paused") : "";
    const key = JSON.stringify([scene, state.name, waits, state.at, state.paused]);
    if (key === this.shown) return;
    this.shown = key;
    const [title, line] = scene[words.lang === "zh-CN" ? "zh" : "en"];
    const head = document.createElement("header");
    head.className = "card-head";
    head.append(element("h2", "wall-caption-title", title),
      element("span", "muted", words.t("tour.of", { n: tour.index + 1, of: tour.scenes.length })));
    const name = element("p", "wall-caption-name", state.name);
    tellLanguage(name);
    name.hidden = !state.name;
    const figures = element("div", "wall-caption-figures");
    for (const path of scene.figures) {
      if (!words.has(`tour.figure.${path}`)) continue;
      const figure = element("p", "wall-caption-figure");
      const value = element("b", "value", "–");
      value.dataset.bind = path;
      value.dataset.format = "int";
      figure.append(value, element("span", "muted", words.t(`tour.figure.${path}`)));
      figures.append(figure);
    }
    const bar = element("div", "wall-caption-bar");
    const fill = element("i");
    if (!state.paused) {
      const spent = this.wall.clock.now() - state.at;
      fill.style.animationDuration = `${state.seconds}s`;
      fill.style.animationDelay = `${-Math.max(0, spent) / 1000}s`;
    }
    bar.classList.toggle("waits", Boolean(waits));
    bar.append(fill);
    const said = element("p", "note", waits || line);
    this.node.replaceChildren(head, name, said, figures, bar);
    twin.panels?.scan();
    twin.panels?.refresh();
  }
}

function element(tag, className = "", text = "") {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}
