"""The scheduled and event functions, one file and one Blueprint each: Chalice names handlers by the module."""
