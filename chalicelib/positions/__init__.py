"""Positions: the sum of a trader's trades in each delivery period."""
