"""Two simple programs with a part of Voltbook's contract, for figures beside ours: a web framework over SQLite each."""
