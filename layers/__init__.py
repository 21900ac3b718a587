"""Frames and state to deck.gl layers and columnar data."""
