"""Who did what to the whole book."""
