// The form of one thing: its fields, what is wrong with each, what others changed meanwhile.

import { ask, button, make } from "./settings-dom.mjs";
import { watermark } from "./reveal.mjs";

export class SettingsForm {
  /** @param {import("./settings.mjs").Settings} settings @param {object} item as the API tells it */
  constructor(settings, item) {
    Object.assign(this, { settings, item, twin: settings.twin, words: settings.twin.words, tell: settings.tell });
    this.inputs = new Map();
    this.isNew = item.key === null;
    this.node = this.#draw();
  }

  #draw() {
    const { item, words, settings } = this;
    const locked = !settings.mayEdit;
    const title = this.isNew ? words.t("settings.lists.new") : this.tell.name(item);
    const rows = item.fields
      .filter((field) => this.isNew || field.name !== "plate")
      .map((field) => this.#row(field, locked));
    this.said = make("div", { className: "settings-said", role: "status" });
    this.reason = make("input", { type: "text", maxLength: 200, autocomplete: "off", disabled: locked });
    const actions = locked ? [make("p", { className: "note" }, words.t("settings.read_only"))] : [
      make("label", { className: "order-field" }, make("span", {}, words.t("settings.reason")), this.reason),
      make("div", { className: "settings-acts" },
        this.saver = button(words.t(this.isNew ? "settings.lists.add" : "settings.save"), () => this.#save(), { className: "action primary" }),
        button(words.t("settings.drop"), () => settings.choose(null)),
        !this.isNew && settings.tab === "lists" ? button(words.t("settings.lists.remove"), () => this.#remove()) : null),
    ];
    const head = make("header", { className: "detail-head" },
      make("h3", {}, title),
      make("button", { type: "button", className: "tool", ariaLabel: words.t("settings.close"), data: { icon: "close" }, on: { click: () => settings.choose(null) } }));
    const node = make("section", { className: "card settings-form", ariaLabel: title }, head, this.#about(), rows, this.said, actions);
    node.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches("input") && !locked) this.#save();
      else if (event.key === "Escape") settings.choose(null);
    });
    return node;
  }

  #about() {
    const { item, words } = this;
    if (this.isNew) return make("p", { className: "note" }, words.t("settings.lists.about"));
    if (this.settings.tab === "lists") return this.#plate();
    const said = [];
    if (item.about?.when) said.push(words.t(`settings.when.${item.about.when}`));
    for (const kind of item.about?.devices ?? []) said.push(words.t(`kind.${kind}`));
    if (item.about?.quantity) said.push(words.has(`quantity.${item.about.quantity}`) ? words.t(`quantity.${item.about.quantity}`) : item.about.quantity);
    if (this.settings.tab === "services") said.push(item.key);
    return make("p", { className: "note" }, said.join(" · "));
  }

