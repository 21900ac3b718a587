"""Rights: who asks, what they may use, and the one gate that every request passes."""

from dashboard.access.viewer import Viewer, current_viewer, seen_by

__all__ = ["Viewer", "current_viewer", "seen_by"]
