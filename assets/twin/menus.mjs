// Menus that open on a page (`<details>`): Escape and a press elsewhere shut them.

const OPEN = "details.office-more[open]";

export function watchMenus() {
  document.addEventListener("keydown", (event) => {
    const open = event.key === "Escape" && document.querySelector(OPEN);
    if (!open) return;
    open.open = false;
    open.querySelector("summary").focus();
    event.stopPropagation();
  }, true);
  document.addEventListener("pointerdown", (event) => {
    for (const open of document.querySelectorAll(OPEN)) {
      if (!open.contains(event.target)) open.open = false;
    }
  }, true);
}
