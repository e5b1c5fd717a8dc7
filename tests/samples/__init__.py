"""Tests of the sample files, because every try-out and the README's report rest on them."""
