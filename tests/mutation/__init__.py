"""Mutation testing of the rules of the book: each small change must make a test fail, or be listed as equivalent.

cosmic-ray makes the mutants; each is tried in a process forked from one that has imported all the libraries, which is
ten times as quick as its own way, one command line a mutant.
"""
