"""Every parser on broken input, at random by a seed: `make fuzz`."""
