// The order board in the browser: filters into Dash's stores, steps and tables to the server.

import { hydrateIcons } from "./icons.mjs";

const FILTER = "orders-filter";
const CHOSEN = "orders-chosen";
const MOVED = "orders-moved";

let getTwin = () => null;
let filter = {};
let opener = null;
let table = null;

/** @param {() => import("./twin.mjs").Twin|null} running gives the twin of the page */
export function watchOrders(running) {
  getTwin = running;
  document.addEventListener("click", onClick);
  document.addEventListener("change", (event) => {
    const name = event.target.dataset?.orderFilter;
    if (name) narrow({ [name]: event.target.value });
  });
  new MutationObserver(onPanel).observe(document.documentElement, { childList: true, subtree: true });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.querySelector(".order-panel > *")) close();
  });
}

function set(id, data) {
  window.dash_clientside.set_props(id, { data });
}

function narrow(given) {
  // another page, another filter: what was kept is of a page that is gone
  const page = document.getElementById("twin-page");
  if (filter.page !== page) filter = { page, data: {} };
  filter.data = { ...filter.data, ...given };
  set(FILTER, filter.data);
}

function onClick(event) {
  const node = event.target.closest?.(
    "[data-order-open], [data-order-close], [data-order-new], [data-order-act], [data-order-make], "
    + "[data-order-view], [data-order-overdue], [data-order-import]",
  );
  const twin = getTwin();
  if (!node || !twin?.words) return;
  const data = node.dataset;
  if (data.orderOpen) open(node, { number: data.orderOpen });
  else if (data.orderNew) open(node, { new: true, incident: "" });
  else if (data.orderClose) close();
  else if (data.orderAct) act(node, twin);
  else if (data.orderMake) make(node, twin);
  else if (data.orderImport === "choose") choose(twin);
  else if (data.orderImport) send(twin, data.orderImport === "partial");
  else if (data.orderView) {
    for (const each of document.querySelectorAll("[data-order-view]")) {
      each.setAttribute("aria-pressed", String(each === node));
    }
    narrow({ view: data.orderView });
  } else {
    const on = node.getAttribute("aria-pressed") !== "true";
    node.setAttribute("aria-pressed", String(on));
    narrow({ overdue: on });
  }
}

/** Where somebody goes on by keyboard once the panel that was asked for is there. */
let awaited = false;
/** Number of the order whose card gets the focus back, also when the board came anew meanwhile. */
let returning = null;

function open(node, chosen) {
  opener = node;
  awaited = true;
  returning = null;
  set(CHOSEN, { ...chosen, t: Date.now() });
}

function onPanel() {
  if (returning && document.activeElement === document.body) {
    document.querySelector(`[data-order-open="${CSS.escape(returning)}"]`)?.focus();
  }
  const panel = document.querySelector(".order-panel");
  const button = panel?.querySelector("[data-order-close]");
  if (!button || button.firstChild) return;
  hydrateIcons(panel);
  if (!awaited) return;
  awaited = false;
  panel.scrollTop = 0;
  button.focus({ preventScroll: true });
}

function close() {
  set(CHOSEN, null);
  const number = opener?.dataset.orderOpen;
  returning = number ?? null;
  const again = number ? document.querySelector(`[data-order-open="${CSS.escape(number)}"]`) : opener;
  again?.focus();
}

/** What the named fields of a form hold, blank ones left out. */
function read(form) {
  const given = {};
  for (const node of form?.querySelectorAll("input[name], select[name]") ?? []) {
    const value = node.value.trim();
    if (value) given[node.name] = value;
  }
  return given;
}

function say(name, text) {
  const node = document.querySelector(`[data-order-said="${CSS.escape(name)}"]`);
  if (node) node.textContent = text;
}

async function post(twin, path, body, type = "application/json") {
  try {
    const response = await fetch(`${twin.api}/api/v1/orders${path}`, {
      method: "POST", headers: { "content-type": type }, body,
    });
    return { status: response.status, body: await response.json().catch(() => ({})) };
  } catch {
    return { status: 0, body: {} };
  }
}

function refused(twin, answer) {
  if (answer.status === 401 || answer.status === 403) return twin.words.t("orders.no_right");
  if (answer.status === 0 || answer.status >= 500) return twin.words.t("orders.failed");
  return answer.body.error ?? twin.words.t("orders.failed");
}

