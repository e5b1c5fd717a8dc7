"""Files into the book."""
