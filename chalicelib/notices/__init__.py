"""Messages to the desk, each sent once."""
