"""Expected files and their receipts."""
