"""One module a noun, imported when that noun is asked for and not before."""
