"""Detection: events and time in, signals out; pure, so that history can be tried as well."""

from live.incidents.detect.detector import Detector

__all__ = ["Detector"]
