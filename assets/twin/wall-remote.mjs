// The phone's page: changes a code for a secret of its own, then sends commands and shows the state.

import { hydrateIcons } from "./icons.mjs";

const LOOK_MS = 2500;
const KEY = "twin-remote";

class Remote {
  constructor(root, entries) {
    this.root = root;
    this.entries = entries;
    this.lang = root.dataset.lang;
    this.secret = sessionStorage.getItem(KEY);
    this.status = root.querySelector("[data-remote=status]");
    this.form = root.querySelector("[data-remote=pair]");
    this.keys = root.querySelector("[data-remote=keys]");
    this.state = {};
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.pair(this.form.elements.code.value.replace(/\s/g, ""));
    });
    root.addEventListener("click", (event) => this.#click(event));
    const other = root.querySelector("a[data-icon=language]");
    other.addEventListener("click", () => sessionStorage.setItem(KEY, this.secret ?? ""));
  }

  t(key, values = {}) {
    return this.entries[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
  }

  async start() {
    const code = new URLSearchParams(location.hash.slice(1)).get("code");
    if (code) {
      // neither the address bar nor the history keeps it
      history.replaceState(null, "", location.pathname + location.search);
      await this.pair(code);
    } else await this.look();
    setInterval(() => this.look(), LOOK_MS);
  }

  #show(paired) {
    this.form.hidden = paired;
    this.keys.hidden = !paired;
    this.root.dataset.state = paired ? "paired" : "open";
  }

  async #ask(path, body) {
    const headers = { "content-type": "application/json" };
    if (this.secret) headers.authorization = `Remote ${this.secret}`;
    const response = await fetch(`/api/v1/remote/${path}`, {
      method: body ? "POST" : "GET", headers, cache: "no-store",
      body: body ? JSON.stringify(body) : undefined,
    });
    return { status: response.status, answer: await response.json().catch(() => ({})) };
  }

  async pair(code) {
    try {
      this.secret = null;
      const { status, answer } = await this.#ask("pair", { code });
      if (status === 200) {
        this.secret = answer.secret;
        sessionStorage.setItem(KEY, this.secret);
        await this.look();
        return;
      }
      sessionStorage.removeItem(KEY);
      this.#show(false);
      this.status.textContent = this.t(status === 429 ? "remote.many" : "remote.void");
    } catch {
      this.status.textContent = this.t("remote.lost");
    }
  }

  async look() {
    if (!this.secret) {
      this.#show(false);
      if (this.root.dataset.looked === undefined) this.status.textContent = "";
      this.root.dataset.looked = "";
      return;
    }
    try {
      const { status, answer } = await this.#ask("state");
      if (status === 401) this.#end();
      else if (status === 200) {
        this.state = answer;
        this.#show(true);
        this.#fill();
      }
    } catch {
      this.status.textContent = this.t("remote.lost");
    }
  }

  #end() {
    this.secret = null;
    sessionStorage.removeItem(KEY);
    this.#show(false);
    this.status.textContent = this.t("remote.ended");
  }

  #fill() {
    const { state } = this;
    this.status.textContent = this.t(state.alive ? "remote.paired" : "remote.asleep", { wall: state.wall });
    const playing = Boolean(state.tour.on && !state.tour.paused);
    const play = this.root.querySelector("[data-do=play], [data-do=pause]");
    play.dataset.do = playing ? "pause" : "play";
    play.querySelector("span").textContent = playing ? play.dataset.pause : play.dataset.play;
    for (const button of this.root.querySelectorAll("[data-set]")) {
      const now = state[button.dataset.set] ?? (button.dataset.set === "theme" ? "auto" : "all");
      button.setAttribute("aria-pressed", String(now === button.dataset.value));
    }
    for (const button of this.root.querySelectorAll("[data-switch]")) {
      button.setAttribute("aria-pressed", String(Boolean(state[button.dataset.switch])));
    }
    const list = this.root.querySelector("[data-remote=scenes]");
    const key = JSON.stringify(state.scenes);
    if (this.listed !== key) {
      this.listed = key;
      list.replaceChildren(...state.scenes.map((scene) => {
        const li = document.createElement("li");
        const button = document.createElement("button");
        Object.assign(button, { type: "button", className: "remote-scene" });
        button.dataset.scene = scene.id;
        button.textContent = scene[this.lang][0];
        li.append(button);
        return li;
      }));
    }
    for (const button of list.querySelectorAll("[data-scene]")) {
      button.setAttribute("aria-current", String(Boolean(state.tour.on) && button.dataset.scene === state.tour.scene));
    }
  }

  async #click(event) {
    const button = event.target.closest("button");
    if (!button || button.type === "submit") return;
    const { dataset } = button;
    let command = null;
    if (dataset.do) command = { do: dataset.do };
    else if (dataset.scene) command = { do: "scene", with: dataset.scene };
    else if (dataset.set) command = { do: "set", with: { [dataset.set]: dataset.value } };
    else if (dataset.switch) {
      command = { do: "set", with: { [dataset.switch]: !this.state[dataset.switch] } };
    }
    if (!command) return;
    try {
      const { status } = await this.#ask("command", command);
      if (status === 401) this.#end();
      else if (status === 429) this.status.textContent = this.t("remote.many");
      else setTimeout(() => this.look(), 250);
    } catch {
      this.status.textContent = this.t("remote.lost");
    }
  }
}

const root = document.querySelector(".remote");
hydrateIcons(root);
const entries = await (await fetch(`/api/words/${root.dataset.lang}`)).json();
new Remote(root, entries).start();
