"""Random faults against whole builds: the short part runs with the tests, the long one with `make chaos`."""