  /** The plate of an entry: masked, shown in clear to whoever says why. */
  #plate() {
    const { item, words } = this;
    const plate = make("span", { className: "settings-plate" }, item.values.plate ?? "");
    const why = make("input", { type: "text", maxLength: 200, placeholder: words.t("reveal.reason"), ariaLabel: words.t("reveal.reason"), autocomplete: "off" });
    const said = make("p", { className: "note", role: "status" }, words.t("reveal.note"));
    const asked = make("div", { className: "reveal-ask" }, why, button(words.t("reveal.ask.vehicles"), async () => {
      if (why.value.trim().length < 2) {
        said.textContent = words.t("reveal.needed");
        why.focus();
        return;
      }
      const response = await fetch(`${this.twin.api}/api/v1/reveals`, {
        method: "POST", headers: { "content-type": "application/json" },
        body: JSON.stringify({ layer: "lists", id: item.key, reason: why.value }),
      }).catch(() => null);
      if (!response?.ok) {
        said.textContent = words.t(response?.status === 429 ? "reveal.busy" : "reveal.failed");
        return;
      }
      const told = await response.json();
      const mark = watermark(`${told.who} ${told.at}`);
      plate.textContent = told.plate;
      said.textContent = words.t("reveal.until", { at: words.hm(told.until) });
      asked.hidden = true;
      this.node.append(mark);
      setTimeout(() => {
        mark.remove();
        plate.textContent = item.values.plate;
        asked.hidden = false;
      }, told.seconds * 1000);
    }));
    return make("div", { className: "settings-reveal" }, plate, asked, said);
  }

  #row(field, locked) {
    const { item, words, tell } = this;
    const value = item.values?.[field.name];
    const edited = item.edited && field.name in item.edited && this.settings.tab !== "lists";
    const input = this.#input(field, value);
    input.disabled = locked;
    input.name = field.name;
    const fault = make("p", { className: "settings-fault", id: `fault-${field.name}`, role: "alert" });
    input.setAttribute("aria-describedby", fault.id);
    const hint = make("span", { className: "settings-hint" });
    const told = () => {
      const seconds = field.unit === "s" && input.value !== "" ? Number(input.value) : NaN;
      hint.textContent = Number.isFinite(seconds) && seconds >= 60 ? `= ${tell.long(seconds)}` : field.unit && field.unit !== "s" ? field.unit : "";
    };
    input.addEventListener("input", () => {
      told();
      fault.textContent = "";
      input.removeAttribute("aria-invalid");
    });
    told();
    const back = edited ? make("p", { className: "settings-base" },
      `${words.t("settings.base", { value: tell.value(item.edited[field.name], field) })} `,
      locked ? null : make("button", { type: "button", className: "link", on: { click: () => this.#back(field.name) } }, words.t("settings.back"))) : null;
    this.inputs.set(field.name, { field, input, fault, value });
    const note = words.has(`settings.help.${field.name}`) ? make("p", { className: "note" }, words.t(`settings.help.${field.name}`)) : null;
    return make("div", { className: `settings-field${edited ? " edited" : ""}` },
      make("label", { className: "order-field" },
        make("span", {}, tell.field(field.name), field.required ? " *" : "", field.unit === "s" ? ` (${words.t("settings.seconds")})` : ""),
        make("span", { className: "settings-input" }, input, hint)),
      note, fault, back);
  }

  #input(field, value) {
    const { words } = this;
    if (field.kind === "choice" || field.kind === "bool") {
      const options = field.kind === "bool" ? [["true", words.t("settings.yes")], ["false", words.t("settings.no")]]
        : (field.values ?? []).map((one) => [one, words.t(`${field.words}.${one}`)]);
      const empty = field.required && !(this.isNew && field.kind === "choice") ? [] : [["", "–"]];
      return make("select", { className: "order-select" }, [...empty, ...options].map(([one, text]) =>
        make("option", { value: one, selected: String(value ?? "") === one }, text)));
    }
    const input = make("input", { className: "order-select", autocomplete: "off" });
    if (field.kind === "moment") {
      input.type = "datetime-local";
      input.value = value ? String(value).slice(0, 16) : "";
    } else {
      input.type = field.kind === "phone" ? "tel" : "text";
      if (field.kind === "int" || field.kind === "number") input.inputMode = "decimal";
      input.value = value ?? "";
    }
    return input;
  }

  /** The fields that somebody changed, as the API takes them. */
  #given() {
    const given = {};
    for (const [name, { field, input, value }] of this.inputs) {
      const text = input.value.trim();
      const before = field.kind === "moment" ? String(value ?? "").slice(0, 16) : String(value ?? "");
      if (text === before && !this.isNew) continue;
      if (this.isNew && text === "" && !field.required) continue;
      given[name] = text === "" ? null : field.kind === "bool" ? text === "true" : text;
    }
    return given;
  }

  async #save() {
    const values = this.#given();
    if (!Object.keys(values).length) {
      this.#say(this.words.t("settings.nothing"));
      return;
    }
    const reason = this.reason.value.trim();
    await this.#send(() => (this.isNew
      ? ask(this.twin, "POST", "/lists", { json: { values, reason } })
      : ask(this.twin, "PUT", this.#path(), { json: { values, reason }, revision: this.item.revision })));
  }

  #back(name) {
    return this.#send(() => ask(this.twin, "PUT", this.#path(), { json: { back: [name] }, revision: this.item.revision }));
  }

  #remove() {
    return this.#send(() => ask(this.twin, "DELETE", this.#path(), { revision: this.item.revision }), true);
  }

  #path() {
    return `/${this.settings.tab}/${encodeURIComponent(this.item.key)}`;
  }

  async #send(step, gone = false) {
    for (const { fault, input } of this.inputs.values()) {
      fault.textContent = "";
      input.removeAttribute("aria-invalid");
    }
    this.saver.disabled = true;
    try {
      const told = await step();
      await this.settings.saved(told.edit, gone ? null : told.item?.key ?? this.item.key);
    } catch (error) {
      if (error.body?.faults) this.#faults(error.body.faults);
      else if (error.body?.since) await this.#conflict(error.body.since);
      else this.#say(error.message);
    } finally {
      this.saver.disabled = false;
    }
  }

  #faults(faults) {
    let first = null;
    for (const one of faults) {
      const known = this.inputs.get(one.field);
      if (!known) {
        this.#say(this.tell.fault(one));
        continue;
      }
      known.fault.textContent = this.tell.fault(one);
      known.input.setAttribute("aria-invalid", "true");
      first ??= known.input;
    }
    first?.focus();
  }

  /** Somebody was quicker: says who did what; what is typed stays, the form goes on from theirs. */
  async #conflict(since) {
    const { words, tell } = this;
    const lines = since.map((one) => make("li", {}, words.t("settings.conflict.line", {
      who: one.who, at: words.hm(one.at), field: tell.field(one.field),
      value: tell.value(one.new, this.inputs.get(one.field)?.field),
    })));
    const fresh = await this.settings.reload(this.item.key);
    if (!fresh) {
      this.#say(words.t("settings.conflict.gone"));
      return;
    }
    this.item = fresh;
    for (const [name, known] of this.inputs) {
      const untouched = known.input.value === (known.field.kind === "moment" ? String(known.value ?? "").slice(0, 16) : String(known.value ?? ""));
      known.value = fresh.values[name];
      if (untouched) known.input.value = known.field.kind === "moment" ? String(known.value ?? "").slice(0, 16) : known.value ?? "";
    }
    this.said.replaceChildren(make("p", {}, words.t("settings.conflict")), make("ul", {}, lines));
  }

  #say(text) {
    this.said.replaceChildren(make("p", {}, text));
  }
}
