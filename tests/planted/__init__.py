"""Deliberate bugs, each planted in a copy of the tree, to prove that the tests would notice."""
