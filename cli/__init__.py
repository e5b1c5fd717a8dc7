"""The `voltbook` command: the operator's and the trader's way to the book from a terminal."""
