// Taking a step in an incident: asks the server, says what came of it, shows the panel anew.

/**
 * @param {HTMLElement} button with data-incident-action, -id, -version and what it gives
 * @param {import("./twin.mjs").Twin} twin
 */
export async function takeStep(button, twin) {
  const { incidentAction: action, incidentId: id, incidentVersion: version } = button.dataset;
  const panel = button.closest(".card-incident");
  const said = panel?.querySelector(".incident-said");
  const text = panel?.querySelector("input.incident-text, .incident-text input")?.value.trim() ?? "";
  const wanted = { action, version: Number(version), ...givenBy(button.dataset, action, text, panel) };
  if (button.dataset.asks && !text) {
    say(said, twin.words.t("incidents.text.needed"));
    return;
  }
  button.disabled = true;
  let answer;
  try {
    const response = await fetch(`${twin.api}/api/v1/incidents/${encodeURIComponent(id)}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(wanted),
    });
    answer = { status: response.status, body: await response.json() };
  } catch {
    answer = { status: 0, body: {} };
  }
  button.disabled = false;
  if (answer.status === 200) twin.pick({ layer: "incidents", id });
  else if (answer.status === 409) {
    const text = `${twin.words.t("incidents.stale")}${others(answer.body.changed ?? [], twin.words)}`;
    say(said, text);
    twin.pick({ layer: "incidents", id });
    sayAnew(id, version, text);
  } else if (answer.status === 401 || answer.status === 403) {
    say(said, twin.words.t("incidents.no_right"));
  } else say(said, answer.body.error ?? twin.words.t("incidents.failed"));
}

/** Makes an order of an incident; the board shows it. */
export async function makeOrder(button, twin) {
  const { incidentOrder: incident, orderPlace: layer, orderId: place, orderGrid: grid, orderKind: kind,
    orderTitle: title } = button.dataset;
  const said = button.closest(".card-incident")?.querySelector(".incident-said");
  const text = button.closest(".card-incident")?.querySelector("input.incident-text, .incident-text input")?.value.trim();
  button.disabled = true;
  try {
    const response = await fetch(`${twin.api}/api/v1/orders`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ kind, title: text ? `${title}：${text}` : title, source: "incident", incident,
        layer, place, grid, level: "general" }),
    });
    const body = await response.json();
    say(said, response.ok ? twin.words.t("desk.ordered", { id: body.id }) : body.error ?? twin.words.t("incidents.failed"));
    button.disabled = response.ok;
  } catch {
    button.disabled = false;
    say(said, twin.words.t("incidents.failed"));
  }
}

function givenBy(data, action, text, panel) {
  if (action === "step") {
    return { step: data.givenStep, how: data.givenHow, ...(data.givenHow === "skipped" ? { reason: text } : {}) };
  }
  if (action === "note") return { text };
  if (action === "hand_over") return { to: text };
  if (action === "reopen") return { reason: text };
  if (action === "shelve") return { reason: text, for_s: Number(panel.querySelector("[data-shelve-for]").value) };
  return text ? { note: text } : {};
}

/** What others did meanwhile, as far as the server told. */
function others(changed, words) {
  const told = changed.slice(-3).map(({ who, action }) => {
    const key = `incident_action.${action}`;
    const name = who === "system" ? words.t("incidents.system") : who;
    return `${name} · ${words.has(key) ? words.t(key) : action}`;
  });
  return told.length ? ` (${told.join("; ")})` : "";
}

/** Says it in the card that comes in the place of the one that was older. */
function sayAnew(id, version, text, tries = 50) {
  const card = document.querySelector(`.card-incident[data-detail-id="${CSS.escape(id)}"]`);
  if (card && card.dataset.version !== version) say(card.querySelector(".incident-said"), text);
  else if (tries) setTimeout(() => sayAnew(id, version, text, tries - 1), 100);
}

function say(node, text) {
  if (node) node.textContent = text;
}
