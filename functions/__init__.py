"""Scheduled and event functions, one module each: Chalice derives the handler's name from it."""
