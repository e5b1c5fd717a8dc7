"""The one-machine stack behind `make up`: the engines, the API, the clock and the inbox, all on loopback."""
