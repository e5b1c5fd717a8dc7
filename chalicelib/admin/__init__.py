"""The whole book: checked, repaired and moved."""
