"""The reference reducer of patches, twin of `assets/twin/patch.mjs`.

Both pass the fixtures in `tests/fixtures/wire`. Rows that a patch touches are new objects, all
others stay the same objects.
"""

from __future__ import annotations

from typing import Any

Snapshot = dict[str, Any]
Patch = dict[str, Any]


class GapError(Exception):
    """Patches are missing between the snapshot and this one: take a new snapshot."""


def apply_patch(snapshot: Snapshot, patch: Patch) -> Snapshot:
    """Return the snapshot after a patch.

    A patch that the snapshot already holds changes nothing. A change of an unknown row, and the
    removal of one, are passed over.

    Raises:
        GapError: The patch is of another epoch, or does not follow on the snapshot.
    """
    if patch["epoch"] != snapshot["epoch"]:
        raise GapError(f"epoch {patch['epoch']} after {snapshot['epoch']}")
    if patch["seq"] <= snapshot["seq"]:
        return snapshot
    if patch["seq"] != snapshot["seq"] + 1:
        raise GapError(f"patch {patch['seq']} after {snapshot['seq']}")
    layers = dict(snapshot["layers"])
    for layer, rows in patch.get("a", {}).items():
        layers[layer] = {**layers.get(layer, {}), **rows}
    for layer, rows in patch.get("c", {}).items():
        old = layers.get(layer, {})
        changed = {key: {**old[key], **fields} for key, fields in rows.items() if key in old}
        layers[layer] = {**old, **changed}
    for layer, keys in patch.get("r", {}).items():
        gone = set(keys)
        layers[layer] = {k: row for k, row in layers.get(layer, {}).items() if k not in gone}
    return {**snapshot, "seq": patch["seq"], "at": patch["at"], "layers": layers}
