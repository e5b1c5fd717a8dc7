"""Tests of `cli.client`."""
