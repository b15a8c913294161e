"""The resident process: turns text events into spoken sentences."""
