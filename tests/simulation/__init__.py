"""A deterministic simulation of the whole book: the real services, one thread, one seed, and every fault there is.

`python -m tests.simulation --seed N` replays one history; without a seed it goes through as many as time allows.
"""
