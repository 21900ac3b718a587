// The patch reducer: a snapshot and the patches after it give the live state (docs/wire-protocol.md).

/**
 * Applies one patch. A row that changed is a new object, one that did not keeps its identity; the
 * table of a layer is the same table with rows put in, as copying thousands of rows for a few that
 * changed would be most of an update's cost.
 *
 * @param {Record<string, Record<string, object>>} layers {layer: {id: row}}
 * @param {{a?: object, c?: object, r?: object}} patch
 * @returns {{layers: object, changed: Record<string, string[]>}} the new state and the ids touched
 */
export function applyPatch(layers, patch) {
  const next = { ...layers };
  const changed = {};
  const touch = (layer) => {
    if (!Object.hasOwn(changed, layer)) {
      changed[layer] = [];
      next[layer] ??= {};
    }
    return next[layer];
  };
  for (const [layer, ids] of Object.entries(patch.r ?? {})) {
    const rows = touch(layer);
    for (const id of ids) {
      delete rows[id];
      changed[layer].push(id);
    }
  }
  for (const [layer, added] of Object.entries(patch.a ?? {})) {
    const rows = touch(layer);
    for (const [id, row] of Object.entries(added)) {
      rows[id] = row;
      changed[layer].push(id);
    }
  }
  for (const [layer, updates] of Object.entries(patch.c ?? {})) {
    const rows = touch(layer);
    const ids = changed[layer];
    // hundreds at a time: no pair of key and value is made for each
    for (const id in updates) {
      const row = rows[id];
      // a change to a row that was never sent is passed over: half a row would look like a whole
      // one; what every object inherits (toString) is no row either
      if (typeof row !== "object") continue;
      rows[id] = { ...row, ...updates[id] };
      ids.push(id);
    }
  }
  return { layers: next, changed };
}
