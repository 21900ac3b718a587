// Starts the twin on whatever page is shown, and keeps one map for the life of the document.

import { watchBrief } from "./twin/brief.mjs";
import { hydrateIcons } from "./twin/icons.mjs";
import { makeOrder, takeStep } from "./twin/incident-actions.mjs";
import { Progress } from "./twin/loading.mjs";
import { watchMenus } from "./twin/menus.mjs";
import { watchOrders } from "./twin/orders.mjs";
import { watchHooks } from "./twin/webhooks.mjs";
import { placeOf } from "./twin/places.mjs";
import { reveal } from "./twin/reveal.mjs";
import { watchSettings } from "./twin/settings.mjs";
import { Twin } from "./twin/twin.mjs";

/** @type {Twin|null} the one that runs, whatever page shows it */
let running = null;
let startedFor = null;

async function run(place) {
  const host = document.getElementById("twin-map");
  for (let wait = 500; ; wait = Math.min(8000, wait * 2)) {
    const mine = new Twin(host, place);
    running = mine;
    if (startedFor) showOn(startedFor);
    try {
      await mine.start();
      return;
    } catch (error) {
      console.warn(error.message);
      await new Promise((done) => setTimeout(done, wait));
      if (running !== mine) return;
      mine.stop();
    }
  }
}

function showOn(page) {
  running.progress = new Progress(page, running.words ?? null);
  if (running.noted) running.progress.note(running.noted);
  if (running.stepped) running.progress.step(...running.stepped);
  running.attach(page);
  if (running.host.dataset.ready) running.progress.done();
}

/** The title is the page's heading; Dash puts its own there, which is in one language. */
function tellTitle() {
  const title = startedFor?.querySelector("h1")?.textContent ?? "";
  if (startedFor && document.title !== title) document.title = title;
}

/** Looks at what page Dash shows now and starts, moves or stops the twin. */
function follow() {
  const page = document.getElementById("twin-page");
  if (!page || page === startedFor) return;
  startedFor = page;
  document.documentElement.lang = page.lang;
  tellTitle();
  document.body.dataset.page = page.dataset.page;
  hydrateIcons(page);
  if (page.dataset.api === undefined) {
    running?.stop();
    running = null;
  } else if (running && running.api === page.dataset.api && running.place.lang === page.dataset.lang) {
    showOn(page);
  } else {
    running?.stop();
    run(placeOf(page));
  }
}

const first = placeOf(null);
if (first) run(first);

document.addEventListener("click", (event) => {
  // the other language shows the same place
  const other = event.target.closest?.("a[data-icon=language]");
  if (other) other.hash = location.hash;
  const node = event.target.closest?.("[data-tool], [data-preset], [data-incident-action], [data-incident-order], [data-layer], [data-goto-id], [data-reveal]");
  if (!node || !running?.words) return;
  if (node.dataset.reveal) reveal(node, running);
  else if (node.dataset.incidentAction) takeStep(node, running);
  else if (node.dataset.incidentOrder) makeOrder(node, running);
  else if (node.dataset.tool === "flows") running.flow(node);
  else if (node.dataset.tool === "copy") running.copyLink(node);
  else if (node.dataset.tool) running.tool(node.dataset.tool);
  else if (!running.map) return;
  else if (node.dataset.preset) running.controls.choose(node.dataset.preset);
  else if (node.dataset.gotoId) running.goTo({ layer: node.dataset.gotoLayer, id: node.dataset.gotoId });
  else running.toggle(node);
});
document.addEventListener("keydown", (event) => {
  if (!running?.map || running.place.office || event.defaultPrevented) return;
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  const plain = !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (plain && event.key.toLowerCase() === "l" && running.machine?.away) running.machine.live();
  else if (event.key === "Escape" && !typing) {
    if (running.machine?.away && !running.picked) running.machine.live();
    else running.way.up();
  }
  else if (event.target === running.host && running.way.key(event.key)) event.preventDefault();
});
watchMenus();
watchOrders(() => running);
watchHooks(() => running);
watchBrief(() => running);
watchSettings(() => running);
new MutationObserver(follow).observe(document.documentElement, { childList: true, subtree: true });
new MutationObserver(tellTitle).observe(document.querySelector("title"), { childList: true });
follow();
