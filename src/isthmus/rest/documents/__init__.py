"""Documents over HTTP: one by one, many at once, and by query."""
