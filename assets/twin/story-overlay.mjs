// Rows that only this page sees, laid over the live state: the stream goes on below them untouched.

export class Overlay {
  constructor() {
    /** @type {Map<string, Map<string, object>>} layer -> id -> row */
    this.rows = new Map();
    /** What the stream has where we lay ours; undefined where it has nothing. */
    this.under = new Map();
  }

  get empty() {
    return this.rows.size === 0;
  }

  /** Takes in rows; they are seen from the next `lay` on. @param {object} added {layer: {id: row}} */
  put(added) {
    for (const [layer, rows] of Object.entries(added ?? {})) {
      if (!this.rows.has(layer)) this.rows.set(layer, new Map());
      for (const [id, row] of Object.entries(rows)) this.rows.get(layer).set(id, row);
    }
  }

  /** Takes our rows off, so that a patch meets the state that it was made for. */
  lift(layers) {
    for (const [layer, rows] of this.under) {
      const table = layers[layer];
      if (!table) continue;
      for (const [id, row] of rows) {
        if (row === undefined) delete table[id];
        else table[id] = row;
      }
    }
    this.under.clear();
  }

  /** Lays our rows over; what is below is remembered. */
  lay(layers) {
    this.under.clear();
    for (const [layer, rows] of this.rows) {
      const table = (layers[layer] ??= {});
      const under = new Map();
      for (const [id, row] of rows) {
        under.set(id, table[id]);
        table[id] = { ...table[id], ...row };
      }
      this.under.set(layer, under);
    }
  }

  /** Ids that we lay rows over, by layer, as a patch tells them. */
  get touched() {
    return Object.fromEntries([...this.rows].map(([layer, rows]) => [layer, [...rows.keys()]]));
  }
}
