"""Deliberate bugs, each seeded in a copy of the tree, to prove that the tests notice them."""