async function act(button, twin) {
  const { orderAct: action, orderId: id, orderVersion: version } = button.dataset;
  const panel = button.closest(".order-panel");
  const text = panel.querySelector(".order-actions > .order-field input")?.value.trim() ?? "";
  if (button.dataset.asks && !text) {
    say(id, twin.words.t("orders.text.needed"));
    return;
  }
  const form = read(button.closest(".order-form"));
  if (action === "assign" && !form.supplier) {
    say(id, twin.words.t("orders.supplier.needed"));
    return;
  }
  const wanted = { action, version: Number(version), ...form };
  if (wanted.progress) wanted.progress = Number(wanted.progress);
  if (button.dataset.givenRating) wanted.rating = Number(button.dataset.givenRating);
  if (button.dataset.givenOn) wanted.on = button.dataset.givenOn === "true";
  if (action === "note") wanted.text = text;
  else if (button.dataset.asks) wanted.reason = text;
  else if (text) wanted.note = text;
  button.disabled = true;
  const answer = await post(twin, `/${encodeURIComponent(id)}`, JSON.stringify(wanted));
  button.disabled = false;
  if (answer.status === 200) {
    const field = panel.querySelector(".order-actions > .order-field input");
    if (field) field.value = "";
    set(MOVED, Date.now());
    say(id, twin.words.t("orders.done_step", { action: button.textContent.trim() }));
  } else if (answer.status === 409) {
    const steps = answer.body.changed.map((step) => twin.words.t("orders.changed.step", {
      who: step.who, action: twin.words.t(`order_action.${step.action}`), at: twin.words.time(step.at),
    }));
    set(MOVED, Date.now());
    say(id, twin.words.t("orders.changed", { steps: steps.join(twin.words.t("orders.changed.and")) }));
  } else say(id, refused(twin, answer));
}

async function make(button, twin) {
  const form = button.closest(".order-new");
  const wanted = read(form);
  if (!wanted.title) {
    say("new", twin.words.t("orders.title.needed"));
    form.querySelector("input[name=title]").focus();
    return;
  }
  if (!wanted.supplier) delete wanted.supplier_kind;
  const from = form.querySelector("select[name=incident]")?.selectedOptions[0]?.dataset;
  if (wanted.incident) {
    wanted.source = "incident";
    if (from.layer && from.place) Object.assign(wanted, { layer: from.layer, place: from.place });
    if (from.grid && !wanted.grid) wanted.grid = from.grid;
  }
  button.disabled = true;
  const answer = await post(twin, "", JSON.stringify(wanted));
  button.disabled = false;
  if (answer.status !== 201) {
    say("new", refused(twin, answer));
    return;
  }
  set(MOVED, Date.now());
  set(CHOSEN, { number: answer.body.id });
}

/** Asks for a file, and what would become of it. */
function choose(twin) {
  const input = document.createElement("input");
  input.type = "file";
  input.accept = ".csv,.xlsx,text/csv";
  input.hidden = true;
  document.body.append(input);
  input.addEventListener("cancel", () => input.remove());
  input.addEventListener("change", async () => {
    const file = input.files[0];
    input.remove();
    if (!file) return;
    table = { name: file.name, body: await file.arrayBuffer() };
    const answer = await post(twin, "/table?dry_run=true", table.body, "application/octet-stream");
    tell(twin, answer);
  });
  input.click();
}

async function send(twin, partial) {
  if (!table) return;
  const answer = await post(
    twin, `/table?partial=${partial}`, table.body, "application/octet-stream",
  );
  if (answer.status !== 200) {
    tell(twin, answer);
    return;
  }
  table = null;
  set(MOVED, Date.now());
  place([line(twin.words.t("orders.import.made", { n: answer.body.made.length }))]);
}

function tell(twin, answer) {
  const { words } = twin;
  const told = answer.body;
  if (told.fit === undefined) {
    place([line(refused(twin, answer))]);
    return;
  }
  const nodes = [line(words.t("orders.import.found", {
    name: table.name, rows: told.rows, fit: told.fit, faulty: told.faulty,
  }))];
  if (told.faults.length) {
    const list = document.createElement("ol");
    list.className = "order-faults";
    for (const fault of told.faults) {
      const item = document.createElement("li");
      item.textContent = words.t("orders.import.fault", { row: fault.row, why: reason(words, fault) });
      list.append(item);
    }
    nodes.push(list);
  }
  if (told.fit) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "action primary";
    button.dataset.orderImport = told.faulty ? "partial" : "all";
    button.textContent = words.t(told.faulty ? "orders.import.partial" : "orders.import.all", { n: told.fit });
    nodes.push(button);
  }
  place(nodes);
}

function reason(words, fault) {
  const field = words.has(`order_field.${fault.field}`) ? words.t(`order_field.${fault.field}`) : fault.field;
  const key = `orders.fault.${fault.why}`;
  if (!words.has(key)) return fault.error;
  const begins = { kind: "order", level: "order_level", source: "order_source" }[fault.field] ?? fault.field;
  const known = (fault.known ?? []).map((name) => words.t(`${begins}.${name}`)).join(words.t("orders.fault.or"));
  return words.t(key, { field, got: fault.got ?? "", most: fault.most ?? "", known });
}

function line(text) {
  const node = document.createElement("p");
  node.textContent = text;
  return node;
}

function place(nodes) {
  document.querySelector("[data-order-imported]")?.replaceChildren(...nodes);
}
