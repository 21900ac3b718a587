"""A seeded simulator of a community's day: people, vehicles, devices, services and their faults."""

from live.simulator.simulator import Simulator

__all__ = ["Simulator"]
