"""Fakes of every port, in memory; the contract suites run against these and the real ones."""
