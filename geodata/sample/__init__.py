"""The sample community: made by a seeded script, so that a demo needs no one's data."""

from geodata.sample.make import SEED, make_sample, write_sample

__all__ = ["SEED", "make_sample", "write_sample"]
