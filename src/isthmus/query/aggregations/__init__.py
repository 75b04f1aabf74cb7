"""Aggregations from JSON: which there are, what each may say, and whether they fit together. Pure."""
