// Saved views: named addresses of one's own or shared, kept on the server; deleting can be undone.

import { icon } from "./icons.mjs";
import { writePlace } from "./deeplink.mjs";
import { exportView } from "./view-export.mjs";
import { tellLanguage } from "./words.mjs";

const UNDO_MS = 8000;

export class SavedViews {
  /** @param {HTMLElement} page @param {import("./twin.mjs").Twin} twin */
  constructor(page, twin) {
    this.twin = twin;
    this.words = twin.words;
    this.box = page.querySelector(".card-views");
    const part = (name) => this.box.querySelector(`[data-view-part=${name}]`);
    Object.assign(this, { list: part("list"), said: part("said"), none: part("none") });
    this.input = Object.assign(document.createElement("input"), {
      type: "text", maxLength: 60, placeholder: this.words.t("views.name"), autocomplete: "off",
    });
    this.input.setAttribute("aria-label", this.words.t("views.name"));
    part("name").replaceChildren(this.input);
    this.input.addEventListener("keydown", (event) => event.key === "Enter" && this.save());
    part("save").addEventListener("click", () => this.save());
    for (const button of this.box.querySelectorAll("[data-view-export]")) {
      button.addEventListener("click", () => this.#export(button));
    }
    this.load();
  }

  async #export(button) {
    button.disabled = true;
    this.#say(this.words.t("views.export.busy"));
    try {
      const n = await exportView(button.dataset.viewExport, this.twin);
      this.#say(this.words.t("views.exported", { n: this.words.format(n) }));
    } catch (error) {
      this.#say(this.words.t(error.message === "422" ? "views.export.none" : "views.export.failed"));
    }
    button.disabled = false;
  }

  async load() {
    try {
      const { items } = await this.#ask("GET", "");
      this.items = items;
      this.#draw();
    } catch (error) {
      this.#say(error.message);
    }
  }

  async save() {
    const name = this.input.value.trim();
    if (!name) {
      this.input.focus();
      this.#say(this.words.t("views.need_name"));
      return;
    }
    await this.#take(async () => {
      await this.#ask("POST", "", { name, place: writePlace(this.twin.way.place) || "#off=" });
      this.input.value = "";
      this.#say(this.words.t("views.saved", { name }));
    });
  }

  open(view) {
    history.pushState(history.state, "", location.pathname + location.search + view.place);
    this.twin.way.restore();
  }

  #change(view, given) {
    return this.#ask("PUT", `/${view.id}`, { version: view.version, ...given });
  }

  async #delete(view) {
    await this.#take(async () => {
      const gone = await this.#change(view, { gone: true });
      this.#say(this.words.t("views.deleted", { name: view.name }), [this.words.t("views.undo"),
        () => this.#take(async () => {
          await this.#change(gone, { gone: false });
          this.#say(this.words.t("views.back", { name: view.name }));
        })]);
    });
  }

  #rename(view, row) {
    const input = Object.assign(document.createElement("input"), {
      type: "text", maxLength: 60, value: view.name,
    });
    input.setAttribute("aria-label", this.words.t("views.rename"));
    const done = (keep) => {
      if (input.isConnected && keep && input.value.trim() && input.value.trim() !== view.name) {
        this.#take(() => this.#change(view, { name: input.value.trim() }));
      } else this.#draw();
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") done(true);
      if (event.key === "Escape") done(false);
    });
    input.addEventListener("blur", () => done(true), { once: true });
    row.firstElementChild.replaceWith(input);
    input.focus();
    input.select();
  }

  async #take(step) {
    try {
      await step();
    } catch (error) {
      this.#say(error.message);
    }
    await this.load();
  }

  #draw() {
    this.none.hidden = this.items.length > 0;
    this.list.replaceChildren(...this.items.map((view) => {
      const row = document.createElement("li");
      row.className = "view-row";
      const open = document.createElement("button");
      open.type = "button";
      open.className = "view-open";
      const name = document.createElement("span");
      name.className = "name";
      name.textContent = view.name;
      tellLanguage(name);
      open.append(icon(/[#&]t=/.test(view.place) ? "history" : "bookmark"), name);
      if (!view.own || view.shared) {
        const whose = document.createElement("span");
        whose.className = "state";
        whose.textContent = view.own ? this.words.t("views.shared")
          : this.words.t("views.by", { name: view.owner });
        open.append(whose);
      }
      open.addEventListener("click", () => this.open(view));
      row.append(open);
      if (view.own) {
        row.append(
          this.#button("people", view.shared ? "views.unshare" : "views.share",
            () => this.#take(() => this.#change(view, { shared: !view.shared })), view.shared),
          this.#button("pen", "views.rename", () => this.#rename(view, row)),
          this.#button("close", "views.delete", () => this.#delete(view)),
        );
      }
      return row;
    }));
  }

  #button(glyph, word, act, pressed) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "view-tool";
    button.title = this.words.t(word);
    button.setAttribute("aria-label", button.title);
    if (pressed !== undefined) button.setAttribute("aria-pressed", String(pressed));
    button.append(icon(glyph));
    button.addEventListener("click", act);
    return button;
  }

  #say(text, undo) {
    clearTimeout(this.timer);
    this.said.replaceChildren(text);
    this.said.hidden = !text;
    if (undo) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "link";
      button.textContent = undo[0];
      button.addEventListener("click", undo[1]);
      this.said.append(" · ", button);
    }
    this.timer = setTimeout(() => { this.said.hidden = true; }, UNDO_MS);
  }

  async #ask(method, path, body) {
    const response = await fetch(`${this.twin.api}/api/v1/views${path}`, {
      method,
      cache: "no-store",
      headers: body ? { "content-type": "application/json" } : {},
      body: body && JSON.stringify(body),
    });
    if (response.ok) return response.json();
    let said = this.words.t("views.failed");
    try {
      const { detail } = await response.json();
      if (typeof detail === "string") said = detail;
    } catch { /* no JSON: the words above do */ }
    throw new Error(said);
  }
}
