"""The formats of files, one a module."""
