// On a phone the card is a sheet: dragged by its handle, or opened and closed by a tap on it.

const SNAPS = ["low", "half", "full"];
const FLING_PX = 36;

export class Sheet {
  /** @param {HTMLElement} node the rail that becomes a sheet @param {() => void} onRest */
  constructor(node, onRest) {
    this.node = node;
    this.onRest = onRest;
    this.at = "half";
    this.listeners = new AbortController();
    const { signal } = this.listeners;
    node.dataset.sheet = this.at;
    node.addEventListener("pointerdown", (event) => this.#grab(event), { signal });
    // a quick hand has left the sheet by its first move
    addEventListener("pointermove", (event) => this.#drag(event), { signal });
    for (const kind of ["pointerup", "pointercancel"]) {
      addEventListener(kind, (event) => this.#drop(event), { signal });
    }
  }

  get isSheet() {
    return getComputedStyle(this.node).getPropertyValue("--sheet").trim() === "1";
  }

  #grab(event) {
    if (!this.isSheet || !event.target.closest(".story-handle, .story-head")) return;
    this.from = { y: event.clientY, height: this.node.getBoundingClientRect().height, moved: false };
  }

  #drag(event) {
    if (!this.from) return;
    const by = this.from.y - event.clientY;
    if (!this.from.moved && Math.abs(by) < 6) return;
    if (!this.from.moved) {
      this.from.moved = true;
      this.node.setPointerCapture(event.pointerId);
      this.node.classList.add("dragged");
    }
    const most = innerHeight * 0.92;
    this.node.style.height = `${Math.max(90, Math.min(most, this.from.height + by))}px`;
  }

  #drop(event) {
    const { from } = this;
    this.from = null;
    if (!from?.moved) return;
    this.node.classList.remove("dragged");
    this.node.style.height = "";
    const by = from.y - event.clientY;
    const k = SNAPS.indexOf(this.at);
    const far = Math.abs(by) > innerHeight * 0.42 ? 2 : 1;
    if (Math.abs(by) > FLING_PX) this.set(SNAPS[Math.max(0, Math.min(2, k + Math.sign(by) * far))]);
    // the click that follows a drag opens nothing
    const swallow = (click) => click.stopPropagation();
    addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", swallow, { capture: true }), 50);
  }

  toggle() {
    this.set(this.at === "half" ? "low" : "half");
  }

  set(at) {
    if (at === this.at) return;
    this.at = at;
    this.node.dataset.sheet = at;
    this.node.querySelector(".story-handle")?.setAttribute("aria-expanded", String(at !== "low"));
    setTimeout(this.onRest, 320);
  }

  destroy() {
    this.listeners.abort();
  }
}
