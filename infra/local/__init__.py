"""The one-machine stack behind `make up`: the engines, the API, the schedule and the inbox, all on loopback."""
