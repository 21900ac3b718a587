// Shows what is masked to whoever says why: for a while, with who looks and when over the panel.

/**
 * @param {HTMLElement} button with data-reveal (a layer) and data-reveal-id
 * @param {import("./twin.mjs").Twin} twin
 */
export async function reveal(button, twin) {
  const box = button.closest(".reveal");
  const field = box.querySelector("input");
  const said = box.querySelector("[role=status]");
  if (field.value.trim().length < 2) {
    said.textContent = twin.words.t("reveal.needed");
    field.focus();
    return;
  }
  const { reveal: layer, revealId: id } = button.dataset;
  button.disabled = true;
  try {
    const response = await fetch(`${twin.api}/api/v1/reveals`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ layer, id, reason: field.value }),
    });
    if (!response.ok) throw new Error(String(response.status));
    const told = await response.json();
    if (layer === "vehicles") show(box, told, twin);
    else {
      const panel = box.closest("[data-detail-id]");
      twin.pick({ layer: panel.dataset.detailLayer, id: panel.dataset.detailId });
    }
  } catch (error) {
    const busy = error.message === "429";
    said.textContent = twin.words.t(busy ? "reveal.busy" : "reveal.failed");
  } finally {
    button.disabled = false;
  }
}

/** Puts the plate in the place of the question until its time is over. */
function show(box, told, twin) {
  const panel = box.closest(".card");
  const asked = [...box.children];
  const plate = document.createElement("p");
  plate.className = "reveal-plate";
  plate.textContent = told.plate;
  const note = document.createElement("p");
  note.className = "note";
  note.textContent = twin.words.t("reveal.until", {
    at: new Date(told.until * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }),
  });
  const mark = watermark(`${told.who} ${told.at}`);
  box.replaceChildren(plate, note);
  panel.append(mark);
  setTimeout(() => {
    mark.remove();
    box.replaceChildren(...asked);
  }, told.seconds * 1000);
}

/** @param {string} text who looks and when @returns {HTMLElement} that lies over a whole panel */
export function watermark(text) {
  const mark = document.createElement("div");
  mark.className = "watermark";
  mark.setAttribute("aria-hidden", "true");
  for (let n = 0; n < 40; n += 1) mark.append(Object.assign(document.createElement("span"), { textContent: text }));
  return mark;
}
