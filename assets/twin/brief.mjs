// The page of briefs in the browser: which brief, its PDF, hand-overs written and acknowledged.

const KIND = "brief-kind";
const MOVED = "brief-moved";
const MOST_BACK = 60;

let chosen = { page: null, kind: "shift", back: 0 };

/** @param {() => import("./twin.mjs").Twin|null} running gives the twin of the page */
export function watchBrief(running) {
  document.addEventListener("click", (event) => {
    const node = event.target.closest?.("[data-brief-kind], [data-brief-back], [data-shift-act]");
    const twin = running();
    if (!node || !twin?.words) return;
    if (node.dataset.shiftAct) act(node, twin);
    else choose(node, twin);
  });
}

function choose(node, twin) {
  const page = document.getElementById("twin-page");
  if (chosen.page !== page) chosen = { page, kind: "shift", back: 0 };
  if (node.dataset.briefKind) Object.assign(chosen, { kind: node.dataset.briefKind, back: 0 });
  else if (chosen.kind === "shift") return; // a shift has no calendar to go back in
  else chosen.back = Math.min(MOST_BACK, Math.max(0, chosen.back + Number(node.dataset.briefBack)));
  for (const each of page.querySelectorAll("[data-brief-kind]")) {
    each.setAttribute("aria-pressed", String(each.dataset.briefKind === chosen.kind));
  }
  const { kind, back } = chosen;
  const link = page.querySelector("[data-brief-pdf]");
  link.href = `${twin.api}/api/v1/brief.pdf?kind=${kind}&back=${back}&lang=${page.dataset.lang}`;
  window.dash_clientside.set_props(KIND, { data: { kind, back } });
}

async function act(button, twin) {
  const field = document.querySelector(".brief-notes textarea, textarea.brief-notes");
  const said = document.querySelector("[data-shift-said]");
  const { shiftAct: action, shiftId: id } = button.dataset;
  const notes = action === "hand_over" ? field.value.trim() : "";
  if (action === "hand_over" && !notes) {
    said.textContent = twin.words.t("brief.error.notes");
    field.focus();
    return;
  }
  // where nobody logs in, the two shifts need two names
  const by = twin.about?.simulated ? { by: twin.words.t(action === "hand_over" ? "brief.demo.out" : "brief.demo.in") } : {};
  button.disabled = true;
  let answer;
  try {
    const path = action === "hand_over" ? "" : `/${encodeURIComponent(id)}`;
    const response = await fetch(`${twin.api}/api/v1/shifts${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ notes, ...by }),
    });
    answer = { status: response.status, body: await response.json().catch(() => ({})) };
  } catch {
    answer = { status: 0, body: {} };
  }
  button.disabled = false;
  if (answer.status < 300 && answer.status >= 200) {
    said.textContent = twin.words.t(`brief.done.${action}`, { id: answer.body.id });
    if (action === "hand_over") field.value = "";
  } else if (answer.status === 409) {
    said.textContent = twin.words.t("brief.error.taken", { who: answer.body.changed[0].who });
  } else if (answer.status === 401 || answer.status === 403) {
    said.textContent = twin.words.t("orders.no_right");
  } else if (twin.words.has(`brief.error.${answer.body.why}`)) {
    said.textContent = twin.words.t(`brief.error.${answer.body.why}`);
  } else said.textContent = answer.body.error ?? twin.words.t("orders.failed");
  window.dash_clientside.set_props(MOVED, { data: Date.now() });
}
