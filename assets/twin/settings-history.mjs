// The history of edits: who changed what when, undone and done again one by one, taken out as a table.

import { ask, button, make, save } from "./settings-dom.mjs";

const TOPICS = ["", "services", "rules", "coverage", "lists", "homes"];
const PAGE = 30;

/** @param {import("./settings.mjs").Settings} settings */
export async function drawHistory(settings, topic = settings.historyTopic ?? "") {
  const { twin, words } = settings;
  settings.historyTopic = topic;
  const told = await ask(twin, "GET", `/history?limit=${PAGE}&topic=${topic}`);
  if (settings.tab !== "history") return;
  const select = make("select", {
    className: "order-select", ariaLabel: words.t("settings.column.topic"),
    on: { change: (event) => drawHistory(settings, event.target.value) },
  }, TOPICS.map((one) => make("option", { value: one, selected: one === topic }, words.t(one ? `settings.topic.${one}` : "settings.topic.all"))));
  const exports = ["csv", "xlsx"].map((form) => button(words.t(`settings.export.${form}`), () =>
    save(twin, `/history.${form}?topic=${topic}&lang=${twin.place.lang}`, `settings.${form}`).catch((error) => settings.say(error.message))));
  const list = make("ol", { className: "settings-history" }, told.items.map((edit) => entry(settings, edit)));
  const more = make("div", {});
  let next = told.next;
  const offer = () => more.replaceChildren(...(next ? [button(words.t("settings.more"), async () => {
    const further = await ask(twin, "GET", `/history?limit=${PAGE}&topic=${topic}&before=${next}`);
    list.append(...further.items.map((edit) => entry(settings, edit)));
    next = further.next;
    offer();
  })] : []));
  offer();
  settings.body.replaceChildren(
    make("div", { className: "settings-bar" }, make("label", { className: "order-field" }, select), make("span", { className: "order-exports" }, exports)),
    told.items.length ? list : make("p", { className: "card note" }, words.t("settings.none.history")), more);
}

function entry(settings, edit) {
  const { words, tell } = settings;
  const title = words.t(`settings.action.${edit.action}`) + (edit.reverses ? ` ${words.t("settings.of", { n: edit.reverses })}` : "");
  const acts = [];
  if (settings.mayEdit && ["edit", "import"].includes(edit.action)) {
    const way = edit.undone ? "redo" : "undo";
    acts.push(button(words.t(`settings.${way}`), () => settings.turn(edit.number, way)));
  }
  const changes = edit.changes.map((one) => make("li", {},
    make("span", { className: "what" }, `${words.t(`settings.topic.${one.topic}`)} · ${thing(settings, one)} · ${tell.field(one.field)}`),
    make("span", { className: "from-to" }, make("s", {}, show(settings, one, one.old)), " → ", make("b", {}, show(settings, one, one.new)))));
  const rest = edit.count - edit.changes.length;
  if (rest > 0) changes.push(make("li", { className: "note" }, words.t("settings.more_changes", { n: rest })));
  return make("li", { className: `card${edit.undone ? " undone" : ""}` },
    make("header", {},
      make("b", {}, `#${edit.number}`), make("span", {}, title), edit.undone ? make("span", { className: "tag" }, words.t("settings.is_undone")) : null,
      make("span", { className: "note" }, `${edit.who} · ${tell.when(edit.at)}`), make("span", { className: "settings-acts" }, acts)),
    edit.reason ? make("p", { className: "note" }, edit.reason) : null,
    make("ul", {}, changes));
}

function thing(settings, one) {
  return settings.tell.name(one);
}

const FIELDS = {
  kind: { words: "kind" }, supplier_kind: { words: "supplier_kind" }, severity: { words: "severity" }, list: { words: "settings.list" },
  closed_until: { kind: "moment" }, until: { kind: "moment" },
};

function show(settings, one, value) {
  const seconds = /_s$/.test(one.field) ? { unit: "s" } : {};
  return settings.tell.value(value, FIELDS[one.field] ?? seconds);
}
