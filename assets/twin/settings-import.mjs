// Files of changes: tried first, told row by row, taken in as one edit, the rejected rows to mend.

import { ask, button, make, save, table } from "./settings-dom.mjs";

const TAKEN = ".csv,.xlsx,.gpkg,.geojson,.json,text/csv";

/** @param {import("./settings.mjs").Settings} settings */
export function drawImport(settings) {
  const { twin, words } = settings;
  const { lang } = twin.place;
  if (!settings.mayEdit) {
    settings.body.replaceChildren(make("p", { className: "card note" }, words.t("settings.read_only")));
    return;
  }
  const state = { topic: settings.importTopic ?? "services", file: null };
  const result = make("div", { className: "settings-result", role: "status" });
  const templates = make("span", { className: "settings-templates" });
  const about = make("p", { className: "note" });
  const pick = (topic) => {
    state.topic = settings.importTopic = topic;
    state.file = null;
    result.replaceChildren();
    about.textContent = words.t(`settings.import.about.${topic}`);
    templates.replaceChildren(words.t("settings.import.template"), " ", ...["csv", "xlsx"].flatMap((form) => [
      button(words.t(`settings.export.${form}`), () => save(twin, `/imports/${topic}.${form}?lang=${lang}`, `${topic}.${form}`).catch((error) => settings.say(error.message)), { className: "link" }), " ",
    ]));
    for (const node of choices.children) node.setAttribute?.("aria-pressed", String(node.dataset.topic === topic));
  };
  const choices = make("div", { className: "presets", role: "group", ariaLabel: words.t("settings.import.what") },
    settings.about.imports.map((topic) => make("button", { type: "button", className: "preset", data: { topic }, on: { click: () => pick(topic) } }, words.t(`settings.topic.${topic}`))),
    make("a", { className: "preset settings-away", href: `/manage/orders${lang === "zh" ? "" : `?lang=${lang}`}` }, words.t("settings.import.orders")));
  const input = make("input", { type: "file", accept: TAKEN, hidden: true, ariaLabel: words.t("settings.import.choose") });
  const take = async (file) => {
    if (!file) return;
    state.file = { name: file.name, body: await file.arrayBuffer() };
    await tryFile(settings, state, result);
  };
  input.addEventListener("change", () => {
    take(input.files[0]);
    input.value = "";
  });
  const drop = make("div", {
    className: "settings-drop",
    on: {
      dragover: (event) => { event.preventDefault(); drop.classList.add("over"); },
      dragleave: () => drop.classList.remove("over"),
      drop: (event) => { event.preventDefault(); drop.classList.remove("over"); take(event.dataTransfer.files[0]); },
    },
  }, button(words.t("settings.import.choose"), () => input.click(), { className: "action primary" }), make("span", { className: "note" }, words.t("settings.import.drop")), input);
  settings.body.replaceChildren(make("section", { className: "card settings-import" }, choices, about, templates, drop), result);
  pick(state.topic);
}

async function tryFile(settings, state, result) {
  const { twin, words } = settings;
  result.replaceChildren(make("p", { className: "note" }, words.t("settings.import.trying")));
  try {
    const told = await ask(twin, "POST", path(settings, state, "dry_run=true"), { body: state.file.body });
    result.replaceChildren(...report(settings, state, told, result));
  } catch (error) {
    result.replaceChildren(make("p", { className: "card note settings-refused" }, error.message));
  }
}

async function apply(settings, state, told, result) {
  const { twin, words } = settings;
  try {
    const done = await ask(twin, "POST", path(settings, state, "dry_run=false"), { body: state.file.body, revision: told.revision });
    result.replaceChildren(make("section", { className: "card" },
      make("p", {}, make("b", {}, words.t("settings.import.done", { n: done.changed, edit: done.edit }))),
      done.rejected ? make("p", { className: "note" }, words.t("settings.import.left", { n: done.rejected })) : null,
      make("div", { className: "settings-acts" },
        button(words.t("settings.undo"), () => settings.turn(done.edit, "undo")),
        button(words.t("settings.import.see"), () => settings.open(state.topic === "homes" ? "history" : state.topic)),
        done.rejected ? rejectedButtons(settings, state) : null)));
  } catch (error) {
    const text = error.status === 409 ? words.t("settings.import.stale") : error.message;
    if (error.status === 409) await tryFile(settings, state, result);
    result.prepend(make("p", { className: "card note settings-refused" }, text));
  }
}

function report(settings, state, told, result) {
  const { words, tell } = settings;
  const figure = (name) => make("div", {}, make("dt", {}, words.t(`settings.import.${name}`)), make("dd", {}, words.format(told[name])));
  const nodes = [make("section", { className: "card settings-report" },
    make("h3", { className: "card-title" }, words.t("settings.import.found", { name: told.name })),
    make("dl", { className: "settings-figures" }, ["rows", "changed", "same", "rejected"].map(figure)),
    told.ignored.length ? make("p", { className: "note" }, words.t("settings.import.ignored", { names: told.ignored.slice(0, 12).join(", ") })) : null,
    make("div", { className: "settings-acts" },
      told.changed ? button(words.t("settings.import.apply", { n: told.changed }), (event) => { event.target.disabled = true; apply(settings, state, told, result); }, { className: "action primary" })
        : make("span", { className: "note" }, words.t("settings.import.nothing")),
      told.rejected ? rejectedButtons(settings, state) : null))];
  if (told.faults.length) {
    nodes.push(make("section", { className: "card" }, make("h3", { className: "card-title" }, words.t("settings.import.faults", { n: told.rejected })),
      table([words.t("settings.import.row"), words.t("settings.column.field"), words.t("settings.import.why")],
        told.faults.map((one) => make("tr", {}, make("td", { className: "number" }, String(one.row)), make("td", {}, tell.field(one.field)), make("td", { className: "reason" }, one.said.replace(`${tell.field(one.field)}${words.t("settings.colon")}`, "")))), { className: "sheet-faults" })));
  }
  if (told.changes.length) {
    nodes.push(make("section", { className: "card" }, make("h3", { className: "card-title" }, words.t("settings.import.changes", { n: told.changed })),
      table([words.t("settings.import.row"), words.t("settings.column.thing"), words.t("settings.column.field"), words.t("settings.column.old"), words.t("settings.column.new")],
        told.changes.map((one) => make("tr", {}, make("td", { className: "number" }, String(one.row)), make("th", { scope: "row" }, one.name), make("td", {}, tell.field(one.field)), make("td", {}, tell.value(one.old, field(one))), make("td", {}, make("b", {}, tell.value(one.new, field(one)))))))));
  }
  return nodes;
}

function field(one) {
  return { kind: { words: "kind" }, supplier_kind: { words: "supplier_kind" }, list: { words: "settings.list" } }[one.field] ?? {};
}

function rejectedButtons(settings, state) {
  return ["csv", "xlsx"].map((form) => button(settings.words.t(`settings.import.rejected.${form}`), () =>
    save(settings.twin, path(settings, state, `dry_run=true&rejected=${form}`), `rejected.${form}`, state.file.body).catch((error) => settings.say(error.message))));
}

function path(settings, state, more) {
  return `/imports/${state.topic}?${more}&name=${encodeURIComponent(state.file.name)}&lang=${settings.twin.place.lang}`;
}
