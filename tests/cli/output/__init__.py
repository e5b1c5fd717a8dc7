"""Tests of `cli.output`."""
