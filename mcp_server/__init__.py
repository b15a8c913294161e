"""The MCP tools, hosted in the daemon, and the bridge a session starts."""
