"""The AWS side of the ports; nothing here is imported before a request needs it."""
