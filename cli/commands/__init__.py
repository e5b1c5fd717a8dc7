"""Commands, a module for each group, imported only when it is used."""
