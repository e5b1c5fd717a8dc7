"""Sample daily files and their generator, so that try-outs and benchmarks start from realistic trades."""
