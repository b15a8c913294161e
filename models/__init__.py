"""Translators and synthesizers, each in a worker process, and the files they need."""
