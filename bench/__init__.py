"""Benchmarks: each prints ratios, for the figures themselves are those of the machine they were taken on."""
