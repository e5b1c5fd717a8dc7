"""Tests of the `voltbook` command."""
