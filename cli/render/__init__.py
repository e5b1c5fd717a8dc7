"""What a command found, as a table, JSON or CSV."""
