"""Everything that is too slow for every change: `make torture MINUTES=n` runs it and prints the scorecard."""
