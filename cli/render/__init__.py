"""What a command found, as text and tables."""
