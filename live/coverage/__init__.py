"""Coverage that follows the living twin: what it knows of now, applied change by change."""

from live.coverage.facts import Facts, read_facts
from live.coverage.people import protect_people
from live.coverage.watch import LAYER, CoverageWatch

__all__ = ["LAYER", "CoverageWatch", "Facts", "protect_people", "read_facts"]
