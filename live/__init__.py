"""The changing twin: feeds, events, store, state and patches."""
