"""Logins and roles."""
