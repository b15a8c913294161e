"""Translation that is checked: what must come back, what a translation cannot be, and what is done then."""
