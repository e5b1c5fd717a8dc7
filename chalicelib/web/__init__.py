"""Shared by all routes."""
