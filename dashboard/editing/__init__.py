"""Settings that managers edit in the browser: checked, kept as edits, applied at once, undone."""
