"""The HTTP API: one Blueprint a noun, each view parses, calls one service and renders."""
