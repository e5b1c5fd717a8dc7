"""The whole book, proved, mended and moved."""
