// The code that makes a phone the wall's remote: shown by a key, drawn by the server, gone after use.

import { getJson } from "./loading.mjs";

export class PairCard {
  /** @param {import("./wall.mjs").Wall} wall */
  constructor(wall) {
    this.wall = wall;
    this.node = document.createElement("section");
    this.node.className = "wall-pair card";
    this.node.hidden = true;
    this.node.setAttribute("role", "dialog");
    document.body.append(this.node);
  }

  destroy() {
    clearInterval(this.timer);
    this.node.remove();
  }

  get url() {
    const { api, words } = this.wall.twin;
    return `${api}/api/v1/walls/${this.wall.screen.name}/pairing?lang=${words.lang === "zh-CN" ? "zh" : "en"}`;
  }

  toggle() {
    if (this.node.hidden) this.show();
    else this.hide();
  }

  hide() {
    clearInterval(this.timer);
    this.node.hidden = true;
  }

  async show() {
    const { words } = this.wall.twin;
    clearInterval(this.timer);
    const title = text("h2", "wall-pair-title", words.t("wall.pair.title"));
    this.node.setAttribute("aria-label", title.textContent);
    let offer;
    try {
      const response = await fetch(this.url, { method: "POST" });
      if (!response.ok) throw new Error(String(response.status));
      offer = await response.json();
    } catch {
      this.node.replaceChildren(title, text("p", "", words.t("wall.pair.failed")));
      this.node.hidden = false;
      this.timer = setTimeout(() => this.hide(), 6000);
      return;
    }
    const image = document.createElement("img");
    Object.assign(image, { src: offer.image, alt: offer.url, className: "wall-pair-image" });
    const code = text("p", "wall-pair-code", offer.code.replace(/(.{4})/, "$1 "));
    const left = text("p", "note", "");
    const address = text("p", "wall-pair-url", offer.url.split(/[?#]/)[0]);
    const side = document.createElement("div");
    side.className = "wall-pair-side";
    side.append(title, text("p", "", words.t("wall.pair.text")), address,
      text("p", "muted", words.t("wall.pair.code")), code, left);
    if (offer.near) side.append(text("p", "note wall-pair-near", words.t("wall.pair.near")));
    if (offer.remotes) {
      const end = text("button", "action", words.t("wall.pair.end"));
      end.type = "button";
      end.addEventListener("click", () => {
        fetch(this.url, { method: "DELETE" }).catch(() => {});
        this.hide();
      });
      side.append(text("p", "muted", words.t("wall.pair.remotes", { n: offer.remotes })), end);
    }
    this.node.replaceChildren(image, side);
    this.node.hidden = false;
    const until = performance.now() + offer.seconds * 1000;
    const tick = () => {
      const s = Math.ceil((until - performance.now()) / 1000);
      left.textContent = s > 0 ? words.t("wall.pair.left", { s }) : words.t("wall.pair.void");
      if (s <= 0) this.hide();
    };
    tick();
    this.timer = setInterval(tick, 1000);
    this.#watchUse(offer.remotes);
  }

  /** Goes away by itself once a phone has used the code. */
  async #watchUse(before) {
    const shown = this.timer;
    while (!this.node.hidden && this.timer === shown) {
      await new Promise((done) => setTimeout(done, 2000));
      try {
        const { remotes } = await getJson(this.url.split("?")[0]);
        if (remotes > before && this.timer === shown) this.hide();
      } catch {
        return;
      }
    }
  }
}

function text(tag, className, content) {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = content;
  return node;
}
