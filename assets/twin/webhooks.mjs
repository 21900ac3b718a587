// The page of webhooks in the browser: adds, pauses, tests, removes, sends again.

const MOVED = "hooks-moved";

/** @param {() => import("./twin.mjs").Twin|null} running gives the twin of the page */
export function watchHooks(running) {
  document.addEventListener("click", (event) => {
    const node = event.target.closest?.("[data-hook-event], [data-hook-add], [data-hook-act]");
    const twin = running();
    if (!node || !twin?.words) return;
    if (node.dataset.hookEvent) {
      node.setAttribute("aria-pressed", String(node.getAttribute("aria-pressed") !== "true"));
    } else if (node.dataset.hookAdd) add(node, twin);
    else act(node, twin);
  });
}

async function ask(twin, method, path, body) {
  try {
    const response = await fetch(`${twin.api}/api/v1/webhooks${path}`, {
      method, headers: { "content-type": "application/json" }, body: body && JSON.stringify(body),
    });
    return { status: response.status, body: await response.json().catch(() => ({})) };
  } catch {
    return { status: 0, body: {} };
  }
}

function say(text) {
  document.querySelector("[data-hook-said]").textContent = text;
}

function refused(twin, answer) {
  if (answer.status === 401 || answer.status === 403) return twin.words.t("orders.no_right");
  return answer.body.error ?? twin.words.t("orders.failed");
}

async function add(button, twin) {
  const form = button.closest(".hook-form");
  const given = { events: [...form.querySelectorAll("[data-hook-event][aria-pressed=true]")]
    .map((node) => node.dataset.hookEvent) };
  for (const node of form.querySelectorAll("input[name]")) {
    if (node.value.trim()) given[node.name] = node.value.trim();
  }
  button.disabled = true;
  const answer = await ask(twin, "POST", "", given);
  button.disabled = false;
  if (answer.status !== 201) {
    say(refused(twin, answer));
    return;
  }
  say(twin.words.t("hooks.added", { secret: answer.body.secret }));
  window.dash_clientside.set_props(MOVED, { data: Date.now() });
}

async function act(button, twin) {
  const { hookAct: action, hookId: id } = button.dataset;
  // what cannot be taken back is asked for twice
  if (action === "remove" && !button.dataset.sure) {
    button.dataset.sure = "true";
    button.textContent = twin.words.t("hooks.sure");
    return;
  }
  button.disabled = true;
  const path = encodeURIComponent(id);
  const answer = action === "remove" ? await ask(twin, "DELETE", `/${path}`)
    : action === "replay" ? await ask(twin, "POST", `/deliveries/${path}`, {})
      : await ask(twin, "POST", `/${path}`, { action });
  button.disabled = false;
  say(answer.status === 200 ? twin.words.t(`hooks.done.${action}`) : refused(twin, answer));
  window.dash_clientside.set_props(MOVED, { data: Date.now() });
}
