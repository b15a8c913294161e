"""Pure functions from Markdown to sentences one can say."""
