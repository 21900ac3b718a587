// Loading: progress on the page, JSON, tables, the engine's script.

import { decodeTable } from "./columns.mjs";

export class Progress {
  constructor(page, words) {
    this.node = page.querySelector("[data-loading]");
    this.words = words;
  }

  step(layer, n, of) {
    if (!this.node || !this.words) return;
    this.node.querySelector(".loading-bar i").style.width = `${(100 * n) / of}%`;
    this.node.querySelector(".loading-step").textContent =
      this.words.t("loading.step", { layer: this.words.t(`layer.${layer}`), n, of });
  }

  note(text) {
    if (this.node) this.node.querySelector(".loading-title").textContent = text;
    this.stay = true;
  }

  done() {
    if (!this.node) return;
    setTimeout(() => this.node.classList.add("done"), this.stay ? 4000 : 0);
  }
}

export async function getJson(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.json();
}

export async function getTable(url) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return decodeTable(await response.arrayBuffer());
}

const scripts = new Map();

/** Loads a script once, however often it is asked for; a failure may be tried again. */
export function loadScript(src) {
  if (!scripts.has(src)) {
    scripts.set(src, new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = src;
      script.onload = done;
      script.onerror = () => {
        scripts.delete(src);
        failed(new Error(`${src} did not load`));
      };
      document.head.append(script);
    }));
  }
  return scripts.get(src);
}

let webGL = null;

/** Whether the browser has WebGL 2; asked once, as each try makes a context. */
export function hasWebGL() {
  if (webGL === null) {
    try {
      const gl = document.createElement("canvas").getContext("webgl2");
      webGL = Boolean(gl);
      gl?.getExtension("WEBGL_lose_context")?.loseContext();
    } catch {
      webGL = false;
    }
  }
  return webGL;
}
