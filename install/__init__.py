"""Wires Claude Code to the daemon, and unwires it."""
