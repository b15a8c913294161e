"""What Claude Code starts for an event; standard library only."""
